"""Each figure of the catalog against its second, naive implementation, on generated companies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.scope import Scope, resolve
from history import version_model
from kpis.evaluate import answer
from kpis.questions import Question
from kpis.records import records
from kpis.registry import all_kpis
from periods import Period
from pipeline.models import (
    Activity,
    Contract,
    Cost,
    Customer,
    Deal,
    Lead,
    Product,
    Rate,
    Source,
    Stage,
    Target,
    Visit,
)
from tests.cast import Cast, seoul
from tests.kpis import naive_journeys
from tests.kpis.naive import FIGURES as PLAIN_FIGURES
from tests.kpis.naive import NoRate, World
from tests.kpis.naive_economics import ECONOMICS
from tests.kpis.naive_flows import FLOWS
from tests.kpis.naive_forecast import FIGURES as FORECAST
from tests.kpis.naive_pace import PACE

FIGURES = {**FORECAST, **PLAIN_FIGURES, **naive_journeys.FIGURES, **FLOWS, **PACE, **ECONOMICS}
NOW = seoul(2026, 3, 18, 15, 30)
PERIODS = (
    "2026-Q1",
    "2026-03",
    "2026-W12",
    "2026",
    "2026-Q2",
    "2026-03-18",
    "2025-12-20..2026-04-03",
)

# Around the edges of days, months and quarters in Seoul, where UTC still has the day before;
# now and then a year before such a day.
instants = st.builds(
    lambda days, minutes, years: seoul(2025 - years, 12, 1) + timedelta(days=days, minutes=minutes),
    st.integers(0, 107),
    st.sampled_from([0, 1, 539, 540, 541, 900, 1439]),
    st.sampled_from([0, 0, 0, 1]),
)
days = st.dates(date(2025, 12, 1), date(2026, 4, 20))
amounts = st.one_of(st.none(), st.integers(0, 9_000_000).map(Decimal))
currencies = st.sampled_from(["KRW", "KRW", "KRW", "USD"])


@st.composite
def deals(draw: st.DrawFn) -> dict[str, Any]:
    outcome = draw(st.sampled_from(["open", "open", "won", "won", "lost"]))
    reasons = ["", "price", "duplicate", "mistake"]
    return {
        "stage": {"won": 4, "lost": 5}.get(outcome, draw(st.integers(0, 3))),
        "outcome": outcome,
        "owner": draw(st.sampled_from(["minsu", "jiwoo", "bora"])),
        "amount": draw(amounts),
        "currency": draw(currencies),
        "customer": draw(st.integers(-1, 2)),
        "category": draw(st.sampled_from(["", "", "omitted", "commit"])),
        "probability": draw(st.one_of(st.none(), st.sampled_from([Decimal("0.25"), Decimal(1)]))),
        "created_at": draw(st.one_of(st.none(), instants)),
        "first_contact_at": draw(st.one_of(st.none(), instants)),
        "closed_at": None if outcome == "open" else draw(instants),
        "kind": draw(st.sampled_from(["new", "new", "renewal", "upsell", "cross_sell"])),
        "lost_reason": draw(st.sampled_from(reasons)) if outcome == "lost" else "",
        "expected_close": draw(st.one_of(st.none(), days)),
    }


@st.composite
def leads(draw: st.DrawFn) -> dict[str, Any]:
    converted = draw(st.one_of(st.none(), instants))
    return {
        "owner": draw(st.sampled_from(["minsu", "bora"])),
        "created_at": draw(instants),
        "converted_at": converted,
        "status": "converted" if converted else "new",
        "contacts": draw(st.lists(instants, max_size=2)),
    }


@st.composite
def contracts(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(st.dates(date(2024, 10, 28), date(2026, 3, 31)))
    length = draw(st.one_of(st.none(), st.integers(0, 500)))
    renews = draw(st.booleans())
    return {
        "customer": draw(st.integers(0, 2)),
        "owner": draw(st.sampled_from(["minsu", "bora"])),
        "start": start,
        "end": None if length is None else start + timedelta(days=length),
        "value": draw(st.one_of(st.none(), st.integers(0, 900).map(Decimal))),
        "monthly_price": Decimal(draw(st.integers(0, 90))),
        "currency": draw(currencies),
        "auto_renew": renews,
        "term_months": draw(st.sampled_from([1, 3, 12])) if renews else None,
        "is_trial": draw(st.sampled_from([False, False, True])),
        "billing": draw(st.sampled_from(["recurring", "recurring", "one_off"])),
        "renews_first": draw(st.booleans()),
    }


@st.composite
def costs(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "kind": draw(st.sampled_from(["marketing", "labour", "delivery", "delivery"])),
        "day": draw(days),
        "amount": Decimal(draw(st.integers(0, 1000))),
        "currency": draw(currencies),
        "team": draw(st.sampled_from([None, "seoul-1", "busan-1"])),
        "on": draw(st.sampled_from(["", "", "deal", "customer", "product"])),
    }


companies = st.fixed_dictionaries(
    {
        "deals": st.lists(deals(), max_size=12),
        "leads": st.lists(leads(), max_size=8),
        "contracts": st.lists(contracts(), max_size=6),
        "costs": st.lists(costs(), max_size=6),
        "visits": st.dictionaries(days, st.integers(0, 50), max_size=3),
        "rate_days": st.sets(days, min_size=6, max_size=30),
        "target": st.one_of(st.none(), st.integers(0, 9_000_000)),
    }
)


def write(cast: Cast, company: dict[str, Any]) -> None:
    """The generated rows, in the database."""
    customers = [Customer.objects.create(name=f"Customer {number}") for number in range(3)]
    for fields in company["deals"]:
        owner, number = getattr(cast, fields["owner"]), fields["customer"]
        customer = customers[number] if number >= 0 else None
        rest = {
            **fields,
            "owner": owner,
            "customer": customer,
            "stage": cast.stages[fields["stage"]],
        }
        Deal.objects.create(name="Deal", team=owner.memberships.get().team, **rest)
    for fields in company["leads"]:
        owner, contacts = getattr(cast, fields["owner"]), fields["contacts"]
        rest = {key: value for key, value in fields.items() if key != "contacts"}
        lead = Lead.objects.create(**{**rest, "owner": owner}, team=owner.memberships.get().team)
        for at in contacts:
            Activity.objects.create(kind="call", at=at, person=owner, lead=lead)
    first = None
    for fields in company["contracts"]:
        owner, customer = getattr(cast, fields["owner"]), customers[fields["customer"]]
        rest = {key: value for key, value in fields.items() if key != "renews_first"}
        contract = Contract.objects.create(
            **{**rest, "owner": owner, "customer": customer},
            team=owner.memberships.get().team,
            renews=first if fields["renews_first"] else None,
        )
        first = first or contract
    things = {
        "deal": Deal.objects.last(),
        "customer": customers[0],
        "product": Product.objects.create(name="Basic"),
    }
    for fields in company["costs"]:
        team = cast.teams[fields["team"]] if fields["team"] else None
        rest = {key: value for key, value in fields.items() if key != "on"}
        spent_on = {fields["on"]: things[fields["on"]]} if fields["on"] else {}
        Cost.objects.create(**{**rest, "team": team}, **spent_on)
    web = Source.objects.create(slug="web", name="Web")
    for day, count in company["visits"].items():
        Visit.objects.create(day=day, source=web, visits=count)
    for day in company["rate_days"]:
        Rate.objects.create(currency="USD", day=day, price=1300 + day.day)


def rows_of(model: type[Model]) -> list[dict[str, Any]]:
    return [dict(row) for row in model._base_manager.values()]


def world_of(period: Period, target: int | None, *, now: datetime = NOW) -> World:
    """The same rows as plain dicts."""
    return World(
        deals=rows_of(Deal),
        leads=rows_of(Lead),
        contracts=rows_of(Contract),
        costs=rows_of(Cost),
        rates=rows_of(Rate),
        activities=rows_of(Activity),
        visits=rows_of(Visit),
        customers=rows_of(Customer),
        deal_versions=rows_of(version_model(Deal)),
        stages={stage["id"]: stage for stage in rows_of(Stage)},
        start=period.start,
        end=period.end,
        now=now,
        target=None if target is None else Decimal(target),
    )


def narrowed(world: World, scope: Scope) -> World:
    if scope.kind == "team":
        return replace(world, team_ids=scope.team_ids, target=None)
    if scope.kind == "user":
        return replace(world, user_id=scope.id, target=None)
    return world


def naive(world: World, kpi: str, basis: str) -> Decimal | None:
    try:
        value = FIGURES[kpi, basis](world)
    except NoRate:
        return None
    return None if value is None else Decimal(value)


def same(left: Decimal | None, right: Decimal | None) -> bool:
    if left is None or right is None:
        return left is right
    return abs(left - right) <= Decimal("1e-6") * max(Decimal(1), abs(left))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(company=companies, code=st.sampled_from(PERIODS), whose=st.integers(0, 3))
def test_every_figure_equals_its_naive_second(
    cast: Cast, company: dict[str, Any], code: str, whose: int
) -> None:
    period = cast.company.calendar.parse(code, at=NOW)
    scopes = ("company", "team:seoul", "team:busan-1", f"user:{cast.minsu.pk}")
    scope = resolve(scopes[whose], cast.eunji)
    with transaction.atomic():
        write(cast, company)
        if company["target"] is not None:
            Target.objects.create(
                kpi="won_revenue", start=period.start, end=period.end, value=company["target"]
            )
        world = narrowed(world_of(period, company["target"]), scope)
        questions = [
            Question(kpi.key, scope, period, basis.key)
            for kpi in all_kpis().values()
            for basis in kpi.bases
            if not _reads_the_past(kpi.kind, period, NOW)
        ]
        wrong = [
            (found.kpi.key, found.basis.key, found.value, expected)
            for found in answer(questions, viewer=cast.eunji, at=NOW)
            if not same(found.value, expected := naive(world, found.kpi.key, found.basis.key))
        ]
        transaction.set_rollback(True)
    assert wrong == []


def _reads_the_past(kind: str, period: Period, now: datetime) -> bool:
    """Stocks of periods that are over come from history, which these rows do not have."""
    return kind == "stock" and period.is_over(now)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(company=companies, code=st.sampled_from(PERIODS))
def test_the_rows_and_the_parts_of_an_additive_figure_add_up_to_it(
    cast: Cast, company: dict[str, Any], code: str
) -> None:
    period = cast.company.calendar.parse(code, at=NOW)
    scope = resolve("company", cast.eunji)
    with transaction.atomic():
        write(cast, company)
        for kpi in all_kpis().values():
            if not kpi.basis().is_additive or kpi.of_other:
                continue
            splits = sorted(kpi.basis().dimensions - {"product"})
            questions = [Question(kpi.key, scope, period, by=by) for by in splits]
            for found in answer(questions, viewer=cast.eunji, at=NOW):
                if found.value is not None:
                    parts = [row.result.value or 0 for row in found.rows]
                    assert same(Decimal(sum(parts)), found.value), (kpi.key, found.question.by)
            behind = records(questions[0], viewer=cast.eunji, at=NOW)
            brought = [row["contribution"] or 0 for row in behind.rows]
            if behind.total is not None:
                assert same(Decimal(sum(brought)), behind.total), kpi.key
        transaction.set_rollback(True)


def test_every_basis_of_the_catalog_has_a_naive_second() -> None:
    declared = {(kpi.key, basis.key) for kpi in all_kpis().values() for basis in kpi.bases}
    assert declared == set(FIGURES)


@pytest.mark.parametrize("code", PERIODS)
def test_an_empty_company_has_no_rates(cast: Cast, code: str) -> None:
    period = cast.company.calendar.parse(code, at=NOW)
    scope = resolve("company", cast.eunji)
    rates = [
        Question(kpi.key, scope, period) for kpi in all_kpis().values() if kpi.unit == "percent"
    ]
    assert {found.value for found in answer(rates, viewer=cast.eunji, at=NOW)} == {None}
