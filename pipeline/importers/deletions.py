"""Rows that the other system deleted: gone here too, with their past kept.

What is kept of them is their id there and their id here, so that loading the same file again
changes nothing, and a row that comes back goes on with its own history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import pandas as pd
from django.db import models
from django.utils.translation import gettext as _

from history import version_model
from pipeline.bulk.tables import defaults, tracked_columns
from pipeline.importers.merging import Prepare, Step, merge_rows
from pipeline.importers.past import HISTORY
from pipeline.importers.rows import Rows
from pipeline.importers.session import Session, execute, objects, query
from pipeline.models import Activity, Contract, Cost, Customer, Deal, DealLine, Lead

_DELETIONS = "salesdash_deletions"
EXTRAS = {"deleted": "boolean", "deleted_at": "timestamptz"}
# What refers to others goes first.
_MODELS: tuple[type[models.Model], ...] = (Activity, Cost, Contract, Lead, Deal, Customer)


def make_room() -> None:
    """An empty temporary table for what is to be deleted when all is read."""
    execute(f"DROP TABLE IF EXISTS {_DELETIONS}")
    execute(
        f"CREATE TEMP TABLE {_DELETIONS} (fact text, row_id bigint, external_id text, "
        "at timestamptz, is_new boolean) ON COMMIT DROP"
    )


def merge_deletable(
    rows: Rows,
    session: Session,
    model: type[models.Model],
    prepare: Prepare,
    *,
    only_new: Iterable[str] = (),
    extras: Mapping[str, str] | None = None,
    then: Step | None = None,
) -> None:
    """`merge_rows` of a fact by its external id, with the rows that are marked as deleted."""
    if not rows.has("deleted"):
        merge_rows(rows, session, model, prepare, only_new=only_new, extras=extras, then=then)
        return

    def prepare_all(values: pd.DataFrame, rows: Rows, session: Session) -> pd.DataFrame:
        marks = _marks(values, session)
        plain = values.drop(columns=list(EXTRAS), errors="ignore")
        prepared = prepare(plain, rows, session)
        return prepared.join(marks)

    def finish(staged: str) -> None:
        if then:
            then(staged)
        _note(staged, model)

    merge_rows(
        rows,
        session,
        model,
        prepare_all,
        only_new=only_new,
        extras={**(extras or {}), **EXTRAS},
        first=lambda staged: _before_merge(staged, model, session),
        then=finish,
    )


def _marks(values: pd.DataFrame, session: Session) -> pd.DataFrame:
    """The columns of EXTRAS, filled: what is not said to be deleted is not."""
    if "deleted_at" in values:
        times = [at if at and at <= session.now else None for at in values["deleted_at"]]
    else:
        times = [None] * len(values)
    marks = {"deleted": map(bool, values["deleted"]), "deleted_at": times}
    return pd.DataFrame({name: objects(found, values.index) for name, found in marks.items()})


def _before_merge(staged: str, model: type[models.Model], session: Session) -> None:
    """Pass over what was deleted before, and take up again what was and is back."""
    fact = model._meta.model_name
    execute(_SKIP.format(staged=staged), [fact])
    columns = tracked_columns(model)
    others = defaults(model, [*columns, "external_id"], session.now)
    names = {
        "staged": staged,
        "table": model._meta.db_table,
        "versions": version_model(model)._meta.db_table,
        "tracked": ", ".join(f'"{name}"' for name in columns),
        "others": "".join(f', "{name}"' for name in others),
        "values": ", %s" * len(others),
    }
    back = execute(_TAKE_UP.format(**names), [*others.values(), fact])
    told = _("%(rows)s: deleted there once, and back")
    session.report.note(told % {"rows": model._meta.verbose_name_plural}, back)
    execute(_FORGET.format(staged=staged), [fact])


def _note(staged: str, model: type[models.Model]) -> None:
    """Note what is to be deleted."""
    names = {
        "staged": staged,
        "deletions": _DELETIONS,
        "table": model._meta.db_table,
        "versions": version_model(model)._meta.db_table,
    }
    execute(_NOTE.format(**names), [model._meta.model_name])


def delete_rows(session: Session) -> None:
    """Delete what was noted: effective when it was deleted there, if it is new here, else now."""
    if "deleted" in session.told:
        execute(_WHEN_TOLD.format(deletions=_DELETIONS, history=HISTORY))
    for model in _MODELS:
        _delete(model, session)


def _delete(model: type[models.Model], session: Session) -> None:
    fact, name = model._meta.model_name, str(model._meta.verbose_name_plural)
    noted = {row for row, of in query(f"SELECT row_id, fact FROM {_DELETIONS}") if of == fact}
    free = noted - _needed(model, noted)
    kept = _("%(rows)s: deleted there, but kept, since other rows name them")
    session.report.note(kept % {"rows": name}, len(noted) - len(free))
    if not free:
        return
    model._base_manager.filter(pk__in=free).delete()
    execute(_REMEMBER.format(deletions=_DELETIONS), [fact, list(free)])
    _backdate(model, "row_id", fact)
    if model is Deal:
        _backdate(DealLine, "deal_id", fact)
    gone = _("%(rows)s: deleted there, so known in the past only")
    session.report.note(gone % {"rows": name}, len(free))


def _needed(model: type[models.Model], ids: Collection[int]) -> set[int]:
    """Those that may not go, since another row hangs on them."""
    found: set[int] = set()
    for relation in model._meta.related_objects:
        if relation.on_delete is models.PROTECT:
            column = relation.field.name
            holders = relation.related_model._base_manager.filter(**{f"{column}__in": ids})
            found |= set(holders.values_list(column, flat=True))
    return found


def _backdate(model: type[models.Model], column: str, fact: str | None) -> None:
    """Rows that came in deleted ended when they were deleted there; nothing was known before."""
    versions = version_model(model)._meta.db_table
    names = {"versions": versions, "deletions": _DELETIONS, "column": column}
    for statement in _BACKDATE:
        execute(statement.format(**names), [fact])


_SKIP = """
DELETE FROM {staged} staged USING pipeline_importeddeletion gone
WHERE gone.fact = %s AND gone.external_id = staged.external_id AND staged.deleted
"""
_TAKE_UP = """
INSERT INTO {table} (id, external_id, {tracked}{others})
SELECT gone.row_id, gone.external_id, last.*{values}
FROM pipeline_importeddeletion gone
JOIN LATERAL (SELECT {tracked} FROM {versions} WHERE row_id = gone.row_id AND deleted
    AND recorded_to = 'infinity' ORDER BY valid_from DESC LIMIT 1) last ON true
WHERE gone.fact = %s AND gone.external_id IN (SELECT external_id FROM {staged})
"""
_FORGET = """
DELETE FROM pipeline_importeddeletion gone USING {staged} staged
WHERE gone.fact = %s AND gone.external_id = staged.external_id
"""
_NOTE = """
INSERT INTO {deletions} (fact, row_id, external_id, at, is_new)
SELECT %s, present.id, present.external_id, staged.deleted_at,
    NOT EXISTS (SELECT FROM {versions} WHERE row_id = present.id)
FROM {staged} staged JOIN {table} present USING (external_id) WHERE staged.deleted
"""
# History may tell since when a deal has been marked as deleted, up to the present.
_WHEN_TOLD = """
UPDATE {deletions} deletion SET at = told.at FROM (
    SELECT deal_id, min(at) AS at FROM {history} marked WHERE deleted AND NOT EXISTS (
        SELECT FROM {history} later WHERE later.deal_id = marked.deal_id
            AND later.at > marked.at AND later.deleted IS NOT TRUE)
    GROUP BY deal_id) told
WHERE deletion.fact = 'deal' AND deletion.row_id = told.deal_id
"""
_REMEMBER = """
INSERT INTO pipeline_importeddeletion (fact, external_id, row_id)
SELECT fact, external_id, row_id FROM {deletions} WHERE fact = %s AND row_id = ANY(%s)
"""
_BACKDATE = (
    """
DELETE FROM {versions} version USING {deletions} gone
WHERE version.{column} = gone.row_id AND gone.fact = %s AND gone.is_new
    AND version.valid_from >= gone.at AND version.valid_to <> 'infinity'
""",
    """
UPDATE {versions} version SET valid_to = gone.at FROM {deletions} gone
WHERE version.{column} = gone.row_id AND gone.fact = %s AND gone.is_new
    AND version.valid_to > gone.at AND version.valid_from < gone.at
    AND version.valid_to <> 'infinity'
""",
    """
UPDATE {versions} version SET valid_from = gone.at FROM {deletions} gone
WHERE version.{column} = gone.row_id AND gone.fact = %s AND gone.is_new
    AND gone.at IS NOT NULL AND version.valid_to = 'infinity' AND version.deleted
""",
)
