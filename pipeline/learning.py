"""How likely a deal in a stage is won, learned from the deals that were closed lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import Company
from periods.spans import year_before
from pipeline.models import LostReason, SalesProcess

PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Learned:
    """Of the deals that reached a stage and were closed, how many were won."""

    reached: int
    won: int

    @property
    def share(self) -> Decimal:
        return (Decimal(self.won) / self.reached).quantize(PLACES)


def learned_probabilities(process: SalesProcess, *, at: datetime) -> dict[int, Learned]:
    """By open stage, of the deals closed in the twelve months before `at` that reached it or came
    past it. A stage that none reached is left out.

    A deal that was seen in no stage of the process before it closed tells nothing; nor does one
    that was lost as a duplicate or by mistake.
    """
    calendar = Company.current().calendar
    since = calendar.start_of(year_before(calendar.business_day(at)))
    parameters: dict[str, Any] = {
        "process": process.pk,
        "since": since,
        "at": at,
        "never_real": list(LostReason.outside_win_rates()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SHARES, parameters)
        return {stage: Learned(reached, won) for stage, reached, won in cursor.fetchall()}


# How far each closed deal came in the process: won is beyond every stage, lost beyond none.
_SHARES = """
WITH closed AS (
    SELECT id, outcome FROM pipeline_deal
    WHERE closed_at >= %(since)s AND closed_at < %(at)s AND lost_reason <> ALL(%(never_real)s)
), came AS (
    SELECT closed.id, closed.outcome = 'won' AS is_won, max(stage.position) AS furthest
    FROM closed
    JOIN pipeline_dealversion version ON version.row_id = closed.id
    JOIN pipeline_stage stage ON stage.id = version.stage_id
    WHERE version.recorded_to = 'infinity' AND NOT version.deleted
        AND version.outcome = 'open' AND stage.process_id = %(process)s
    GROUP BY closed.id, closed.outcome
)
SELECT stage.id, count(*), count(*) FILTER (WHERE is_won)
FROM came JOIN pipeline_stage stage
    ON stage.process_id = %(process)s AND stage.outcome = 'open'
    AND (is_won OR stage.position <= furthest)
GROUP BY stage.id
"""
