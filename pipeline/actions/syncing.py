"""Writes of systems that know a row as a whole rather than what was done to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from pipeline.actions.changing import changing, locked
from pipeline.actions.deals import edit_deal, move_deal, reassign_deal
from pipeline.actions.leads import edit_lead, reassign_lead, set_status
from pipeline.models import Deal, Lead


def sync_deal(*, deal: Deal, by: User, at: datetime, changes: Mapping[str, Any]) -> Deal:
    """Edit, reassign and move a deal so that it is as `changes` say, in one transaction.

    `changes` holds `revision` and any of the deal's fields, `owner`, `stage` and
    `lost_reason` among them. Stale if the deal changed since that revision. Exit criteria are
    not asked for: the deal has moved already, elsewhere.
    """
    wanted = dict(changes)
    revision, reason = wanted.pop("revision"), wanted.pop("lost_reason", "")
    with changing(by=by):
        current = locked(deal, revision=revision)
        owner = wanted.pop("owner", current.owner)
        stage = wanted.pop("stage", current.stage)
        if wanted:
            current = edit_deal(deal=current, by=by, revision=current.revision, changes=wanted)
        if owner != current.owner:
            current = reassign_deal(deal=current, to=owner, by=by, revision=current.revision, at=at)
        if (stage, reason or current.lost_reason) != (current.stage, current.lost_reason):
            current = move_deal(
                deal=current,
                to=stage,
                by=by,
                revision=current.revision,
                at=at,
                lost_reason=reason,
                reports=True,
            )
        return current


def sync_lead(*, lead: Lead, by: User, at: datetime, changes: Mapping[str, Any]) -> Lead:
    """Edit a lead, its status and its owner so that it is as `changes` say.

    `changes` holds `revision` and any of the lead's fields. Stale if it changed since then.
    """
    wanted = dict(changes)
    revision = wanted.pop("revision")
    with changing(by=by):
        current = locked(lead, revision=revision)
        owner = wanted.pop("owner", current.owner)
        status = wanted.pop("status", current.status)
        if wanted:
            current = edit_lead(lead=current, by=by, revision=current.revision, changes=wanted)
        if status != current.status:
            current = set_status(lead=current, to=status, by=by, revision=current.revision)
        if owner != current.owner:
            current = reassign_lead(lead=current, to=owner, by=by, revision=current.revision, at=at)
        return current
