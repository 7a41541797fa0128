"""Keeps what was just read from the facts, and takes it away when a change may have moved it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from accounts.scope import ScopeKind
from history import version_model
from kpis.models import Drains, Recalled
from kpis.storage.keys import is_of_fixed_instant
from kpis.storage.locking import keep_drains_waiting
from kpis.storage.recall import keys_to_keep
from kpis.storage.rests import Rests
from pipeline.measures import Measure
from pipeline.models import Activity, Deal, Lead, Rate, Touched
from pipeline.populations import Population, Rows
from pipeline.reading import RATE_LASTS, Reading

if TYPE_CHECKING:
    from kpis.selects import Part

_COLUMNS = "key, at, cells, facts, own, owner_id, starts_at, ends_at"
_KINDS = ("text", "timestamptz", "text", "text", "text", "bigint", "timestamptz", "timestamptz")
# What others keep meanwhile is as good. Only a statement with a snapshot of its own sees drains.
_WRITE = f"""
INSERT INTO {Recalled._meta.db_table} ({_COLUMNS})
SELECT key, at, cells, string_to_array(facts, ' '), own, owner_id, starts_at, ends_at
FROM unnest({", ".join(f"%s::{kind}[]" for kind in _KINDS)}) AS told ({_COLUMNS})
WHERE current_setting('transaction_isolation') = 'read committed'
    AND (SELECT coalesce(max(number), 0) FROM {Drains._meta.db_table}) = %s
ORDER BY key ON CONFLICT (key) DO NOTHING
"""


@dataclass(frozen=True)
class Told:
    """What the facts say of some measures of a part, and what the statement rested on."""

    part: Part
    measures: Sequence[Measure]
    cells: Mapping[str, Mapping[Measure, Decimal | None]]
    rests: Rests | None


def remember(told: Iterable[Told], *, drains: int) -> None:
    """Keep what was read after that many drains, unless there was another since."""
    awaited = _Awaited()
    rows = [row for one in told for row in _rows(one, awaited)]
    if not rows:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        if keep_drains_waiting():
            cursor.execute(_WRITE, [*map(list, zip(*rows, strict=True)), drains])


def _rows(told: Told, awaited: _Awaited) -> Iterator[tuple[Any, ...]]:
    kept = list(keys_to_keep(told.part, told.measures))
    if not kept or told.rests is None or awaited.moves(told.part, told.rests):
        return
    facts, narrowed = " ".join(sorted(told.rests.facts)), _narrowed(told.part, told.rests)
    for key, measure in kept:
        cells = {name: _text(values.get(measure)) for name, values in told.cells.items()}
        yield key, told.part.reading.at, json.dumps(cells), facts, *narrowed


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _narrowed(part: Part, rests: Rests) -> tuple[str, int | None, datetime | None, datetime | None]:
    """The fact of which only some rows matter, and which: whose, and dated within what."""
    population, reading = part.population, part.reading
    own = str(population.fact._meta.model_name)
    if own not in rests.once or population.by_customer:
        return "", None, None, None
    owner = reading.scope.id if reading.scope.kind is ScopeKind.USER else None
    if not _is_dated_by_marks(population):
        return own, owner, None, None
    return own, owner, reading.period.starts_at, reading.period.ends_at


def _is_dated_by_marks(population: Population) -> bool:
    return population.dated_by in {"created_at", "closed_at", "converted_at", "day"}


# What comes to pass without any edit: the instants that figures count, where they are later.
def _awaited(fact: str) -> tuple[tuple[Rows, str], ...]:
    deals, leads = Deal._base_manager.all(), Lead._base_manager.all()
    begun = version_model(Deal).objects.known().filter(deleted=False)
    done = Activity._base_manager.filter(lead__isnull=False)
    return {
        "deal": ((deals, "created_at"), (deals, "closed_at"), (begun, "valid_from")),
        "lead": ((leads, "created_at"), (leads, "converted_at")),
        "activity": ((done, "at"),),
    }.get(fact, ())


@dataclass
class _Awaited:
    """Whether something that is dated later today will move a figure by itself."""

    known: dict[tuple[str, datetime], bool] = field(default_factory=dict)

    def moves(self, part: Part, rests: Rests) -> bool:
        if is_of_fixed_instant(part.reading):
            return False
        return any(self._is_there_more(fact, part.reading) for fact in rests.facts)

    def _is_there_more(self, fact: str, reading: Reading) -> bool:
        asked = fact, reading.at
        if asked not in self.known:
            self.known[asked] = any(
                rows.filter(**_later_today(reading, column)).exists()
                for rows, column in _awaited(fact)
            )
        return self.known[asked]


def _later_today(reading: Reading, column: str) -> dict[str, datetime]:
    calendar = reading.calendar
    tomorrow = calendar.start_of(calendar.business_day(reading.at) + timedelta(days=1))
    return {f"{column}__gt": reading.at, f"{column}__lt": tomorrow}


# Beyond so many different changes, whatever rests on their facts is taken away.
MANY_CHANGES = 300
_FORGET = f"""
DELETE FROM {Recalled._meta.db_table} AS kept
USING unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
    AS mark (fact, owner_id, first, last)
WHERE mark.fact = ANY (kept.facts)
    AND NOT (mark.fact = kept.own AND coalesce(mark.owner_id <> kept.owner_id, false))
    AND NOT (mark.fact IN (kept.own, '{Rate._meta.model_name}')
        AND coalesce(mark.last < kept.starts_at OR mark.first >= kept.ends_at, false))
"""
_COUNT = f"""
INSERT INTO {Drains._meta.db_table} (id, number) VALUES (1, 1)
ON CONFLICT (id) DO UPDATE SET number = {Drains._meta.db_table}.number + 1
"""
# A date in a mark became an instant in whatever zone its writer's session had.
_DAY = timedelta(days=1)
Change = tuple[str, int | None, "datetime | None", "datetime | None"]


def forget(marks: Iterable[Touched]) -> None:
    """Take away what the marks' changes may have moved; whoever holds the writers back calls."""
    changes = {change for mark in marks for change in _changes(mark)}
    if len(changes) > MANY_CHANGES:
        changes = {(fact, None, None, None) for fact, *_which in changes}
    if not changes:
        return
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        cursor.execute(_FORGET, [*map(list, zip(*changes, strict=True))])


def _changes(mark: Touched) -> Iterator[Change]:
    """One for each date of the row; without any, it may count anywhere."""
    after = _DAY + (RATE_LASTS if mark.fact == Rate._meta.model_name else timedelta())
    for instant in mark.instants:
        try:
            yield mark.fact, mark.owner_id, instant - _DAY, instant + after
        except OverflowError:
            # No period that anybody could ask for holds it.
            continue
    if not mark.instants:
        yield mark.fact, mark.owner_id, None, None


def forget_all() -> None:
    """Take everything away, so that it is read from the facts anew."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        cursor.execute(f"DELETE FROM {Recalled._meta.db_table}")
