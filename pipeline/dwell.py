"""How long deals usually stay in a stage, from their visits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection

from accounts.models import Company
from pipeline.models import SalesProcess

LOOK_BACK = timedelta(days=90)
ENOUGH_VISITS = 5
A_DAY = 24 * 3600
# An empty answer may be that of a company whose history is about to be imported.
A_MOMENT = 60

_P75 = """
SELECT stage_id, percentile_cont(0.75) WITHIN GROUP (ORDER BY extract(epoch FROM went - began))
FROM pipeline_stagevisit visit JOIN pipeline_stage stage ON stage.id = visit.stage_id
WHERE visit.is_told AND visit.moved_on AND visit.went >= %(since)s AND visit.went < %(at)s
    AND stage.process_id = %(process)s
GROUP BY stage_id HAVING count(*) >= %(enough)s
"""


def usual_days(process: SalesProcess, *, at: datetime) -> dict[int, int]:
    """By stage, the days within which three of four visits ended in the last 90 days.

    A stage with too few visits to tell is left out. Counted once a day for the whole company,
    since it is the yardstick that everybody's deals are held against.
    """
    today = Company.current().calendar.business_day(at)
    key = f"pipeline:usual-days:{process.pk}:{today}"
    known: dict[int, int] | None = cache.get(key)
    if known is None:
        known = _count(process, at=at)
        cache.set(key, known, A_DAY if known else A_MOMENT)
    return known


def _count(process: SalesProcess, *, at: datetime) -> dict[int, int]:
    parameters: dict[str, Any] = {
        "since": at - LOOK_BACK,
        "at": at,
        "process": process.pk,
        "enough": ENOUGH_VISITS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_P75, parameters)
        return {stage: max(1, round(seconds / A_DAY)) for stage, seconds in cursor.fetchall()}
