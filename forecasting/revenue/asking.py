"""What is asked of the revenue forecast: whose revenue, in which months, as of when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from accounts.models import User
from accounts.scope import Scope, ScopeKind
from forecasting.revenue.schedules import parts, places_of
from periods import Calendar, Grain, Period
from periods.spans import months_after
from pipeline.models import Contract
from pipeline.reading import Reading

DIMENSIONS: Mapping[str, str] = {
    "customer": "customer_id",
    "industry": "customer__industry",
    "size": "customer__size_band",
    "region": "customer__region",
}
"""What revenue is split and filtered by, as columns of what refers to a customer."""

PAST_MONTHS, COMING_MONTHS = 12, 18
LONGEST_CURVE = 60
"""Months after its win in which a deal may still bring something in."""


@dataclass(frozen=True)
class Asked:
    """The revenue of a scope in whole months that follow each other, at `at` or as of then.

    Earlier instants are read inside `pipeline.past.looking_back`, as requests do.
    """

    viewer: User
    scope: Scope
    periods: tuple[Period, ...]
    at: datetime
    currency: str
    filters: tuple[tuple[str, str], ...] = ()
    as_of: datetime | None = None
    known_at: datetime | None = None

    @property
    def calendar(self) -> Calendar:
        return self.periods[0].calendar

    @property
    def today(self) -> date:
        """The business day until whose end revenue counts as recognised."""
        last = self.at if self.as_of is None else self.at - timedelta(microseconds=1)
        return self.calendar.business_day(last)

    @property
    def start(self) -> date:
        return self.periods[0].start

    @property
    def end(self) -> date:
        return self.periods[-1].end

    @cached_property
    def edges(self) -> list[date]:
        """Where a period or the past ends: no span between two of them is partly past."""
        found = {self.start, *(period.end for period in self.periods)}
        cut = self.today + timedelta(days=1)
        return sorted(found | ({cut} if self.start < cut < self.end else set()))

    @property
    def spans(self) -> list[tuple[date, date]]:
        return list(pairwise(self.edges))

    def place(self, day: date) -> int | None:
        """Which of the periods a day belongs to."""
        within = (n for n, each in enumerate(self.periods) if each.start <= day < each.end)
        return next(within, None)

    def reading(self, period: Period | None = None) -> Reading:
        """How deals are read: those of a period, or by default the present ones."""
        today = Period.containing(self.today, Grain.DAY, self.calendar)
        return Reading(
            self.scope,
            period or today,
            self.at,
            self.currency,
            filters=self.filters,
            as_of=self.as_of,
            known_at=self.known_at,
        )


def whole_months(period: Period) -> Period:
    """The months that a period touches: revenue is told by month."""
    if period.grain in (Grain.MONTH, Grain.QUARTER, Grain.HALF, Grain.YEAR):
        return period
    end = months_after(period.last_day, 1)
    start = months_after(period.start, 0)
    if months_after(start, 1) == end:
        return Period.containing(start, Grain.MONTH, period.calendar)
    return Period(start, end, None, period.calendar)


def around(today: date, grain: Grain, calendar: Calendar) -> tuple[Period, ...]:
    """The periods of a grain from twelve months ago until eighteen months from now."""
    first = Period.containing(months_after(today, -PAST_MONTHS), grain, calendar)
    found = [first]
    while found[-1].end <= months_after(today, COMING_MONTHS):
        found.append(found[-1].next())
    return tuple(found)


def parameters(asked: Asked, spans: Sequence[tuple[date, date]]) -> dict[str, Any]:
    """What the statements over contracts are given, to answer by these spans."""
    return {
        "today": asked.today,
        "since": spans[0][0],
        "until": spans[-1][1],
        "currency": asked.currency,
        "whole_currencies": _whole_currencies(),
        "firsts": [first for first, _last in spans],
        "lasts": [last for _first, last in spans],
        "first_parts": [parts(first) for first, _last in spans],
        "last_parts": [parts(last) for _first, last in spans],
        "scope_id": asked.scope.id,
        "teams": list(asked.scope.team_ids),
        **{f"only_{name}": value for name, value in asked.filters},
    }


def _whole_currencies() -> list[str]:
    """The currencies in use that have no cents."""
    used = Contract._base_manager.order_by("currency").values_list("currency", flat=True).distinct()
    return [currency for currency in used if places_of(currency) == 0]


_IN_SCOPE = {
    ScopeKind.COMPANY: "TRUE",
    ScopeKind.TEAM: "contract.team_id = ANY(%(teams)s)",
    ScopeKind.USER: "contract.owner_id = %(scope_id)s",
}


def chosen(asked: Asked) -> str:
    """The condition for the contracts that are asked about, in SQL."""
    wanted = [_IN_SCOPE[asked.scope.kind]]
    for name, _value in asked.filters:
        column = DIMENSIONS[name].removeprefix("customer__")
        if name == "customer":
            wanted.append("contract.customer_id = %(only_customer)s")
        else:
            wanted.append(
                'contract.customer_id IN (SELECT id FROM "pipeline_customer" '
                f"WHERE {column} = %(only_{name})s)"
            )
    return " AND ".join(wanted)
