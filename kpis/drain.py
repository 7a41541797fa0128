"""Acts on the marks that changed facts leave: brings stored values up to date, tells the pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.db import transaction

from kpis.live import Change, publish
from kpis.storage.keeping import keep_up
from kpis.storage.locking import hold_writers
from kpis.storage.remembering import forget
from pipeline.models import Touched

BATCH = 5000


@dataclass(frozen=True)
class Drained:
    """How many marks were taken, of which facts, and whether stored values wait to be filled."""

    marks: int
    facts: frozenset[str]
    left_to_fill: bool


def drain(*, limit: int = BATCH) -> Drained:
    """Take the oldest `limit` marks and act on them, all or nothing."""
    with transaction.atomic():
        hold_writers()
        marks = _take(limit)
        left_to_fill = keep_up(marks)
        forget(marks)
        # Before the commit, so that a worker that dies here tells the pages twice and not
        # never. What they read again was committed before its mark could be seen.
        publish(changes(marks))
    return Drained(len(marks), frozenset(mark.fact for mark in marks), left_to_fill)


def _take(limit: int) -> list[Touched]:
    taken = Touched.objects.raw(
        "DELETE FROM pipeline_touched WHERE id IN "
        "(SELECT id FROM pipeline_touched ORDER BY id LIMIT %s) RETURNING *",
        [limit],
    )
    return list(taken)


def changes(marks: Iterable[Touched]) -> Iterator[Change]:
    """One change for each fact, with all the owners and teams whose rows were touched.

    A mark of nobody's stands for everybody's.
    """
    for fact, found in groupby(sorted(marks, key=attrgetter("fact")), key=attrgetter("fact")):
        touched = list(found)
        yield Change(
            fact,
            owners=frozenset(mark.owner_id for mark in touched if mark.owner_id is not None),
            teams=frozenset(mark.team_id for mark in touched if mark.team_id is not None),
            everyone=any(mark.owner_id is None and mark.team_id is None for mark in touched),
        )
