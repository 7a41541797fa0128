"""Writes of systems that know a row as a whole rather than what was done to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from pipeline.actions.changing import changing, locked
from pipeline.actions.deals import edit_deal, move_deal, reassign_deal
from pipeline.models import Deal


def sync_deal(*, deal: Deal, by: User, at: datetime, changes: Mapping[str, Any]) -> Deal:
    """Edit, reassign and move a deal so that it is as `changes` say, in one transaction.

    `changes` holds `revision` and any of the deal's fields, `owner`, `stage` and
    `lost_reason` among them. Stale if the deal changed since that revision.
    """
    wanted = dict(changes)
    revision = wanted.pop("revision")
    owner, stage = wanted.pop("owner", None), wanted.pop("stage", None)
    reason = wanted.pop("lost_reason", "")
    with changing(by=by):
        current = locked(deal, revision=revision)
        if wanted:
            current = edit_deal(deal=current, by=by, revision=current.revision, changes=wanted)
        if owner is not None and owner.pk != current.owner_id:
            current = reassign_deal(deal=current, to=owner, by=by, revision=current.revision, at=at)
        if stage is not None and stage.pk != current.stage_id:
            current = move_deal(
                deal=current, to=stage, by=by, revision=current.revision, at=at, lost_reason=reason
            )
        return current
