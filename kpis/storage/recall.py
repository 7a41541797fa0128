"""Keeps what measures came to, so that figures which cannot be added up are read as fast.

Medians, stocks, cohorts and splits are kept as they were read, until the day ends or a change
may have moved them. The proof comes with the value, in one statement: the
drain has not taken it away, and no mark of a fact that it rests on waits for the drain.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from kpis.models import Drains, Recalled
from kpis.storage.columns import declared_measures
from kpis.storage.keys import is_of_fixed_instant, keys_of
from pipeline.measures import Measure
from pipeline.models import Touched
from pipeline.past import seen
from pipeline.reading import Reading

if TYPE_CHECKING:
    from kpis.selects import Part

Cells = dict[str, "Decimal | None"]
# Automatic renewals are listed for two years from the database's own day on.
FAR_AHEAD = timedelta(days=700)

_READ = f"""
SELECT '', coalesce(max(number), 0)::text FROM {Drains._meta.db_table}
UNION ALL
SELECT kept.key, kept.cells FROM {Recalled._meta.db_table} AS kept
JOIN unnest(%s::text[], %s::timestamptz[]) AS asked (key, at) ON kept.key = asked.key
WHERE kept.at <= asked.at AND NOT EXISTS (
    SELECT FROM {Touched._meta.db_table} AS mark WHERE mark.fact = ANY (kept.facts))
"""


@dataclass(frozen=True)
class Recall:
    """What was recalled, by part and measure, and how often marks had been drained by then."""

    drains: int
    found: Mapping[tuple[Part, Measure], Cells]


def recall(wanted: Mapping[Part, Sequence[Measure]]) -> Recall:
    """What is known already of the measures of some parts, sure to be what the facts say now."""
    keys = {
        key: (part, measure)
        for part, measures in wanted.items()
        for key, measure in keys_to_keep(part, measures)
    }
    if not keys:
        return Recall(0, {})
    instants = [part.reading.at for part, _measure in keys.values()]
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(keys), instants])
        (_, drains), *kept = cursor.fetchall()
    return Recall(int(drains), {keys[key]: _read(cells) for key, cells in kept})


def drains_so_far() -> int | None:
    """How often marks were drained, if none waits: facts are the same while this is."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(max(number), 0), EXISTS (SELECT FROM {Touched._meta.db_table}) "
            f"FROM {Drains._meta.db_table}"
        )
        drains, some_wait = cursor.fetchone()
    return None if some_wait else int(drains)


def keys_to_keep(part: Part, measures: Sequence[Measure]) -> Iterator[tuple[str, Measure]]:
    if settings.STORED_VALUES and _is_asked_again(part.reading):
        kept = [measure for measure in measures if _is_kept(measure)]
        yield from zip(keys_of(part, kept), kept, strict=True)


def _is_asked_again(reading: Reading) -> bool:
    """Whether it is about the present or the turn of a day, and its rows are known by now."""
    if reading.known_at != reading.as_of and reading.known_at is not None:
        return False
    if reading.cutoff is not None or _is_of_another_past(reading):
        return False
    calendar = reading.calendar
    today = calendar.business_day(reading.at)
    is_steady = not is_of_fixed_instant(reading) or reading.at == calendar.start_of(today)
    return is_steady and reading.period.end <= today + FAR_AHEAD


def _is_of_another_past(reading: Reading) -> bool:
    """Whether queries find other facts than the reading says that it reads."""
    return seen() is not None and reading.as_of is None


def _is_kept(measure: Measure) -> bool:
    return not measure.runs_with_the_clock and declared_measures().get(measure.key) is measure


def _read(cells: str) -> Cells:
    told: dict[str, str | None] = json.loads(cells)
    return {key: None if value is None else Decimal(value) for key, value in told.items()}
