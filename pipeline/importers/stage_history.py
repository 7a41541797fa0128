"""When deals entered their stages: told to new deals, and added to the past of older ones.

Nothing is overwritten: where the past of an older deal is told in more detail, the version
that stood for it ends its recorded span, and its pieces begin theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from pipeline.bulk import Counts
from pipeline.bulk.stream import CsvStream
from pipeline.bulk.tables import copy_into, tracked_columns
from pipeline.importers.past import HISTORY, NEW_DEALS, told_values
from pipeline.importers.rows import Rows
from pipeline.importers.session import Session, execute, objects, query
from pipeline.importers.usual import UsualOfStages
from pipeline.models import Deal

_SPLITS = "salesdash_splits"
_COLUMNS = ("deal_id", "stage_id", "at", "line")
# What history may tell besides the stage: the field here, and the column of a deal.
_MORE = {
    "customer": "customer_id",
    "owner": "owner_id",
    "team": "team_id",
    "amount": "amount",
    "probability": "probability",
    "category": "category",
    "kind": "kind",
    "expected_close": "expected_close",
    "deleted": "deleted",
}
# What is compared with what was told before. The rest depends on how stages and teams are set.
_COMPARED = ("owner_id", "amount", "expected_close")


def load_history(rows: Rows, session: Session) -> None:
    """Stage the entries; what concerns older deals is written at once."""
    rows.prepare()
    more = [name for name in _MORE if rows.has(name) or (name == "team" and rows.has("owner"))]
    columns = [*_COLUMNS, *(_MORE[name] for name in more)]
    session.told = tuple({*session.told, *columns[len(_COLUMNS) :], *_also(more)})
    entries = _entries(rows, session, more, UsualOfStages.load())
    copy_into(HISTORY, columns, CsvStream(columns, entries))
    execute(f"CREATE INDEX ON {HISTORY} (deal_id, at)")
    execute(f"ANALYZE {HISTORY}")
    told = query(f"SELECT count(*) FROM {HISTORY}")[0][0]
    new = query(f"SELECT count(*) FROM {HISTORY} JOIN {NEW_DEALS} USING (deal_id)")[0][0]
    split = _split(rows, session)
    rows.count(Counts(created=new + split, unchanged=told - new - split))


def _also(more: list[str]) -> list[str]:
    return ["amount_estimated"] if "amount" in more else []


def _entries(
    rows: Rows, session: Session, more: list[str], usual: UsualOfStages
) -> Iterator[tuple[Any, ...]]:
    for values in rows.chunks():
        known = rows.past(rows.unique(values, "deal", "entered_at"), "entered_at", session.now)
        session.learn_days(known["entered_at"])
        if "team" in more:
            teams = session.teams_at(known["owner"], known["entered_at"])
            known = known.assign(team=objects(teams, known.index))
        known = usual.leave_out(known)
        told = [known[name] for name in more]
        yield from zip(
            known["deal"], known["stage"], known["entered_at"], known.index, *told, strict=True
        )


def _split(rows: Rows, session: Session) -> int:
    """Split what older deals' versions tell differently; answers how many entries were news."""
    names = {"history": HISTORY, "new": NEW_DEALS, "splits": _SPLITS}
    execute(_FIND.format(**names, differs=_differs(session)))
    news = int(query(f"SELECT count(*) FROM {_SPLITS} WHERE is_news")[0][0])
    if news:
        _refuse_contradictions(rows)
        columns = tracked_columns(Deal)
        split = dict(_VALUES)
        for name, sql in told_values(session.told, "version").items():
            split[name] = f"CASE WHEN told.deal_id IS NULL THEN version.{name} ELSE {sql} END"
        values = ", ".join(split.get(name, f"version.{name}") for name in columns)
        execute(_CLOSE.format(**names))
        execute(_INSERT.format(**names, columns=", ".join(columns), values=values))
        session.bulk.touch(Deal)
    execute(f"DROP TABLE {_SPLITS}")
    return news


def _differs(session: Session) -> str:
    """SQL for whether an entry tells more than is known. Of the present, only the stage counts."""
    compared = [name for name in _COMPARED if name in session.told]
    known = ", ".join(f"version.{name}" for name in compared)
    values = told_values(compared, "version")
    told = ", ".join(values[name] for name in compared)
    stage = "version.stage_id IS DISTINCT FROM told.stage_id"
    if not compared:
        return stage
    return (
        f"({stage} OR (version.valid_to <> 'infinity' "
        f"AND ROW({known}) IS DISTINCT FROM ROW({told})))"
    )


def _refuse_contradictions(rows: Rows) -> None:
    found = query(_CONTRADICTION.format(splits=_SPLITS))
    if found:
        line, deal, told, present = found[0]
        rows.refuse(
            _("line %(line)d: deal “%(deal)s” ends in “%(told)s” here, but is in “%(present)s”")
            % {"line": line, "deal": deal, "told": told, "present": present}
        )


# Entries within the known past of older deals, with the version that stands for that instant;
# a version is split if one of its entries is news. What follows a close is left alone.
_FIND = """
CREATE TEMP TABLE {splits} ON COMMIT DROP AS
SELECT * FROM (
    SELECT told.deal_id, told.at, told.stage_id, told.line, version.id AS version_id,
        {differs} AS is_news, bool_or({differs}) OVER (PARTITION BY version.id) AS is_split
    FROM {history} told JOIN pipeline_dealversion version ON version.row_id = told.deal_id
        AND version.recorded_to = 'infinity' AND NOT version.deleted
        AND version.valid_from <= told.at AND told.at < version.valid_to
    JOIN pipeline_deal deal ON deal.id = told.deal_id
    WHERE told.deal_id NOT IN (SELECT deal_id FROM {new})
        AND NOT (version.valid_to = 'infinity' AND version.outcome <> 'open')
) found WHERE is_split
"""
_CONTRADICTION = """
SELECT last.line, deal.external_id, told.name, present.name FROM (
    SELECT DISTINCT ON (version_id) * FROM {splits} ORDER BY version_id, at DESC) last
JOIN pipeline_dealversion version ON version.id = last.version_id
JOIN pipeline_deal deal ON deal.id = last.deal_id
JOIN pipeline_stage told ON told.id = last.stage_id
JOIN pipeline_stage present ON present.id = deal.stage_id
WHERE version.valid_to = 'infinity' AND last.stage_id <> deal.stage_id
ORDER BY last.line LIMIT 1
"""
_CLOSE = """
UPDATE pipeline_dealversion SET recorded_to = now()
WHERE id IN (SELECT version_id FROM {splits})
"""
_INSERT = """
INSERT INTO pipeline_dealversion (row_id, valid_from, valid_to, recorded_from, {columns})
SELECT version.row_id, piece.at, COALESCE(
        lead(piece.at) OVER (PARTITION BY version.id ORDER BY piece.at), version.valid_to),
    now(), {values}
FROM (
    SELECT DISTINCT ON (version_id, at) * FROM (
        SELECT version_id, at, stage_id, true AS is_told FROM {splits}
        UNION ALL SELECT DISTINCT id, valid_from, stage_id, false FROM pipeline_dealversion
            WHERE id IN (SELECT version_id FROM {splits})
    ) pieces ORDER BY version_id, at, is_told DESC
) piece
JOIN pipeline_dealversion version ON version.id = piece.version_id
LEFT JOIN pipeline_stage stage ON stage.id = piece.stage_id
LEFT JOIN {history} told
    ON told.deal_id = version.row_id AND told.at = piece.at AND piece.is_told
"""
_VALUES = {
    "stage_id": "piece.stage_id",
    "outcome": "COALESCE(stage.outcome, 'open')",
    "closed_at": "CASE WHEN stage.outcome <> 'open' THEN piece.at END",
    "lost_reason": "CASE WHEN stage.outcome = 'lost' THEN version.lost_reason ELSE '' END",
}
