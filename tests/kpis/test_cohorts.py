"""Cohort tables against plain loops, on generated companies and by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.scope import resolve
from history import as_recorded_at
from kpis.cohorts import CohortTable, cohort_table
from kpis.questions import BadQuestion
from pipeline.cohorts import Cohort, Kind, average, cohorts
from pipeline.models import Contract, Deal, Lead
from pipeline.reading import Reading
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.kpis.asking import NOW
from tests.kpis.naive import World, months_later
from tests.kpis.test_naive import NOW as GENERATED_NOW
from tests.kpis.test_naive import companies, narrowed, world_of, write


def table(cast: Cast, kind: Kind, *, viewer: str = "eunji", **parameters: str) -> CohortTable:
    asked = {"period": "2026-Q1", **parameters}
    return cohort_table(kind, asked, viewer=getattr(cast, viewer), at=NOW)


def counts(found: CohortTable) -> dict[str, tuple[int, tuple[int, ...]]]:
    return {cohort.period.code: (cohort.size, cohort.counts) for cohort in found.rows}


def make_lead(cast: Cast, created: datetime, converted: datetime | None = None) -> Lead:
    status = "converted" if converted else "new"
    fields = {"owner": cast.minsu, "team": cast.teams["seoul-1"], "status": status}
    return Lead.objects.create(created_at=created, converted_at=converted, **fields)


def test_conversion_by_month_of_entry_adds_up_with_age(cast: Cast) -> None:
    january = seoul(2026, 1, 31, 23, 59)
    for converted in (january, seoul(2026, 2, 1), seoul(2026, 3, 2), None):
        make_lead(cast, january, converted)
    make_lead(cast, seoul(2026, 2, 1), seoul(2026, 2, 3))
    found = table(cast, Kind.CONVERSION)
    assert counts(found) == {
        "2026-01": (4, (1, 2, 3)),
        "2026-02": (1, (1, 1)),
        "2026-03": (0, (0,)),
    }
    assert found.rows[0].share(2) == Decimal(3) / 4
    assert average(found.rows, 1) == Decimal(3) / 5
    assert found.rows[2].share(0) is None
    assert found.rows[2].share(1) is None


def test_retention_by_month_of_first_purchase(cast: Cast) -> None:
    once, often = make_customer("Once"), make_customer("Often")
    for customer, month in ((once, 1), (often, 1), (often, 1), (often, 3)):
        closed = {"customer": customer, "closed_at": seoul(2026, month, 9)}
        make_deal(cast, cast.minsu, cast.won, **closed)
    make_deal(cast, cast.bora, cast.won, customer=once, closed_at=seoul(2026, 2, 9))
    january = {"2026-01": (2, (2, 1, 1)), "2026-02": (0, (0, 0)), "2026-03": (0, (0,))}
    assert counts(table(cast, Kind.RETENTION)) == january
    # Whoever won a customer first sees what became of it, whoever sells to it later.
    assert counts(table(cast, Kind.RETENTION, scope="team:seoul"))["2026-01"] == (2, (2, 1, 1))
    assert counts(table(cast, Kind.RETENTION, scope="team:busan"))["2026-02"] == (0, (0, 0))


def test_retention_by_running_contracts(cast: Cast) -> None:
    stays, leaves = make_customer("Stays"), make_customer("Leaves")
    price = {"monthly_price": 1}
    Contract.objects.create(customer=stays, start=date(2026, 1, 5), **price)
    Contract.objects.create(customer=leaves, start=date(2026, 1, 5), end=date(2026, 2, 20), **price)
    Contract.objects.create(customer=leaves, start=date(2025, 12, 5), is_trial=True, **price)
    found = counts(table(cast, Kind.RETENTION, basis="contract"))
    assert found["2026-01"] == (2, (2, 1, 1))


def test_cohorts_as_of_an_earlier_day(cast: Cast) -> None:
    with as_recorded_at(seoul(2026, 1, 5)):
        lead = make_lead(cast, seoul(2026, 1, 5))
    with as_recorded_at(seoul(2026, 2, 10)):
        Lead.objects.filter(pk=lead.pk).update(converted_at=seoul(2026, 2, 10), status="converted")
    assert counts(table(cast, Kind.CONVERSION))["2026-01"] == (1, (0, 1, 1))
    then = table(cast, Kind.CONVERSION, as_of="2026-02-09")
    assert counts(then) == {"2026-01": (1, (0, 0)), "2026-02": (0, (0,))}
    at_its_end = table(cast, Kind.CONVERSION, as_of="2026-01-31")
    assert counts(at_its_end) == {"2026-01": (1, (0,))}


def test_cohorts_of_a_segment(cast: Cast) -> None:
    make_deal(cast, cast.minsu, cast.won, customer=make_customer("Shop", industry="Retail"))
    make_deal(cast, cast.minsu, cast.won, customer=make_customer())
    assert counts(table(cast, Kind.RETENTION))["2026-02"] == (2, (2, 0))
    assert counts(table(cast, Kind.RETENTION, industry="Retail"))["2026-02"] == (1, (1, 0))


@pytest.mark.parametrize("wrong", [{"basis": "guess"}, {"period": "1990-01-01..2026-01-01"}])
def test_what_cannot_be_answered_is_said(cast: Cast, wrong: dict[str, str]) -> None:
    with pytest.raises(BadQuestion) as caught:
        table(cast, Kind.RETENTION, **wrong)
    assert caught.value.field == next(iter(wrong))


def test_the_api_gives_shares_as_fractions(cast: Cast) -> None:
    make_lead(cast, seoul(2026, 1, 3), seoul(2026, 1, 4))
    make_lead(cast, seoul(2026, 1, 3))
    api = APIClient()
    api.force_authenticate(cast.eunji)
    answer = api.get("/api/v1/cohorts/conversion/", {"period": "2026-01"}).json()
    (row,) = answer["rows"]
    assert (row["key"], row["size"]) == ("2026-01", 2)
    assert row["cells"][0] == {"age": 0, "count": 1, "share": "0.5"}
    assert answer["average"][0] == {"age": 0, "share": "0.5"}
    file: Any = api.get("/api/v1/cohorts/conversion/", {"period": "2026-01", "format": "csv"})
    first, line = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()[:2]
    assert first == "month,entered,months since,count,share"
    assert line == "2026-01,2,0,1,0.5"
    assert api.get("/api/v1/cohorts/growth/").status_code == 404
    assert api.get("/api/v1/cohorts/conversion/", {"shoe": "42"}).status_code == 400


def months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = months_later(first, 1)


def plainly(world: World, kind: Kind, basis: str) -> dict[date, tuple[int, tuple[int, ...]]]:
    """Month by month and one by one: who entered, and who was there at each age."""
    present = world.day(world.now).replace(day=1)
    found = {}
    for entry in months(world.start, min(months_later(world.end, -1), present)):
        month = replace(world, start=entry, end=months_later(entry, 1))
        there = [who_is_there(month, now, kind, basis) for now in months(entry, present)]
        found[entry] = (len(members(month, kind, basis)), tuple(there))
    return found


def members(world: World, kind: Kind, basis: str) -> list[Any]:
    if kind is Kind.CONVERSION:
        leads = [lead for lead in world.leads if world.inside(lead["created_at"])]
        return [lead for lead in leads if world.mine(lead)]
    if basis == "purchase":
        firsts = firsts_of(
            [deal for deal in world.deals if deal["outcome"] == "won" and deal["customer_id"]],
            "closed_at",
        )
        mine = [deal for deal in firsts if world.inside(deal["closed_at"]) and world.mine(deal)]
        return [deal["customer_id"] for deal in mine]
    today = world.day(world.now)
    paid = [row for row in world.contracts if not row["is_trial"]]
    mine = [
        row
        for row in firsts_of(paid, "start")
        if world.start <= row["start"] < world.end and row["start"] <= today and world.mine(row)
    ]
    return [row["customer_id"] for row in mine]


def firsts_of(rows: list[dict[str, Any]], when: str) -> list[dict[str, Any]]:
    ordered = sorted(rows, key=lambda row: (row[when], row["id"]), reverse=True)
    return list({row["customer_id"]: row for row in ordered}.values())


def who_is_there(world: World, month: date, kind: Kind, basis: str) -> int:
    after = months_later(month, 1)
    who = members(world, kind, basis)
    if kind is Kind.CONVERSION:
        until = [lead["converted_at"] for lead in who if lead["converted_at"]]
        return sum(at < world.now and world.day(at) < after for at in until)
    if basis == "purchase":
        within = replace(world, start=month, end=after, team_ids=None, user_id=None)
        bought = {deal["customer_id"] for deal in within.won() if deal["closed_at"] < world.now}
        return len(set(who) & bought)
    day = min(after - timedelta(days=1), world.day(world.now))
    running = {
        row["customer_id"]
        for row in world.contracts
        if not row["is_trial"] and row["start"] <= day and (row["end"] is None or row["end"] > day)
    }
    return len(set(who) & running)


@settings(
    max_examples=12,
    deadline=None,
    # Making an example smaller takes minutes.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    company=companies,
    code=st.sampled_from(["2026-Q1", "2025", "2025-10-03..2026-04-03"]),
    whose=st.integers(0, 2),
)
def test_every_table_equals_its_naive_second(
    cast: Cast, company: dict[str, Any], code: str, whose: int
) -> None:
    scope = resolve(("company", "team:seoul", f"user:{cast.minsu.pk}")[whose], cast.eunji)
    period = cast.company.calendar.parse(code, at=GENERATED_NOW)
    with transaction.atomic():
        write(cast, company)
        reading = Reading(scope, period, GENERATED_NOW, "KRW")
        for kind, basis in (
            (Kind.CONVERSION, "cohort"),
            (Kind.RETENTION, "purchase"),
            (Kind.RETENTION, "contract"),
        ):
            found = cohorts(kind, reading, basis)
            world = narrowed(world_of(period, None, now=GENERATED_NOW), scope)
            whole = replace(
                world,
                start=world.start.replace(day=1),
                end=months_later((world.end - timedelta(days=1)).replace(day=1), 1),
            )
            assert _plain(found) == plainly(whole, kind, basis), (kind, basis)
        transaction.set_rollback(True)


def _plain(found: list[Cohort]) -> dict[date, tuple[int, tuple[int, ...]]]:
    return {cohort.period.start: (cohort.size, cohort.counts) for cohort in found}


def test_a_table_costs_as_many_queries_however_many_cohorts(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for month in (1, 2, 3):
        closed = seoul(2026, month, 3)
        make_deal(cast, cast.minsu, cast.won, customer=make_customer(str(month)), closed_at=closed)
    assert Deal.objects.count() == 3
    table(cast, Kind.RETENTION)
    with django_assert_max_num_queries(4):
        table(cast, Kind.RETENTION, period="2023-01-01..2026-03-31")
