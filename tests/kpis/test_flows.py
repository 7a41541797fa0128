"""Visits, answers to leads, new pipeline, velocity, and what existing customers bring."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from history import as_recorded_at
from kpis.records import records
from pipeline.models import Activity, Deal, DealKind, Lead, Rate, Source, Visit
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.kpis.asking import NOW, ask, rows


def test_visits_are_the_companys_by_channel(cast: Cast) -> None:
    web, fair = (Source.objects.create(slug=name, name=name.title()) for name in ("web", "fair"))
    for source, day, count in ((web, 3, 5), (web, 31, 7), (fair, 4, 11)):
        Visit.objects.create(day=date(2026, 1, day), source=source, visits=count)
    assert ask(cast, "visits", "2026-01").value == 23
    assert rows(ask(cast, "visits", "2026-01", by="source")) == {"Web": 12, "Fair": 11}
    assert ask(cast, "visits", "2026-02").value is None
    assert ask(cast, "visits", "2026-01", scope="team:seoul").value is None


def test_visits_that_were_corrected_stay_as_they_were_then(cast: Cast) -> None:
    web = Source.objects.create(slug="web", name="Web")
    with as_recorded_at(seoul(2026, 2, 1)):
        visit = Visit.objects.create(day=date(2026, 1, 3), source=web, visits=5)
    with as_recorded_at(seoul(2026, 2, 10)):
        visit.visits = 50
        visit.save()
    assert ask(cast, "visits", "2026-01").value == 50
    assert ask(cast, "visits", "2026-01", as_of=seoul(2026, 2, 5)).value == 5


def make_lead(cast: Cast, *hours: int) -> Lead:
    """A lead of 2 March at nine, contacted so many hours later."""
    created = seoul(2026, 3, 2, 9)
    lead = Lead.objects.create(owner=cast.minsu, created_at=created)
    for hour in hours:
        at = created.replace(hour=9 + hour)
        Activity.objects.create(kind="call", at=at, person=cast.minsu, lead=lead)
    return lead


def test_response_time_is_the_median_until_the_first_activity(cast: Cast) -> None:
    make_lead(cast, 3, 1)
    make_lead(cast, 2)
    make_lead(cast, 10)
    make_lead(cast)
    found = ask(cast, "lead_response_time", "2026-03")
    assert found.value == 2
    assert found.parts["unanswered"] == 1
    opened = records(found.question, viewer=cast.eunji, at=NOW)
    assert sorted(row["contribution"] for row in opened.rows) == [1, 2, 10]


def test_an_answer_that_was_not_known_then_does_not_count_then(cast: Cast) -> None:
    with as_recorded_at(seoul(2026, 3, 2, 9)):
        lead = Lead.objects.create(owner=cast.minsu, created_at=seoul(2026, 3, 2, 9))
    with as_recorded_at(seoul(2026, 3, 10)):
        Activity.objects.create(kind="call", at=seoul(2026, 3, 2, 10), person=cast.minsu, lead=lead)
    assert ask(cast, "lead_response_time", "2026-03").value == 1
    earlier = ask(cast, "lead_response_time", "2026-03", as_of=seoul(2026, 3, 5))
    assert earlier.value is None
    assert earlier.parts["unanswered"] == 1


def test_new_pipeline_keeps_the_amount_at_creation(cast: Cast) -> None:
    with as_recorded_at(seoul(2026, 1, 5)):
        deal = make_deal(cast, cast.minsu, amount=100)
        make_deal(cast, cast.bora, amount=30)
    with as_recorded_at(seoul(2026, 2, 10)):
        Deal.objects.filter(pk=deal.pk).update(amount=900)
    assert ask(cast, "new_pipeline").value == 130
    assert rows(ask(cast, "new_pipeline", by="rep")) == {"Minsu": 100, "Bora": 30}
    opened = records(ask(cast, "new_pipeline").question, viewer=cast.eunji, at=NOW)
    assert sorted(row["contribution"] for row in opened.rows) == [30, 100]


def test_new_pipeline_in_dollars_counts_at_the_rate_of_its_creation(cast: Cast) -> None:
    for month, price in ((1, 1300), (3, 1500)):
        Rate.objects.create(currency="USD", day=date(2026, month, 5), price=price)
    with as_recorded_at(seoul(2026, 1, 5)):
        make_deal(cast, cast.minsu, amount=10, currency="USD")
    assert ask(cast, "new_pipeline").value == 13_000


def test_velocity_is_open_deals_times_rate_and_size_over_the_cycle(deals: Cast) -> None:
    make_deal(deals, deals.minsu, 2)
    make_deal(deals, deals.minsu, 3)
    make_deal(deals, deals.minsu, 1)  # omitted
    found = ask(deals, "sales_velocity")
    assert found.value == 2 * (Decimal(3) / 4) * (Decimal(7_000_000) / 3) / 20
    assert found.parts["cycle"] == 20


def test_a_repurchase_follows_a_purchase_before_the_period_or_the_one_before(deals: Cast) -> None:
    # Hanbit bought twice in February, Saebyeok once.
    assert ask(deals, "repurchase_rate").value == 0
    assert ask(deals, "repurchase_rate", basis="again").value == Decimal(1) / 2
    hanbit = Deal.objects.filter(customer__name="Hanbit")[0].customer
    make_deal(deals, deals.bora, deals.won, customer=hanbit, closed_at=seoul(2025, 12, 31))
    assert ask(deals, "repurchase_rate").value == Decimal(1) / 2
    assert ask(deals, "repurchase_rate", scope="team:busan").value == 0


def test_revenue_of_existing_customers_begins_with_their_second_win(deals: Cast) -> None:
    assert ask(deals, "existing_revenue_share").value == Decimal(2) / 7
    customer = make_customer("Once")
    upsell = {"kind": DealKind.UPSELL, "closed_at": seoul(2026, 3, 2), "amount": 1_000_000}
    make_deal(deals, deals.minsu, deals.won, customer=customer, **{**upsell, "kind": "new"})
    make_deal(deals, deals.minsu, deals.won, customer=customer, **upsell)
    assert ask(deals, "existing_revenue_share").value == Decimal(3) / 9
    assert ask(deals, "expansion_share").value == Decimal(1) / 3


def test_an_average_deal_has_its_median_and_a_cycle_its_mean_beside_it(deals: Cast) -> None:
    assert ask(deals, "average_deal_size").parts["median"] == 2_000_000
    assert ask(deals, "sales_cycle").parts["p75"] == 24
