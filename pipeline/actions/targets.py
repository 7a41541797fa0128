"""What people do with targets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from accounts.models import Membership, User
from accounts.roles import Permission
from accounts.scope import OutsideScope, reach
from pipeline.actions.changing import apply, changing, locked, save
from pipeline.models import Target

EDITABLE = frozenset(
    {"kpi", "team", "user", "start", "end", "value", "filters", "weight", "parent", "external_id"}
)


def create_target(*, by: User, fields: Mapping[str, Any]) -> Target:
    """A new target. OutsideScope if it is for a scope that its author does not see."""
    with changing(by=by, needs=Permission.EDIT_TARGETS):
        target = Target()
        apply(target, fields, editable=EDITABLE)
        _check_scope(target, by=by)
        return save(target)


def edit_target(*, target: Target, by: User, revision: int, changes: Mapping[str, Any]) -> Target:
    """Change a target. OutsideScope as before; Stale if it changed since `revision`."""
    with changing(by=by, needs=Permission.EDIT_TARGETS):
        current = locked(target, revision=revision)
        _check_scope(current, by=by)
        apply(current, changes, editable=EDITABLE)
        _check_scope(current, by=by)
        return save(current)


def delete_target(*, target: Target, by: User, revision: int) -> None:
    """Take away a target; those that contribute to it stay. Stale since `revision`."""
    with changing(by=by, needs=Permission.EDIT_TARGETS):
        current = locked(target, revision=revision)
        _check_scope(current, by=by)
        current.delete()


def _check_scope(target: Target, *, by: User) -> None:
    mine = reach(by)
    if target.team_id is not None:
        seen = mine.everything or target.team_id in mine.team_ids
    elif target.user_id is not None:
        seen = mine.everything or _led(target, mine.team_ids)
    else:
        seen = mine.everything
    if not seen:
        raise OutsideScope


def _led(target: Target, team_ids: Collection[int]) -> bool:
    """Whether the person belonged to one of the teams in the time that the target is for."""
    memberships = Membership.objects.filter(user=target.user_id, team__in=team_ids)
    return memberships.within(target.start, target.end).exists()
