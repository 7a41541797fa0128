"""The board: columns with the totals of all their deals, and cards of those one may see."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from history import as_recorded_at
from pipeline.dwell import usual_days
from pipeline.models import Category, Rate, SalesProcess, Stage
from tests.cast import make_customer, make_deal

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from tests.cast import Cast
    from tests.pipeline.pages.conftest import Ask

QUERIES = 16


def column(response: Any, number: int) -> Any:
    return response.context["columns"][number - 1]


def names(response: Any, number: int) -> list[str]:
    return [card.deal.name for card in column(response, number).cards]


def test_a_column_totals_every_deal_of_its_stage(cast: Cast, get: Ask) -> None:
    for amount in (1_000_000, 2_000_000, None):
        make_deal(cast, cast.minsu, 3, amount=amount)
    make_deal(cast, cast.minsu, 4, amount=Decimal(5_000_000), probability=Decimal("0.5"))
    make_deal(cast, cast.minsu, cast.won, amount=Decimal(9_000_000))

    page = get(cast.eunji, "/pipeline/")

    assert (column(page, 3).totals.count, column(page, 3).totals.amount) == (3, 3_000_000)
    assert column(page, 3).totals.weighted == Decimal(1_800_000)
    assert column(page, 4).totals.weighted == Decimal(2_500_000)
    assert (page.context["count"], page.context["amount"]) == (4, 8_000_000)
    assert len(page.context["columns"]) == 4, "won and lost are no columns"


def test_the_board_says_what_pipeline_kpis_leave_out(cast: Cast, get: Ask) -> None:
    make_deal(cast, cast.minsu, 3, amount=Decimal(5_000_000))
    make_deal(cast, cast.minsu, 3, amount=Decimal(7_000_000), category=Category.OMITTED)
    make_deal(cast, cast.minsu, 3, amount=None, category=Category.OMITTED)

    page = get(cast.eunji, "/pipeline/")

    assert (page.context["count"], page.context["amount"]) == (3, 12_000_000)
    assert (page.context["omitted"], page.context["omitted_amount"]) == (2, 7_000_000)
    assert "2 omitted deals (₩7M) are in no pipeline KPI" in " ".join(page.content.decode().split())


def test_totals_are_in_the_company_s_currency(cast: Cast, get: Ask) -> None:
    today = cast.company.calendar.business_day(timezone.now())
    Rate.objects.create(currency="USD", day=today, price=Decimal(1_400))
    make_deal(cast, cast.minsu, 2, amount=Decimal(1_000), currency="USD")

    page = get(cast.eunji, "/pipeline/")

    assert column(page, 2).totals.amount == 1_400_000
    assert "$1K" in page.content.decode(), "a card shows the deal's own money"


def test_without_a_rate_a_total_is_not_known(cast: Cast, get: Ask) -> None:
    make_deal(cast, cast.minsu, 2, amount=Decimal(1_000), currency="USD")
    make_deal(cast, cast.minsu, 3)

    page = get(cast.eunji, "/pipeline/")

    assert column(page, 2).totals.amount is None
    assert page.context["amount"] is None


def test_each_person_sees_their_own_board(cast: Cast, get: Ask) -> None:
    make_deal(cast, cast.minsu, 2, name="of minsu")
    make_deal(cast, cast.jiwoo, 2, name="of jiwoo")
    make_deal(cast, cast.bora, 2, name="of bora")

    assert names(get(cast.minsu, "/pipeline/"), 2) == ["of minsu"]
    assert set(names(get(cast.lee, "/pipeline/"), 2)) == {"of minsu", "of jiwoo"}
    assert names(get(cast.park, "/pipeline/"), 2) == ["of bora"]
    assert len(names(get(cast.eunji, "/pipeline/"), 2)) == 3
    assert names(get(cast.eunji, "/pipeline/", scope="team:busan"), 2) == ["of bora"]
    assert get(cast.park, "/pipeline/", scope="team:seoul-1").status_code == 403


def test_cards_come_by_expected_close_and_show_what_is_at_risk(cast: Cast, get: Ask) -> None:
    now = timezone.now()
    today = cast.company.calendar.business_day(now)
    make_deal(cast, cast.minsu, 2, name="undated")
    make_deal(cast, cast.minsu, 2, name="later", expected_close=today + timedelta(days=9))
    make_deal(cast, cast.minsu, 2, name="late", expected_close=today - timedelta(days=9))

    page = get(cast.minsu, "/pipeline/")

    assert names(page, 2) == ["late", "later", "undated"]
    late = column(page, 2).cards[0]
    assert [(risk.text, risk.why) for risk in late.risks] == [
        ("Overdue", "It was expected to close 9 days ago.")
    ]
    assert column(page, 2).cards[1].risks == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"kind": "renewal"}, {"renewal"}),
        ({"closing": "overdue"}, {"late"}),
        ({"closing": "none"}, {"renewal", "of jiwoo"}),
        ({"closing": "period", "period": "2020"}, {"late"}),
        ({"q": "HANBIT"}, {"renewal"}),
        ({"q": "jiwoo"}, {"of jiwoo"}),
        ({"kind": "nonsense"}, {"renewal", "late", "of jiwoo"}),
    ],
)
def test_filters_narrow_cards_and_totals_alike(
    cast: Cast, get: Ask, query: dict[str, str], expected: set[str]
) -> None:
    make_deal(cast, cast.minsu, 2, name="renewal", kind="renewal", customer=make_customer("Hanbit"))
    make_deal(cast, cast.minsu, 2, name="late", expected_close=date(2020, 5, 1))
    make_deal(cast, cast.jiwoo, 2, name="of jiwoo")

    page = get(cast.lee, "/pipeline/", **query)

    assert set(names(page, 2)) == expected
    assert column(page, 2).totals.count == len(expected)


def test_an_owner_can_be_picked(cast: Cast, get: Ask) -> None:
    make_deal(cast, cast.minsu, 2, name="of minsu")
    make_deal(cast, cast.jiwoo, 2, name="of jiwoo")

    assert names(get(cast.lee, "/pipeline/", owner=cast.jiwoo.pk), 2) == ["of jiwoo"]
    assert len(names(get(cast.lee, "/pipeline/", owner=cast.bora.pk), 2)) == 2, "no choice of hers"


def test_a_big_column_shows_its_first_cards_and_more_when_asked(cast: Cast, get: Ask) -> None:
    for number in range(45):
        make_deal(cast, cast.minsu, 2, name=f"deal {number}")
    stage = cast.stages[1].pk

    first = column(get(cast.minsu, "/pipeline/"), 2)
    more = column(get(cast.minsu, "/pipeline/", more=stage), 2)
    again = column(get(cast.minsu, "/pipeline/", shown=[f"{stage}:40"], more=stage), 2)

    assert (len(first.cards), first.left, first.totals.count) == (20, 25, 45)
    assert (len(more.cards), more.shown) == (40, 40)
    assert (len(again.cards), again.left) == (45, 0)


def test_the_columns_alone_are_answered_to_a_board_that_asks_again(cast: Cast, get: Ask) -> None:
    make_deal(cast, cast.minsu, 2)

    part = get(cast.minsu, "/pipeline/", headers={"HX-Request": "true", "HX-Target": "board"})

    assert "<html" not in part.content.decode()
    assert 'id="board-summary" hx-swap-oob="true"' in part.content.decode()
    assert names(part, 2) == ["A deal"]


def test_another_process_has_its_own_board(cast: Cast, get: Ask) -> None:
    renewals = SalesProcess.objects.create(slug="renewals", name="Renewals")
    stage = Stage.objects.create(process=renewals, position=1, name="Ask", probability="0.5")
    make_deal(cast, cast.minsu, stage, name="renewal")
    make_deal(cast, cast.minsu, 1, name="new")

    assert names(get(cast.minsu, "/pipeline/"), 1) == ["new"]
    assert names(get(cast.minsu, "/pipeline/", process="renewals"), 1) == ["renewal"]


def test_finance_looks_but_does_not_move(cast: Cast, get: Ask) -> None:
    make_deal(cast, cast.minsu, 2)

    page = get(cast.finn, "/pipeline/").content.decode()

    assert "A deal" in page
    assert "data-move" not in page
    assert "edge-won" not in page


def test_without_a_process_the_page_says_what_to_do(cast: Cast, get: Ask) -> None:
    Stage.objects.all().delete()
    SalesProcess.objects.all().delete()

    assert "There is no sales process yet" in get(cast.minsu, "/pipeline/").content.decode()


def test_a_board_costs_the_same_queries_however_many_deals(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(cast.eunji)
    for number in range(30):
        customer = make_customer(f"Customer {number}")
        make_deal(cast, cast.minsu, 1 + number % 4, customer=customer, stage_since=timezone.now())

    with django_assert_max_num_queries(QUERIES):
        client.get("/pipeline/")


def test_three_of_four_visits_tell_what_is_usual(cast: Cast) -> None:
    now = timezone.now()
    for days in (4, 8, 12, 16, 20):
        with as_recorded_at(now - timedelta(days=days + 1)):
            deal = make_deal(cast, cast.minsu, 1)
        with as_recorded_at(now - timedelta(days=1)):
            deal.stage = cast.stages[1]
            deal.save()

    process = cast.stages[0].process
    assert usual_days(process, at=now) == {cast.stages[0].pk: 16}


def test_too_few_visits_tell_nothing(cast: Cast) -> None:
    assert usual_days(cast.stages[0].process, at=timezone.now()) == {}
