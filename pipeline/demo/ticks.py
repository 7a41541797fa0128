"""What the demo's people ticked lately, and why deals moved on without some of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection

from pipeline.bulk import BulkWriter
from pipeline.bulk.tables import ignoring_triggers
from pipeline.demo.plan import Plan
from pipeline.models import Tick

_TOLD_FOR = timedelta(days=120)
_REASONS = (
    "고객이 다음 단계를 먼저 요청함",
    "구두로 확인했고 서류는 이번 주에 받기로 함",
    "결재 일정이 급해 먼저 진행함",
    "기존 고객이라 이미 아는 내용임",
)


def write_ticks(writer: BulkWriter, plan: Plan) -> None:
    """For open deals and those closed lately, by two statements over their versions."""
    given: dict[str, Any] = {
        "since": plan.until - _TOLD_FOR,
        "until": plan.until,
        "seed": str(plan.seed),
        "reasons": list(_REASONS),
    }
    with ignoring_triggers(Tick), connection.cursor() as cursor:
        cursor.execute(_VISITS, given)
        cursor.execute(_TICKS, given)
        cursor.execute(_SKIPS, given)
    writer.touch(Tick)


# Each stay in an open stage, told by its last state.
_VISITS = """
CREATE TEMPORARY TABLE demo_visit ON COMMIT DROP AS
SELECT deal.id, deal.external_id, past.stage_id, min(past.valid_from) AS began,
    max(past.valid_to) AS went,
    (array_agg(past.owner_id ORDER BY past.valid_from DESC))[1] AS owner_id,
    (array_agg(past.team_id ORDER BY past.valid_from DESC))[1] AS team_id
FROM pipeline_deal deal JOIN pipeline_dealversion past ON past.row_id = deal.id
WHERE (deal.outcome = 'open' OR deal.closed_at >= %(since)s) AND past.outcome = 'open'
GROUP BY deal.id, past.stage_id
"""
_TICKS = """
INSERT INTO pipeline_tick (deal_id, criterion_id, is_met, by_id, owner_id, team_id, at)
SELECT visit.id, asked.id, true, visit.owner_id, visit.owner_id, visit.team_id,
    visit.began + (LEAST(visit.went, %(until)s) - visit.began) * (0.1 + dice %% 80 / 100.0)
FROM demo_visit visit JOIN pipeline_criterion asked USING (stage_id)
CROSS JOIN LATERAL (SELECT abs(hashtext(%(seed)s || visit.external_id || asked.name))) AS of (dice)
WHERE dice / 100 %% 100 < CASE WHEN visit.went = 'infinity' THEN 45
    WHEN asked.is_must THEN 92 ELSE 60 END
"""
_SKIPS = """
INSERT INTO pipeline_skip (deal_id, criteria, reason, by_id, at, transaction)
SELECT visit.id, array_agg(asked.id ORDER BY asked.position),
    (%(reasons)s)[1 + visit.id %% cardinality(%(reasons)s)], visit.owner_id, visit.went, 0
FROM demo_visit visit
JOIN pipeline_stage stood ON stood.id = visit.stage_id
JOIN pipeline_criterion asked ON asked.stage_id = visit.stage_id AND asked.is_must
JOIN pipeline_dealversion next ON next.row_id = visit.id AND next.valid_from = visit.went
JOIN pipeline_stage came ON came.id = next.stage_id
WHERE came.position > stood.position AND came.outcome <> 'lost' AND NOT EXISTS (
    SELECT FROM pipeline_tick WHERE deal_id = visit.id AND criterion_id = asked.id)
GROUP BY visit.id, visit.owner_id, visit.went
"""
