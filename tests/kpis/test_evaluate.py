"""Figures of a small company, worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.scope import resolve
from history import as_recorded_at
from kpis.declarations import State
from kpis.evaluate import answer
from kpis.questions import BadQuestion, Question
from kpis.rates import MissingRate
from kpis.registry import all_kpis
from pipeline.models import Contract, Cost, Deal, DealLine, Lead, LeadStatus, Product, Rate
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.kpis.asking import NOW, ask, rows


def test_won_revenue_is_dated_by_close(deals: Cast) -> None:
    assert ask(deals, "won_revenue").value == 7_000_000
    assert ask(deals, "won_revenue", "2026-02-10").value == 1_000_000
    assert ask(deals, "won_revenue", "2026-01").value == 0


def test_a_period_is_half_open_in_the_companys_zone(deals: Cast) -> None:
    make_deal(deals, deals.minsu, deals.won, amount=5, closed_at=seoul(2026, 1, 31, 23, 59))
    make_deal(deals, deals.minsu, deals.won, amount=7, closed_at=seoul(2026, 2, 1))
    assert ask(deals, "won_revenue", "2026-01").value == 5
    assert ask(deals, "won_revenue", "2026-02").value == 7_000_007


def test_win_rate_leaves_duplicates_out_on_every_basis(deals: Cast) -> None:
    assert ask(deals, "win_rate").value == Decimal(3) / 4
    assert ask(deals, "win_rate", basis="value").value == Decimal(7) / 10
    make_deal(deals, deals.minsu, 1)
    assert ask(deals, "win_rate", basis="created").value == Decimal(3) / 5


def test_nothing_measured_is_not_zero(cast: Cast) -> None:
    found = ask(cast, "win_rate")
    assert (found.value, found.state) == (None, State.EMPTY)
    assert ask(cast, "sales_cycle").value is None
    assert ask(cast, "cac").value is None


def test_a_ratio_of_teams_is_a_ratio_of_sums(deals: Cast) -> None:
    assert rows(ask(deals, "win_rate", by="team")) == {"Seoul": Decimal(2) / 3, "Busan": 1}


def test_teams_of_a_team_are_its_children(deals: Cast) -> None:
    found = ask(deals, "won_revenue", scope="team:seoul", by="team")
    assert found.value == 3_000_000
    assert rows(found) == {"Seoul-1": 3_000_000}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("rep", {"Minsu": 1_000_000, "Jiwoo": 2_000_000, "Bora": 4_000_000}),
        ("industry", {"Manufacturing": 3_000_000, "Retail": 4_000_000}),
        ("month", {"Jan": 0, "Feb": 7_000_000, "Mar": 0}),
        ("kind", {"New business": 7_000_000}),
    ],
)
def test_parts_add_up_to_the_whole(deals: Cast, by: str, expected: dict[str, int]) -> None:
    found = ask(deals, "won_revenue", by=by)
    assert rows(found) == expected
    assert sum(value or 0 for value in rows(found).values()) == found.value


def test_by_product_reads_the_lines_and_counts_no_deal_twice(deals: Cast) -> None:
    deal = make_deal(deals, deals.minsu, deals.won, amount=300, closed_at=seoul(2026, 3, 3))
    for name, amount in (("Basic", 100), ("Pro", 200)):
        DealLine.objects.create(deal=deal, product=Product.objects.create(name=name), amount=amount)
    assert rows(ask(deals, "won_revenue", "2026-03", by="product")) == {"Basic": 100, "Pro": 200}
    pro = str(Product.objects.get(name="Pro").pk)
    assert ask(deals, "won_revenue", "2026-03", filters=(("product", pro),)).value == 300


def test_a_deal_without_lines_counts_under_no_known_product(deals: Cast) -> None:
    make_deal(deals, deals.minsu, deals.won, amount=300, closed_at=seoul(2026, 3, 3))
    found = ask(deals, "won_revenue", "2026-03", by="product")
    assert rows(found) == {"Not known": found.value} == {"Not known": 300}


def test_the_cycle_is_a_difference_of_business_dates(deals: Cast) -> None:
    assert ask(deals, "sales_cycle").value == 20
    assert ask(deals, "sales_cycle", basis="mean").value == pytest.approx(Decimal(58) / 3)
    assert ask(deals, "sales_cycle", basis="p75").value == 24


def test_average_deal_size_has_its_median_beside_it(deals: Cast) -> None:
    assert ask(deals, "average_deal_size").value == Decimal(7_000_000) / 3
    assert ask(deals, "average_deal_size", basis="median").value == 2_000_000


def test_dollars_count_at_the_rate_of_the_close_date(deals: Cast) -> None:
    for day, price in ((date(2026, 2, 27), 1400), (date(2026, 3, 5), 1500)):
        Rate.objects.create(currency="USD", day=day, price=price)
    make_deal(deals, deals.minsu, deals.won, amount=10, currency="USD", closed_at=seoul(2026, 3, 4))
    assert ask(deals, "won_revenue", "2026-03").value == 14_000


def test_without_a_rate_of_the_last_seven_days_a_total_is_unknown(deals: Cast) -> None:
    Rate.objects.create(currency="USD", day=date(2026, 2, 24), price=1400)
    make_deal(deals, deals.minsu, deals.won, amount=10, currency="USD", closed_at=seoul(2026, 3, 4))
    found = ask(deals, "won_revenue", "2026-Q1")
    assert (found.value, found.state) == (None, State.NO_RATE)
    assert found.missing_rate == MissingRate("USD", date(2026, 3, 4))
    assert ask(deals, "won_revenue", "2026-02").value == 7_000_000


def test_open_and_weighted_pipeline_leave_omitted_deals_out(cast: Cast) -> None:
    make_deal(cast, cast.minsu, 1, amount=100)
    make_deal(cast, cast.minsu, 3, amount=1000)
    make_deal(cast, cast.minsu, 4, amount=2000, probability=Decimal("0.5"))
    make_deal(cast, cast.minsu, 2, amount=4000, category="omitted")
    assert ask(cast, "open_pipeline").value == 3000
    assert ask(cast, "open_pipeline", basis="all").value == 7100
    assert ask(cast, "weighted_pipeline").value == 600 + 1000
    assert ask(cast, "open_deals").value == 2


def test_a_stock_of_a_past_period_is_read_at_its_end(cast: Cast) -> None:
    with as_recorded_at(seoul(2026, 1, 5)):
        deal = make_deal(cast, cast.minsu, 2, amount=100)
    with as_recorded_at(seoul(2026, 2, 10)):
        type(deal).objects.update(amount=300)
    assert ask(cast, "open_pipeline", "2025-12").value == 0
    assert ask(cast, "open_pipeline", "2026-01").value == 100
    assert ask(cast, "open_pipeline", "2026-02").value == 300
    by_month = ask(cast, "open_pipeline", "2026-Q1", by="month")
    assert [row.result.value for row in by_month.rows] == [100, 300, 300]


def test_as_of_gives_what_was_true_then(cast: Cast) -> None:
    with as_recorded_at(seoul(2026, 1, 5)):
        deal = make_deal(cast, cast.minsu, 2, amount=100)
    with as_recorded_at(seoul(2026, 2, 10)):
        type(deal).objects.update(stage=cast.won, outcome="won", closed_at=seoul(2026, 2, 10))
    assert ask(cast, "won_revenue").value == 100
    assert ask(cast, "won_revenue", as_of=seoul(2026, 2, 1)).value == 0
    assert ask(cast, "open_pipeline", as_of=seoul(2026, 2, 1)).value == 100


def test_known_at_alone_is_the_state_of_that_instant_as_it_was_recorded(cast: Cast) -> None:
    with as_recorded_at(seoul(2026, 1, 5)):
        make_deal(cast, cast.minsu, cast.won, amount=100, closed_at=seoul(2026, 1, 4))
    with as_recorded_at(seoul(2026, 3, 1)):
        Deal.objects.update(amount=700)
    assert ask(cast, "won_revenue").value == 700
    assert ask(cast, "won_revenue", known_at=seoul(2026, 2, 1)).value == 100
    later = ask(cast, "won_revenue", as_of=seoul(2026, 3, 10), known_at=seoul(2026, 2, 1))
    assert later.value == 100


def test_a_purchase_keeps_a_customer_for_twelve_months_to_the_day(cast: Cast) -> None:
    for day, customer in ((15, make_customer()), (16, make_customer("Saebyeok"))):
        bought = seoul(2025, 3, day)
        make_deal(cast, cast.minsu, cast.won, customer=customer, closed_at=bought)
    assert ask(cast, "retention_rate", "2026-03", basis="purchase").value == Decimal(1) / 2


def test_nobody_was_yet_retained_in_a_period_to_come(cast: Cast) -> None:
    Contract.objects.create(customer=make_customer(), start=date(2025, 1, 1), value=1)
    assert ask(cast, "retention_rate", "2026-02").value == 1
    assert ask(cast, "retention_rate", "2027").value is None


def test_lead_conversion_by_cohort_and_by_period(cast: Cast) -> None:
    def lead(created: int, converted: int | None = None) -> None:
        status = LeadStatus.CONVERTED if converted else LeadStatus.NEW
        Lead.objects.create(
            owner=cast.minsu,
            team=cast.teams["seoul-1"],
            status=status,
            created_at=seoul(2026, created, 10),
            converted_at=seoul(2026, converted, 15) if converted else None,
        )

    for created, converted in ((1, 1), (1, 2), (1, None), (1, None), (2, 2), (2, None)):
        lead(created, converted)
    assert ask(cast, "lead_volume", "2026-01").value == 4
    assert ask(cast, "lead_conversion_rate", "2026-01").value == Decimal(2) / 4
    assert ask(cast, "lead_conversion_rate", "2026-02", basis="period").value == Decimal(2) / 2


def test_cac_counts_customers_won_for_the_first_time(deals: Cast) -> None:
    Cost.objects.create(kind="marketing", day=date(2026, 2, 1), amount=600)
    Cost.objects.create(kind="delivery", day=date(2026, 2, 1), amount=99)
    assert ask(deals, "cac").value == 300
    with pytest.raises(PermissionDenied):
        ask(deals, "cac", viewer=deals.lee, scope="team:seoul-1")


def test_a_lead_sees_only_their_part_of_a_person_who_came_from_elsewhere(deals: Cast) -> None:
    deals.bora.memberships.create(team=deals.teams["seoul-1"], start=date(2026, 3, 1))
    mine = ask(deals, "won_revenue", viewer=deals.lee, scope=f"user:{deals.bora.pk}")
    assert mine.value == 0
    assert ask(deals, "won_revenue", scope=f"user:{deals.bora.pk}").value == 4_000_000


def test_however_many_questions_one_statement_reads_the_facts(deals: Cast) -> None:
    span = deals.company.calendar.parse("2026-Q1", at=NOW)
    scope = resolve("company", deals.eunji)
    questions = [Question(key, scope, span, compare="year") for key in all_kpis()]
    questions += [Question("won_revenue", scope, span, by="month"), questions[0]]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer(questions, viewer=deals.eunji, at=NOW)
    # The company, the facts, the targets; what was submitted and adjusted; what was modelled.
    assert len(queries) == 6


@pytest.mark.parametrize(
    ("kpi", "by", "read"),
    [
        ("won_revenue", "rep", 1),
        ("won_revenue", "month", 1),
        ("win_rate", "team", 1),
        # A median of parts is no median, and a deal has a line for each product.
        ("sales_cycle", "rep", 2),
        ("won_revenue", "product", 2),
    ],
)
def test_a_total_is_not_read_again_where_its_parts_add_up_to_it(
    deals: Cast, kpi: str, by: str, read: int
) -> None:
    whole = ask(deals, kpi).value
    with CaptureQueriesContext(connection) as queries:
        assert ask(deals, kpi, by=by).value == whole
    (facts,) = [query["sql"] for query in queries if '"number"' in query["sql"]]
    assert facts.count(" AS part_") == read


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("kpi", {"kpi": "profit"}),
        ("basis", {"basis": "guess"}),
        ("by", {"by": "moon"}),
        ("by", {"period": "2020-01-01..2026-01-01", "by": "day"}),
        ("compare", {"compare": "decade"}),
        ("shoe", {"filters": (("shoe", "42"),)}),
    ],
)
def test_a_question_without_an_answer_says_which_part_is_wrong(
    cast: Cast, field: str, options: dict[str, Any]
) -> None:
    with pytest.raises(BadQuestion) as caught:
        ask(cast, **{"kpi": "won_revenue", **options})
    assert caught.value.field == field


@pytest.mark.parametrize("key", list(all_kpis()))
def test_every_kpi_answers_at_every_scope_and_by_everything_it_offers(
    deals: Cast, key: str
) -> None:
    for scope in ("company", "team:seoul", f"user:{deals.minsu.pk}"):
        ask(deals, key, scope=scope)
    for basis in all_kpis()[key].bases:
        for by in (*sorted(basis.dimensions), "month", "week"):
            ask(deals, key, by=by, basis=basis.key, as_of=None if by == "product" else NOW)
