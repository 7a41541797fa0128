"""What people note about deals and leads, and take back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.roles import Permission, require
from pipeline.actions.changing import apply, changing, locked, save
from pipeline.actions.deals import team_of
from pipeline.models import Activity, Deal, Lead

EDITABLE = frozenset({"kind", "at", "subject", "note", "external_id"})


def log_activity(
    *,
    by: User,
    at: datetime,
    kind: str,
    deal: Deal | None = None,
    lead: Lead | None = None,
    subject: str = "",
    note: str = "",
    external_id: str | None = None,
) -> Activity:
    """Note a contact. ValidationError unless it is about a deal or a lead."""
    with changing(by=by):
        return save(
            Activity(
                kind=kind,
                at=at,
                person=by,
                team=team_of(by, at=at),
                deal=deal,
                lead=lead,
                subject=subject,
                note=note,
                external_id=external_id,
            )
        )


def edit_activity(
    *, activity: Activity, by: User, revision: int, changes: Mapping[str, Any]
) -> Activity:
    """Correct a note: one's own, or as somebody who may reassign. Stale since `revision`."""
    with changing(by=by):
        current = locked(activity, revision=revision)
        _check_author(current, by=by)
        apply(current, changes, editable=EDITABLE)
        return save(current)


def delete_activity(*, activity: Activity, by: User, revision: int) -> None:
    """Take a note back: one's own, or as somebody who may reassign. Stale since `revision`."""
    with changing(by=by):
        current = locked(activity, revision=revision)
        _check_author(current, by=by)
        current.delete()


def _check_author(activity: Activity, *, by: User) -> None:
    if activity.person_id != by.pk:
        require(by, Permission.REASSIGN)
