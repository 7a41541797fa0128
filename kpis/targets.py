"""Which target holds for a scope, a KPI and a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from accounts.scope import Scope, ScopeKind
from history import version_model
from kpis.registry import all_kpis
from periods import Period
from pipeline.models import Target
from pipeline.models.targets import set_within

Wanted = tuple[str, Scope, Period, tuple[tuple[str, str], ...]]
Line = tuple[int | None, int | None, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Found:
    """A target's value, and whether it was summed from those of shorter periods."""

    value: Decimal | None
    is_sum: bool = False


@dataclass(frozen=True)
class Held:
    """What a figure is held against: its own target, and the one that is part of it."""

    goal: Found
    part: Found


NOTHING_HELD = Held(Found(None), Found(None))


class Targets:
    """The targets that a page needs, read at once."""

    def __init__(
        self,
        wanted: Sequence[Wanted],
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> None:
        self._rows: QuerySet[Any] = Target.objects.all()
        if as_of is not None:
            self._rows = version_model(Target).objects.at(as_of, known_at=known_at)
        self._lines: dict[Line, dict[tuple[date, date], Decimal]] = {}
        if wanted:
            self._read(wanted)

    def _read(self, wanted: Sequence[Wanted]) -> None:
        rows = self._rows.filter(
            _scopes([scope for _kpi, scope, _period, _filters in wanted]),
            kpi__in={kpi for kpi, _scope, _period, _filters in wanted},
            start__gte=min(period.start for _kpi, _scope, period, _filters in wanted),
            end__lte=max(period.end for _kpi, _scope, period, _filters in wanted),
        )
        columns = ("team_id", "user_id", "kpi", "filters", "start", "end", "value")
        for team, user, kpi, filters, start, end, value in rows.values_list(*columns):
            line = (team, user, kpi, tuple(sorted(filters.items())))
            self._lines.setdefault(line, {})[start, end] = value

    def find(self, wanted: Wanted) -> Found:
        """The scope's own target, else the sum of its parts where they cover the period."""
        kpi, scope, period, filters = wanted
        spans = self._lines.get((*_credit(scope), kpi, tuple(sorted(filters))), {})
        own = spans.get((period.start, period.end))
        if own is not None:
            return Found(own)
        if not all_kpis()[kpi].basis().adds_up_over_time:
            return Found(None)
        total = _tiled(spans, period.start, period.end)
        return Found(total, is_sum=total is not None)


def _credit(scope: Scope) -> tuple[int | None, int | None]:
    return (
        scope.id if scope.kind is ScopeKind.TEAM else None,
        scope.id if scope.kind is ScopeKind.USER else None,
    )


def _scopes(scopes: Sequence[Scope]) -> Q:
    teams = {scope.id for scope in scopes if scope.kind is ScopeKind.TEAM}
    company = any(scope.kind is ScopeKind.COMPANY for scope in scopes)
    found = Q(team__isnull=True, user__isnull=True) if company else Q(pk__in=[])
    return found | Q(team__in=teams) | _of_people(scopes)


def _of_people(scopes: Sequence[Scope]) -> Q:
    """People's own targets; from the time in one's own teams, where others' work is not seen."""
    people: dict[frozenset[int], set[int]] = {}
    for scope in scopes:
        if scope.kind is ScopeKind.USER:
            people.setdefault(scope.team_ids, set()).add(scope.id)
    found = Q(pk__in=[])
    for team_ids, ids in people.items():
        found |= Q(user__in=ids) & (set_within(team_ids) if team_ids else Q())
    return found


def _tiled(spans: dict[tuple[date, date], Decimal], start: date, end: date) -> Decimal | None:
    """The sum of the fewest spans that cover [start, end) without gap or overlap."""
    best: dict[date, tuple[int, Decimal]] = {start: (0, Decimal(0))}
    for (begin, finish), value in sorted(spans.items()):
        if begin in best and finish <= end:
            count, total = best[begin]
            known = best.get(finish)
            if known is None or count + 1 < known[0]:
                best[finish] = (count + 1, total + value)
    return best[end][1] if end in best else None
