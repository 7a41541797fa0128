"""The past of new deals, as far as an export tells it.

What is not known is not invented: a version whose stage nobody told has none. Past states
carry the amount that the export gives, marked as an estimate.
"""

from __future__ import annotations

from collections.abc import Collection

from pipeline.bulk.tables import ignoring_triggers, tracked_columns
from pipeline.importers.session import Session, execute
from pipeline.models import Deal, Stage

NEW_DEALS = "salesdash_new_deals"
HISTORY = "salesdash_history"
_PIECES = "salesdash_pieces"


def make_room() -> None:
    """Empty temporary tables, which last as long as the import's transaction."""
    for table, columns in (
        (NEW_DEALS, "deal_id bigint PRIMARY KEY, estimate numeric(18, 2)"),
        (
            HISTORY,
            "deal_id bigint, stage_id bigint, at timestamptz, line bigint, customer_id bigint, "
            "owner_id bigint, team_id bigint, amount numeric(18, 2), probability numeric(5, 4), "
            "category text, kind text, expected_close date, deleted boolean",
        ),
        (_PIECES, "deal_id bigint, at timestamptz, stage_id bigint, is_final bool, rank int"),
    ):
        execute(f"DROP TABLE IF EXISTS {table}")
        execute(f"CREATE TEMP TABLE {table} ({columns}) ON COMMIT DROP")


def write_past(session: Session, stage_before_close: Stage | None) -> None:
    """The versions of the new deals and of their lines.

    From its creation to the last word on it, a deal is in the stages that its history names;
    before the first, in `stage_before_close` if it is closed by now.
    """
    execute(f"ANALYZE {NEW_DEALS}")
    names = {"new": NEW_DEALS, "history": HISTORY, "pieces": _PIECES}
    execute(_FINAL_PIECES.format(**names))
    execute(f"ANALYZE {_PIECES}")
    execute(_EARLIER_PIECES.format(**names))
    execute(
        _FIRST_PIECES.format(**names),
        [stage_before_close.pk if stage_before_close else None],
    )
    execute(f"ANALYZE {_PIECES}")
    with ignoring_triggers(Deal):
        execute(_SINCE.format(**names))
    if session.told:
        execute(_SINCE_TOLD.format(**names))
    if execute(_VERSIONS.format(**names, **_columns(session.told))):
        session.bulk.touch(Deal)
    execute(_LINE_VERSIONS.format(**names))


# The last state begins when a closed deal closed (at the last stage change of that day), when
# an open one came to its stage, or now where that is not known.
_FINAL_PIECES = """
INSERT INTO {pieces} (deal_id, at, stage_id, is_final, rank)
SELECT deal.id, LEAST(now(), CASE
        WHEN deal.closed_at IS NOT NULL THEN GREATEST(deal.closed_at, (
            SELECT max(at) FROM {history} h WHERE h.deal_id = deal.id
                AND at >= deal.closed_at AND at < deal.closed_at + interval '1 day'))
        ELSE COALESCE((
            SELECT CASE WHEN last.stage_id = deal.stage_id THEN last.at END
            FROM (SELECT stage_id, at FROM {history} h WHERE h.deal_id = deal.id
                ORDER BY at DESC LIMIT 1) last), deal.stage_since, now()) END),
    deal.stage_id, true, 3
FROM {new} JOIN pipeline_deal deal ON deal.id = deal_id
"""
_EARLIER_PIECES = """
INSERT INTO {pieces} (deal_id, at, stage_id, is_final, rank)
SELECT deal_id, h.at, h.stage_id, false, 2
FROM {history} h JOIN {pieces} final USING (deal_id) WHERE h.at < final.at AND final.is_final
"""
_FIRST_PIECES = """
INSERT INTO {pieces} (deal_id, at, stage_id, is_final, rank)
SELECT deal_id, deal.created_at,
    CASE WHEN deal.outcome <> 'open' AND NOT EXISTS (
        SELECT FROM {history} h WHERE h.deal_id = deal.id) THEN %s::bigint END, false, 1
FROM {pieces} final JOIN pipeline_deal deal ON deal.id = deal_id
WHERE final.is_final AND deal.created_at < final.at
"""
_SINCE = """
UPDATE pipeline_deal deal SET stage_since = final.at FROM {pieces} final
WHERE deal.id = final.deal_id AND final.is_final AND final.at < now()
    AND deal.stage_since IS NULL
"""
_VERSIONS = """
INSERT INTO pipeline_dealversion
    (row_id, valid_from, valid_to, recorded_from, deleted, {columns})
SELECT deal.id, piece.at, COALESCE(
        lead(piece.at) OVER (PARTITION BY deal.id ORDER BY piece.at), 'infinity'),
    now(), {deleted}, {values}
FROM (SELECT DISTINCT ON (deal_id, at) * FROM {pieces} ORDER BY deal_id, at, rank DESC) piece
JOIN pipeline_deal deal ON deal.id = piece.deal_id
JOIN {new} new ON new.deal_id = deal.id
LEFT JOIN pipeline_stage stage ON stage.id = piece.stage_id
{told}
"""
_TOLD = """
LEFT JOIN {history} told ON told.deal_id = piece.deal_id AND told.at = piece.at AND piece.rank = 2
"""
# History that tells more than stages has several entries while a deal is in one of them.
_SINCE_TOLD = """
UPDATE pipeline_deal deal SET stage_since = came.at FROM (
    SELECT deal_id, max(at) AS at FROM (
        SELECT deal_id, at, stage_id,
            lag(stage_id) OVER (PARTITION BY deal_id ORDER BY at) AS before FROM {history}) entry
    WHERE before IS DISTINCT FROM stage_id GROUP BY deal_id) came
JOIN {new} USING (deal_id)
WHERE deal.id = came.deal_id AND deal.outcome = 'open' AND deal.stage_since > came.at
"""
# A line's past is its deal's; the only line of a deal was worth what the deal was.
_LINE_VERSIONS = """
INSERT INTO pipeline_deallineversion
    (row_id, valid_from, valid_to, recorded_from, deal_id, product_id, quantity, amount)
SELECT line.id, past.valid_from, past.valid_to, now(), line.deal_id, line.product_id,
    line.quantity, CASE WHEN line.amount = deal.amount THEN past.amount ELSE line.amount END
FROM pipeline_dealline line
JOIN pipeline_deal deal ON deal.id = line.deal_id
JOIN pipeline_dealversion past ON past.row_id = deal.id AND past.recorded_to = 'infinity'
WHERE NOT EXISTS (SELECT FROM pipeline_deallineversion WHERE row_id = line.id)
    AND (deal.id IN (SELECT deal_id FROM {new}) OR past.valid_to = 'infinity')
ORDER BY line.id, past.valid_from
"""
_PAST_VALUES = {
    "stage_id": "piece.stage_id",
    "outcome": "COALESCE(stage.outcome, 'open')",
    "closed_at": "CASE WHEN stage.outcome <> 'open' THEN piece.at END",
    "amount": "COALESCE(new.estimate, deal.amount)",
    "amount_estimated": "true",
    "probability": "NULL",
    "category": "''",
    "expected_close": "NULL",
    "lost_reason": "''",
}


# What history told of an instant, where it tells it at all; {row} is the deal, or its version.
TOLD_VALUES = {
    "customer_id": "told.customer_id",
    "owner_id": "COALESCE(told.owner_id, {row}.owner_id)",
    "team_id": "told.team_id",
    "amount": "told.amount",
    "amount_estimated": "false",
    "probability": "told.probability",
    "category": "COALESCE(told.category, '')",
    "kind": "COALESCE(told.kind, 'new')",
    "expected_close": "told.expected_close",
}


def told_values(told: Collection[str], row: str) -> dict[str, str]:
    """SQL by column of what the history of this import tells."""
    return {name: sql.format(row=row) for name, sql in TOLD_VALUES.items() if name in told}


def _columns(told: Collection[str]) -> dict[str, str]:
    columns = tracked_columns(Deal)
    past = dict(_PAST_VALUES)
    for name, sql in told_values(told, "deal").items():
        unknown = _PAST_VALUES.get(name, f"deal.{name}")
        past[name] = f"CASE WHEN told.deal_id IS NULL THEN {unknown} ELSE {sql} END"
    values = [
        f"CASE WHEN piece.is_final THEN deal.{column} ELSE {past[column]} END"
        if column in past
        else f"deal.{column}"
        for column in columns
    ]
    return {
        "columns": ", ".join(columns),
        "values": ", ".join(values),
        "deleted": "COALESCE(told.deleted, false)" if told else "false",
        "told": _TOLD.format(history=HISTORY) if told else "",
    }
