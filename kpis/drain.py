"""Acts on the marks that changed facts leave: tells the open pages what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from django.db import connection, transaction

from kpis.live import Change, publish
from pipeline.models import Touched

BATCH = 5000
# One drain at a time, over all workers: any number that nothing else locks by.
_LOCK = 0x5A1E5


def drain(*, limit: int = BATCH) -> int:
    """Take the oldest `limit` marks and act on them, all or nothing; answers how many."""
    with transaction.atomic():
        hold_drains()
        marks = _take(limit)
        # Before the commit, so that a worker that dies here tells the pages twice and not
        # never. What they read again was committed before its mark could be seen.
        publish(changes(marks))
    return len(marks)


def hold_drains() -> None:
    """Wait for any other drain to end, and keep others waiting until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


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
