"""Keeps stored values complete and up to date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import cast

from django.db import connection, transaction
from django.db.models import Min, Model, Q, QuerySet

from accounts.models import Company
from kpis.models import StoredUnit, Unit
from kpis.storage.columns import definition, sources
from kpis.storage.filling import Filling
from kpis.storage.locking import hold_writers
from kpis.storage.reach import Reach, reach
from kpis.storage.units import StoredSpan, spans_holding
from periods import Calendar
from periods.spans import months_after
from pipeline.models import Touched

# Beyond so many leaves spans are quicker filled as a whole, and edits need not wait for it.
MANY_LEAVES = 4000
MONTHS_AT_LEAST, MONTHS_BACK, MONTHS_AHEAD = 36, 120, 13
# Edits wait for the drain while these are filled; of few facts all at once.
SPANS_TOGETHER = {Unit.MONTH: 1, Unit.WEEK: 4}
BYTES_TOGETHER = 16 * 2**20
# What the first year is compared with is complete as well.
MONTHS_BEFORE_FACTS = 12
EVER = datetime.min.replace(tzinfo=UTC)


def keep_up(marks: Iterable[Touched]) -> bool:
    """Write what the marks' changes moved; answers whether spans were left to be filled.

    Values of whole spans are declared incomplete, so that readers go to the facts meanwhile.
    """
    company = Company.current()
    touched = reach(marks, company.calendar)
    if touched.everything:
        return _drop(StoredUnit.objects.all())
    kept = _kept(touched)
    several = sum(map(len, touched.leaves.values())) > MANY_LEAVES
    wide = touched.all_spans if several else touched.spans | (touched.all_spans - kept)
    dropped = bool(wide) and _drop(StoredUnit.objects.filter(_any_of(wide)))
    for of_sources, leaves in touched.leaves.items():
        Filling.of(of_sources).leaves([leaf for leaf in leaves if leaf.span in kept - wide])
    return dropped


def _kept(touched: Reach) -> set[StoredSpan]:
    """The touched spans whose values are complete and made by the present SQL."""
    if not touched.all_spans:
        return set()
    units = StoredUnit.objects.filter(_any_of(touched.all_spans), definition=definition())
    return {StoredSpan(Unit(unit.unit), unit.start) for unit in units}


def _drop(units: QuerySet[StoredUnit]) -> bool:
    dropped, _by_model = units.delete()
    return bool(dropped)


def _any_of(spans: Iterable[StoredSpan]) -> Q:
    starts: dict[Unit, list[date]] = {}
    for span in spans:
        starts.setdefault(span.unit, []).append(span.start)
    found = Q(pk__in=[])
    for unit, days in starts.items():
        found |= Q(unit=unit, start__in=days)
    return found


@dataclass(frozen=True)
class Filled:
    """The spans that were filled together, and how many rows were not as they should have been."""

    spans: tuple[StoredSpan, ...]
    differed: int
    remaining: int


def fill(*, at: datetime, before: datetime) -> Iterator[Filled]:
    """Fill the spans that nobody filled since `before`, latest first, some in each transaction.

    Whoever stops midway goes on by asking again.
    """
    waiting = _unfilled(at, before)
    remaining = len(waiting)
    for spans in together(waiting):
        remaining -= len(spans)
        yield Filled(spans, _fill(spans, at), remaining)


def together(waiting: Sequence[StoredSpan]) -> Iterator[tuple[StoredSpan, ...]]:
    """Some months, or some weeks, at a time: much of the work is the same for one as for many."""
    share = BYTES_TOGETHER / max(_bytes_of_facts(), BYTES_TOGETHER)
    for unit in Unit:
        found = [span for span in waiting if span.unit == unit]
        size = max(SPANS_TOGETHER[unit], int(len(found) * share))
        for first in range(0, len(found), size):
            yield tuple(found[first : first + size])


def _bytes_of_facts() -> int:
    tables = {source.population.fact._meta.db_table for source in sources()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name",
            [sorted(tables)],
        )
        return int(cursor.fetchone()[0])


def _fill(spans: Sequence[StoredSpan], at: datetime) -> int:
    with transaction.atomic():
        hold_writers()
        return fill_spans(spans, at=at)


def fill_spans(spans: Sequence[StoredSpan], *, at: datetime) -> int:
    """Fill spans of one unit, as one of the writers; answers how many rows differed."""
    differed = Filling.of(sources()).whole(spans)
    made = definition()
    StoredUnit.objects.bulk_create(
        [StoredUnit(unit=s.unit, start=s.start, definition=made, filled_at=at) for s in spans],
        update_conflicts=True,
        unique_fields=["unit", "start"],
        update_fields=["definition", "filled_at"],
    )
    return differed


def _unfilled(at: datetime, before: datetime) -> list[StoredSpan]:
    filled = StoredUnit.objects.filter(definition=definition(), filled_at__gte=before)
    done = {StoredSpan(Unit(unit), start) for unit, start in filled.values_list("unit", "start")}
    return [span for span in kept_spans(at=at) if span not in done]


def kept_spans(*, at: datetime, since: date | None = None) -> list[StoredSpan]:
    """Every span that values are kept for, latest first; `since` leaves out earlier ones."""
    calendar = Company.current().calendar
    first = max(_first_day(at, calendar), since or date.min)
    last = months_after(calendar.business_day(at), MONTHS_AHEAD)
    return sorted(spans_holding(first, last, calendar), key=attrgetter("start"), reverse=True)


def _first_day(at: datetime, calendar: Calendar) -> date:
    """The month before which no values are kept."""
    today = calendar.business_day(at)
    dated = {(source.population.fact, source.population.dated_by) for source in sources()}
    found = [_oldest(fact, column, calendar) for fact, column in dated]
    oldest = min((day for day in found if day is not None), default=today)
    first = months_after(oldest, -MONTHS_BEFORE_FACTS)
    enough = min(first, months_after(today, -MONTHS_AT_LEAST))
    return max(enough, months_after(today, -MONTHS_BACK))


def _oldest(fact: type[Model], column: str, calendar: Calendar) -> date | None:
    found = fact._base_manager.aggregate(oldest=Min(column))["oldest"]
    if isinstance(found, datetime):
        return calendar.business_day(found)
    return cast("date | None", found)
