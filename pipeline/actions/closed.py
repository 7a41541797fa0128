"""Closed periods: who may change them all the same, and the reason that goes with it.

The database refuses (pipeline.models.holding), whoever writes; here it is said why, to whom.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Permission, allowed
from history import recorded_because, version_model
from pipeline.models import Closing
from pipeline.models.holding import LOCK, REFUSED, held_models

LONGEST = 300
_reason: ContextVar[str] = ContextVar("reason", default="")


class ReasonNeeded(Exception):
    """Whoever made the change may make it, if they say why; how they are asked for it."""

    title: ClassVar[str | Promise]
    question: ClassVar[str | Promise]
    submit: ClassVar[str | Promise]

    @property
    def extensions(self) -> dict[str, Any]:
        """What the API's problem says besides."""
        words = {name: str(getattr(self, name)) for name in ("title", "question", "submit")}
        return {"needs": "reason", "asks": words}


class PeriodClosed(ReasonNeeded):
    """The change moves a closed period."""

    title: ClassVar[str | Promise] = gettext_lazy("A closed period")
    question: ClassVar[str | Promise] = gettext_lazy("Reason for changing a closed period")
    submit: ClassVar[str | Promise] = gettext_lazy("Change it all the same")

    def __init__(self, codes: str) -> None:
        message = _("%(period)s is closed. Give a reason to change it all the same.")
        super().__init__(message % {"period": codes})


@contextmanager
def because(reason: str) -> Iterator[None]:
    """Changes inside have this reason, should they need one."""
    token = _reason.set(reason.replace("\0", "").strip()[:LONGEST])
    try:
        yield
    finally:
        _reason.reset(token)


def given_reason() -> str:
    """The reason that changes are made for here; "" without one."""
    return _reason.get()


@contextmanager
def reasoned(by: User | None) -> Iterator[None]:
    """Put the given reason to the database, if its giver may change closed periods at all.

    `by` is None for an operator at the command line. Needs an open transaction.
    """
    reason = _reason.get() if _may_change(by) else ""
    if not reason:
        yield
        return
    with recorded_because(reason):
        yield


@contextmanager
def refusals_told(by: User | None) -> Iterator[None]:
    """Around a transaction: PermissionDenied or ReasonNeeded where the database held a period."""
    try:
        yield
    except DatabaseError as error:
        codes = _held_codes(error)
        if codes is None:
            raise
        raise _refusal(codes, by) from error


def hold_changes() -> None:
    """Wait for all changes of what may be closed, and keep others waiting until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _may_change(by: User | None) -> bool:
    return by is None or allowed(by, Permission.EDIT_CLOSED)


def _held_codes(error: DatabaseError) -> str | None:
    """The periods that the database held, where that is what the error tells."""
    cause: Any = error.__cause__
    if getattr(cause, "pgcode", None) != REFUSED:
        return None
    return str(cause.diag.message_detail)


def _refusal(codes: str, by: User | None) -> Exception:
    if _may_change(by):
        return PeriodClosed(codes)
    message = _("%(period)s is closed. Ask finance or an executive to change it.")
    return PermissionDenied(message % {"period": codes})


def hold_import(since: datetime) -> None:
    """The same for all that an import has written past the triggers since its transaction began.

    DatabaseError, as of the triggers, unless `reasoned`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
    closings = list(Closing.objects.in_force())
    if not closings:
        return
    with connection.cursor() as cursor:
        for model in held_models():
            fact, versions = model._meta.model_name, version_model(model)._meta.db_table
            cursor.execute(_CHANGED.format(fact=fact, versions=versions), {"since": since})
        for closing in closings:
            cursor.execute(_PAST, {"since": since, "start": closing.start, "end": closing.end})


# The state of each row as it was known before, and as it is known now.
_CHANGED = """
SELECT pipeline_hold('{fact}', COALESCE(range_agg(moved), '{{}}')) FROM (
    SELECT unnest(pipeline_days_of_{fact}(
        CASE WHEN NOT old.deleted THEN jsonb_populate_record(NULL::pipeline_{fact},
            to_jsonb(old) || jsonb_build_object('id', old.row_id)) END,
        CASE WHEN NOT new.deleted THEN jsonb_populate_record(NULL::pipeline_{fact},
            to_jsonb(new) || jsonb_build_object('id', new.row_id)) END)) moved
    FROM {versions} new
    LEFT JOIN {versions} old ON old.row_id = new.row_id AND old.recorded_from < %(since)s
        AND old.recorded_to >= %(since)s AND old.valid_to >= %(since)s
    WHERE new.recorded_from >= %(since)s AND new.recorded_to = 'infinity'
        AND new.valid_to = 'infinity'
) days
"""
# What deals went through within the period, which stocks, dwell and conversions are told by.
_PAST = """
WITH span (first, last) AS (
    SELECT %(start)s::timestamp AT TIME ZONE zone, %(end)s::timestamp AT TIME ZONE zone
    FROM (SELECT COALESCE((SELECT time_zone FROM accounts_company LIMIT 1), 'Asia/Seoul')) of (zone)
), state AS (
    SELECT recorded_from < %(since)s AND recorded_to >= %(since)s AS was,
        recorded_to = 'infinity' AS is_now,
        row_id, GREATEST(valid_from, first), LEAST(valid_to, last), stage_id, outcome, owner_id,
        team_id, amount, currency, category, probability, expected_close, customer_id, kind,
        source_id
    FROM pipeline_dealversion, span
    WHERE valid_from < last AND valid_to > first AND NOT deleted AND row_id IN (
        SELECT row_id FROM pipeline_dealversion WHERE recorded_from >= %(since)s)
), known AS (
    SELECT * FROM (SELECT (to_jsonb(state) - 'was' - 'is_now') AS told FROM state WHERE was) was
), present AS (
    SELECT * FROM (SELECT (to_jsonb(state) - 'was' - 'is_now') AS told FROM state WHERE is_now) now
)
SELECT pipeline_hold('deal', datemultirange(daterange(%(start)s::date, %(end)s::date)))
WHERE EXISTS ((TABLE known EXCEPT TABLE present) UNION ALL (TABLE present EXCEPT TABLE known))
"""
