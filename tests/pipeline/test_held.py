"""Every way to move a closed period's figures needs a reason, whoever writes and however."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from history import as_recorded_at, recorded_because
from kpis.registry import all_kpis
from pipeline.actions.closed import ReasonNeeded, because, hold_import, refusals_told
from pipeline.actions.closings import close_period
from pipeline.bulk import bulk_writing
from pipeline.models import (
    Activity,
    Contract,
    Cost,
    Customer,
    Deal,
    DealLine,
    LateChange,
    Lead,
    Product,
    Rate,
    Source,
    Stage,
    Target,
    Visit,
)
from tests.cast import Cast, make_cast, make_customer, make_deal, seoul
from tests.kpis.sequences import differing, figures

NOW = seoul(2026, 4, 6, 9)
IN, AFTER = date(2026, 2, 10), date(2026, 4, 3)
Way = Callable[[Cast], Any]


def make_facts(cast: Cast) -> None:
    source = Source.objects.create(slug="web", name="Web")
    product = Product.objects.create(name="Basic")
    hanbit = make_customer()
    won = make_deal(cast, cast.minsu, cast.won, amount=100, customer=hanbit, name="Won")
    DealLine.objects.create(deal=won, product=product, amount=60)
    make_deal(cast, cast.minsu, 2, name="Open", created_at=seoul(2026, 2, 1), amount=5)
    lead = Lead.objects.create(created_at=seoul(2026, 2, 1), owner=cast.minsu, source=source)
    Activity.objects.create(kind="call", at=seoul(2026, 2, 2), person=cast.minsu, lead=lead)
    Contract.objects.create(customer=hanbit, start=date(2025, 3, 1), end=date(2026, 3, 1), value=12)
    Contract.objects.create(customer=hanbit, start=date(2026, 3, 1), monthly_price=1)
    Cost.objects.create(kind="sales", day=IN, amount=5)
    make_deal(cast, cast.minsu, cast.won, amount=90, customer=make_customer("Narae"), name="First")
    make_earlier_facts(cast, hanbit)
    Visit.objects.create(day=IN, source=source, visits=9)
    Rate.objects.create(currency="USD", day=IN, price=1400)
    Rate.objects.create(currency="USD", day=date(2025, 12, 30), price=1300)
    Rate.objects.create(currency="EUR", day=date(2025, 12, 20), price=1500)
    for start, end in ((date(2026, 1, 1), date(2026, 4, 1)), (date(2026, 1, 1), date(2027, 1, 1))):
        Target.objects.create(kpi="won_revenue", start=start, end=end, value=100)


def make_earlier_facts(cast: Cast, hanbit: Customer) -> None:
    """What happened before the quarter, to one who buys on and to one who left within the year."""
    gone = make_customer("Saebyeok")
    past = {"Before": (hanbit, 2025, 9), "Gone": (gone, 2023, 5), "Gone too": (gone, 2023, 8)}
    for name, (whose, year, month) in past.items():
        closed_at = seoul(year, month, 2)
        won = {"amount": 70, "customer": whose, "name": name, "closed_at": closed_at}
        make_deal(cast, cast.minsu, cast.won, **won, created_at=seoul(year, month, 1))
    span = {"start": date(2024, 1, 1), "end": date(2025, 8, 1)}
    Contract.objects.create(customer=gone, **span, value=9)
    long_ago = {"start": date(2021, 1, 1), "end": date(2023, 1, 1)}
    Contract.objects.create(customer=gone, **long_ago, value=8)
    across = {"start": date(2025, 1, 1), "end": date(2027, 1, 1)}
    Contract.objects.create(customer=hanbit, **across, value=48)
    Cost.objects.create(kind="delivery", day=date(2025, 7, 1), amount=3, customer=hanbit)
    Cost.objects.create(kind="marketing", day=date(2025, 7, 1), amount=4)


@pytest.fixture
def closed(db: None) -> Cast:
    """The first quarter with one fact of every kind in it, closed; Hanbit bought in it."""
    with as_recorded_at(seoul(2025, 6, 1)):
        cast = make_cast()
    with as_recorded_at(seoul(2026, 3, 1)):
        make_facts(cast)
    period = cast.company.calendar.parse("2026-Q1", at=NOW)
    close_period(period=period, by=cast.sam, at=NOW)
    return cast


def only(model: Any, **named: Any) -> Any:
    return model.objects.get(**named)


def running() -> Any:
    return Contract.objects.filter(end=None)


def late_renewal(cast: Cast) -> Contract:
    ended = only(Contract, value=12)
    return Contract.objects.create(
        customer=ended.customer, start=AFTER, monthly_price=1, renews=ended
    )


MOVING: dict[str, Way] = {
    "a won deal's amount": lambda _: Deal.objects.filter(name="Won").update(amount=1),
    "its owner": lambda cast: Deal.objects.filter(name="Won").update(owner=cast.jiwoo),
    "its deletion": lambda _: Deal.objects.filter(name="Won").delete(),
    "a deal won in it by hindsight": lambda cast: make_deal(
        cast, cast.minsu, cast.won, closed_at=seoul(2026, 3, 31, 23, 59)
    ),
    "a product line alone": lambda _: DealLine.objects.update(amount=50),
    "a line more": lambda _: DealLine.objects.create(
        deal=only(Deal, name="Won"), product=Product.objects.create(name="Pro"), amount=1
    ),
    "a line less": lambda _: DealLine.objects.all().delete(),
    "a customer's segment": lambda _: Customer.objects.update(industry="Retail"),
    "an open deal said to have begun elsewhen": lambda _: Deal.objects.filter(name="Open").update(
        created_at=seoul(2026, 4, 2)
    ),
    "what kind an open deal is": lambda _: Deal.objects.filter(name="Open").update(kind="upsell"),
    "an open deal's deletion": lambda _: Deal.objects.filter(name="Open").delete(),
    "a lead's channel": lambda _: Lead.objects.update(source=None),
    "a lead's deletion": lambda _: Lead.objects.all().delete(),
    "an activity noted late": lambda cast: Activity.objects.create(
        kind="call", at=seoul(2026, 3, 2), person=cast.minsu, lead=only(Lead)
    ),
    "a contract's value": lambda _: Contract.objects.filter(value=12).update(value=24),
    "a contract ended within": lambda _: running().update(end=date(2026, 3, 20)),
    "a contract begun within": lambda _: Contract.objects.create(
        customer=only(Customer, name="Hanbit"), start=date(2026, 3, 30), monthly_price=1
    ),
    "a renewal of what fell due in it": late_renewal,
    "the day on which a contract was signed": lambda _: running().update(signed_on=IN),
    "a delivery that was said to be later": lambda _: Contract.objects.create(
        customer=only(Customer, name="Hanbit"),
        start=AFTER,
        value=5,
        schedule="delivery",
        delivered_on=IN,
    ),
    "a contract's deletion": lambda _: running().delete(),
    "the value of one that runs right through it": lambda _: Contract.objects.filter(
        value=48
    ).update(value=24),
    "whose that is": lambda _: Contract.objects.filter(value=48).update(
        customer=only(Customer, name="Saebyeok")
    ),
    "that it is a trial": lambda _: Contract.objects.filter(value=48).update(is_trial=True),
    "the end of one that ran a year before": lambda _: Contract.objects.filter(value=9).update(
        end=date(2025, 3, 1)
    ),
    "a win of the twelve months that end with it": lambda _: Deal.objects.filter(
        name="Before"
    ).update(amount=7),
    "whose an earlier win is": lambda _: Deal.objects.filter(name="Gone").update(
        customer=only(Customer, name="Hanbit")
    ),
    "what delivering cost in the twelve months": lambda _: Cost.objects.filter(
        kind="delivery"
    ).update(amount=1),
    "a cost": lambda _: Cost.objects.create(kind="sales", day=IN, amount=5),
    "a cost's deletion": lambda _: Cost.objects.all().delete(),
    "visits": lambda _: Visit.objects.update(visits=10),
    "a rate": lambda _: Rate.objects.filter(day=IN).update(price=1),
    "a rate of the days before": lambda _: Rate.objects.filter(price=1300).update(price=1),
    "a target": lambda _: Target.objects.filter(end=date(2026, 4, 1)).update(value=1),
}
FREE: dict[str, Way] = {
    "work on an open deal": lambda cast: Deal.objects.filter(name="Open").update(
        amount=7, owner=cast.jiwoo, stage=cast.stages[2], expected_close=AFTER, next_step="Call"
    ),
    "an open deal won now": lambda cast: Deal.objects.filter(name="Open").update(
        stage=cast.won, outcome="won", closed_at=NOW
    ),
    "a won deal's name": lambda _: Deal.objects.filter(name="Won").update(name="Win"),
    "work on a lead": lambda cast: Lead.objects.update(owner=cast.jiwoo, status="working"),
    "a lead converted now": lambda _: Lead.objects.update(status="converted", converted_at=NOW),
    "an activity now": lambda cast: Activity.objects.create(
        kind="call", at=NOW, person=cast.minsu, lead=only(Lead)
    ),
    "a customer's name": lambda _: Customer.objects.update(name="Hanbit Ltd"),
    "a contract ended now": lambda _: running().update(end=AFTER),
    "a contract begun now": lambda _: Contract.objects.create(
        customer=only(Customer, name="Hanbit"), start=AFTER, monthly_price=1
    ),
    "a win of years ago": lambda _: Deal.objects.filter(name="Gone").update(amount=9),
    "when a customer who left first bought": lambda _: Deal.objects.filter(name="Gone").delete(),
    "a contract of years ago": lambda _: Contract.objects.filter(value=8).update(value=1),
    "what winning customers cost before": lambda _: Cost.objects.filter(kind="marketing").update(
        amount=9
    ),
    "a cost of now": lambda _: Cost.objects.create(kind="sales", day=AFTER, amount=5),
    "the year's target": lambda _: Target.objects.filter(end=date(2027, 1, 1)).update(value=1),
    "a rate that was out of force": lambda _: Rate.objects.filter(currency="EUR").update(price=1),
    "a stage's probability": lambda _: Stage.objects.filter(position=2).update(probability="0.3"),
}


@pytest.mark.parametrize("way", MOVING)
def test_it_is_refused_without_a_reason_and_kept_with_one(closed: Cast, way: str) -> None:
    with pytest.raises(DatabaseError, match="2026-Q1 is closed"), transaction.atomic():
        MOVING[way](closed)
    with recorded_because("It was wrong"):
        MOVING[way](closed)
    assert {kept.reason for kept in LateChange.objects.all()} == {"It was wrong"}


@pytest.mark.parametrize("way", FREE)
def test_what_moves_none_of_its_figures_is_free(closed: Cast, way: str) -> None:
    FREE[way](closed)
    assert not LateChange.objects.exists()


def test_what_is_free_moves_no_figure_of_the_catalog(closed: Cast) -> None:
    """Whole and split, but for what follows the rows of the quarter further on purpose.

    Whose an open deal is, and its stage, are told by the present (KPI rule 7).
    """
    before = settled(closed)
    known = {key for key, (result, *_rest) in before.items() if result.value is not None}
    assert {"customer_lifetime_value", "nrr", "cac_payback"} <= {kpi for kpi, *_rest in known}
    moved = {}
    for name, way in FREE.items():
        mark = transaction.savepoint()
        with as_recorded_at(NOW):
            way(closed)
        moved[name] = differing(before, settled(closed))
        transaction.savepoint_rollback(mark)
    assert {name: sorted(found) for name, found in moved.items() if found} == {}


def settled(cast: Cast) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for split in (0, 3, 8):
        found |= figures(cast, "2026-Q1", "company", split, at=NOW)
    return {
        (kpi, basis, by): figure
        for (kpi, basis, by), figure in found.items()
        if not all_kpis()[kpi].basis(basis).is_followed and by not in ("rep", "team", "stage")
    }


def test_the_settings_ask_for_a_reason_too(closed: Cast, client: Client) -> None:
    sam = closed.sam
    client.force_login(sam)
    rate = only(Rate, day=IN)
    url, body = f"/admin/pipeline/rate/{rate.pk}/change/", {"currency": "USD", "day": IN}
    asked = client.post(url, {**body, "price": "1"})
    assert asked.status_code == 422
    assert 'name="closing_reason"' in asked.text
    assert '<input type="hidden" name="price" value="1">' in asked.text
    rate.refresh_from_db()
    assert rate.price == 1400

    assert client.post(url, {**body, "price": "1", "closing_reason": "Typo"}).status_code == 302
    deletion = {"action": "delete_selected", "_selected_action": [rate.pk], "post": "yes"}
    assert client.post("/admin/pipeline/rate/", deletion).status_code == 422
    client.post("/admin/pipeline/rate/", {**deletion, "closing_reason": "Not ours"})
    assert not Rate.objects.filter(pk=rate.pk).exists()
    assert [(kept.reason, kept.by) for kept in LateChange.objects.order_by("pk")] == [
        ("Typo", sam),
        ("Not ours", sam),
    ]


def imported(rows: list[tuple[Any, ...]], *, reason: str = "") -> None:
    with because(reason), refusals_told(None), bulk_writing() as bulk:
        if reason:
            with recorded_because(reason):
                write(bulk, rows)
        else:
            write(bulk, rows)


def write(bulk: Any, rows: list[tuple[Any, ...]]) -> None:
    bulk.merge(Cost, ["external_id", "kind", "day", "amount"], rows, key=("external_id",))
    bulk.first_versions(Cost, since="now()")
    hold_import(bulk.moment)


def test_an_import_past_the_triggers_is_looked_at_as_a_whole(closed: Cast) -> None:
    late = [("c-1", "sales", IN, 7)]
    with pytest.raises(ReasonNeeded, match="2026-Q1 is closed"):
        imported(late)
    assert not Cost.objects.filter(external_id="c-1").exists()
    imported([("c-2", "sales", AFTER, 7)])
    assert not LateChange.objects.exists()
    imported(late, reason="The ledger says so")
    assert LateChange.objects.get().reason == "The ledger says so"


def test_an_import_that_retells_an_open_deal_s_past_moves_its_stocks(closed: Cast) -> None:
    deal = only(Deal, name="Open")
    version = deal.versions.get()
    since = timezone.now() - timedelta(minutes=1)
    hold_import(since + timedelta(hours=1))
    deal.versions.update(recorded_to=timezone.now())
    state = {
        field.attname: getattr(version, field.attname)
        for field in version._meta.concrete_fields
        if field.name not in ("id", "valid_from", "valid_to", "recorded_from", "recorded_to")
    }
    version._meta.model.objects.create(**{**state, "amount": 99}, valid_from=seoul(2026, 2, 1))
    with pytest.raises(DatabaseError, match="2026-Q1 is closed"):
        hold_import(since)
