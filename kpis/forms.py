"""Forms of SQL: what is left of a statement when the times that it names are left open.

A form is found by compiling twice, at the times that are asked about and at others that lie
alike. Where the two differ in nothing but these times, any others that lie alike can be put in
their places. A time that is worked out from them in a way not known here shows as a difference,
and there is no form.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection

from accounts.epochs import Epoch, Epochs
from kpis.selects import Select, edges_of
from kpis.storage.columns import Sql
from periods import Calendar, Period, PeriodError
from pipeline.populations.base import over_a_year
from pipeline.reading import Reading

T = TypeVar("T")
# Of a reading what names times, or holds some; all else decides the SQL as it is.
_TIMES = {"scope", "period", "at", "closing", "as_of", "known_at", "cutoff", "standing"}
_TIMELESS = tuple(field.name for field in fields(Reading) if field.name not in _TIMES)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Form:
    """SQL of which some parameters are times: their places, and which of the times they are."""

    sql: Sql
    places: Mapping[int, int]

    def at(self, times: Sequence[Any]) -> Sql:
        """The SQL with these times."""
        parameters = list(self.sql.parameters)
        for place, which in self.places.items():
            parameters[place] = times[which]
        return Sql(self.sql.text, tuple(parameters))


def compiled(select: Select) -> Sql | None:
    """Its SQL, built anew; None where it can have no rows."""
    try:
        text, parameters = select.rows().query.sql_with_params()
    except EmptyResultSet:
        return None
    return Sql(text, tuple(parameters))


def form_of(select: Select) -> Form | None:
    """None where more than the times decides the SQL."""
    other = _elsewhere(select)
    if other is None:
        return None
    with _noting_reads() as reads:
        one, two = compiled(select), compiled(other)
    if one is None or two is None or one.text != two.text or reads:
        return None
    times = list(zip(times_of(select), times_of(other), strict=True))
    pairs = list(zip(one.parameters, two.parameters, strict=True))
    places = {
        place: times.index(pair)
        for place, pair in enumerate(pairs)
        if isinstance(pair[0], date | list) and pair in times
    }
    known = all(place in places or here == there for place, (here, there) in enumerate(pairs))
    return Form(one, places) if known else None


@contextmanager
def _noting_reads() -> Iterator[list[str]]:
    """What is read from the database meanwhile: the rows themselves then decide the SQL."""
    reads: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        reads.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield reads


def _elsewhere(select: Select) -> Select | None:
    """The same at other times that lie to each other as these do; None if they cannot be had."""
    reading = select.part.reading
    move = _Move(reading.calendar, reading.calendar.business_day(reading.at))
    try:
        other = move.select(select)
        return other if order_of(other) == order_of(select) else None
    except (OverflowError, PeriodError):
        return None


@dataclass(frozen=True)
class _Move:
    """Carries times away from a day, and apart, so that no length and no date stays as it was."""

    calendar: Calendar
    base: date

    def select(self, select: Select) -> Select:
        part, reading = select.part, select.part.reading
        moved = replace(
            reading,
            scope=replace(reading.scope, epochs=self._epochs(reading.scope.epochs)),
            period=self._period(reading.period),
            at=self._instant(reading.at),
            closing=reading.closing and self._period(reading.closing),
            as_of=reading.as_of and self._instant(reading.as_of),
            known_at=reading.known_at and self._instant(reading.known_at),
            cutoff=reading.cutoff and self._instant(reading.cutoff),
            standing=reading.standing and self._instant(reading.standing),
        )
        periods = tuple(map(self._period, part.split.periods))
        split = replace(part.split, periods=periods)
        return select.at_other_times(
            replace(part, reading=moved, split=split), self._epochs(select.children)
        )

    def _day(self, day: date) -> date:
        return self.base + 3 * (day - self.base) + timedelta(days=420)

    def _instant(self, instant: datetime) -> datetime:
        # The last instant of a day goes with the day that follows.
        here = (instant + _TICK).astimezone(self.calendar.zone)
        moved = datetime.combine(self._day(here.date()), here.time(), tzinfo=self.calendar.zone)
        return moved - _TICK

    def _period(self, period: Period) -> Period:
        return Period(self._day(period.start), self._day(period.end), None, period.calendar)

    def _epochs(self, epochs: Epochs[T]) -> Epochs[T]:
        return tuple(Epoch(each.until and self._instant(each.until), each.held) for each in epochs)


def name_of(select: Select) -> Hashable:
    """What decides the SQL: all but the times, and how these lie to each other."""
    part, scope = select.part, select.part.reading.scope
    reading, split = part.reading, part.split
    return (
        (select.source, select.measures, split.dimension, bool(split.periods)),
        tuple(getattr(reading, name) for name in _TIMELESS),
        (reading.period.grain, reading.calendar),
        (scope.kind, scope.id, scope.team_ids, tuple(epoch.held for epoch in scope.epochs)),
        tuple(tuple(epoch.held.items()) for epoch in select.children),
        order_of(select),
    )


def order_of(select: Select) -> tuple[int | None, ...]:
    """Which times come before which others, and which are the same."""
    return (*_ranks(_instants(select)), *_ranks(_days(select)))


def times_of(select: Select) -> list[Any]:
    """Every time that its SQL may name, always in the same order."""
    year, periods = over_a_year(select.part.reading).period, select.part.split.periods
    edges = (edges_of(periods, is_day=is_day) for is_day in (False, True))
    over_year = (year.starts_at, year.ends_at, year.start, year.end)
    return [*_instants(select), *_days(select), *over_year, *edges]


def _instants(select: Select) -> list[datetime | None]:
    reading, closing = select.part.reading, select.part.reading.closing
    return [
        reading.period.starts_at,
        reading.period.ends_at,
        reading.period.eve,
        reading.period.last_instant,
        reading.at,
        reading.instant,
        reading.as_of,
        reading.known_at,
        reading.cutoff,
        reading.standing,
        closing.starts_at if closing else None,
        closing.ends_at if closing else None,
        *_moves(select),
    ]


def _days(select: Select) -> list[date | None]:
    reading, closing = select.part.reading, select.part.reading.closing
    instants = (reading.at, reading.as_of, reading.cutoff, reading.standing, *_moves(select))
    return [
        reading.period.start,
        reading.period.end,
        reading.day,
        closing.start if closing else None,
        closing.end if closing else None,
        *(instant and reading.calendar.business_day(instant) for instant in instants),
    ]


def _moves(select: Select) -> Iterator[datetime | None]:
    """When teams moved."""
    reading = select.part.reading
    for scope in filter(None, (reading.scope, reading.within)):
        yield from (epoch.until for epoch in scope.epochs)
    yield from (epoch.until for epoch in select.children)


def _ranks(times: Sequence[Any]) -> Iterator[int | None]:
    ranks = {time: rank for rank, time in enumerate(sorted({t for t in times if t is not None}))}
    return map(ranks.get, times)
