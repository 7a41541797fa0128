"""What people do with targets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Team, User
from accounts.roles import Permission
from accounts.scope import OutsideScope, reach
from pipeline.actions.changing import Stale, apply, changing, locked, save
from pipeline.models import Target

EDITABLE = frozenset(
    {"kpi", "team", "user", "start", "end", "value", "filters", "weight", "parent", "external_id"}
)


@dataclass(frozen=True)
class Part:
    """What a team or person is to bring in of a goal; `revision` is 0 where they had none."""

    team: Team | None
    user: User | None
    value: Decimal
    revision: int = 0


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
        _check_parent(current)
        return save(current)


def cascade_target(
    *, target: Target, by: User, revision: int, parts: Sequence[Part]
) -> list[Target]:
    """Give each part of a goal its own, new or changed, as its children.

    Stale if the goal or one of the children changed since it was read.
    """
    with changing(by=by, needs=Permission.EDIT_TARGETS):
        whole = locked(target, revision=revision)
        _check_scope(whole, by=by)
        return [_give(whole, part, by=by) for part in parts]


def _give(whole: Target, part: Part, *, by: User) -> Target:
    subject = {
        "kpi": whole.kpi,
        "team": part.team,
        "user": part.user,
        "start": whole.start,
        "end": whole.end,
        "filters": whole.filters,
    }
    rows = Target.objects.select_for_update(of=("self",))
    child: Target | None = rows.filter(**subject).first()
    if child is not None and child.revision != part.revision:
        raise Stale(child)
    if child is not None and (child.value, child.parent_id) == (part.value, whole.pk):
        return child
    child = child or Target(**subject)
    child.value, child.parent = part.value, whole
    _check_scope(child, by=by)
    _check_parent(child)
    return save(child)


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


def _check_parent(target: Target) -> None:
    """ValidationError where a goal would contribute to itself."""
    above, passed = target.parent, set[int]()
    while above is not None and above.pk not in passed:
        if above.pk == target.pk:
            wrong = _("A goal cannot contribute to itself or to one that contributes to it.")
            raise ValidationError({"parent": wrong})
        passed.add(above.pk)
        above = above.parent


def _led(target: Target, team_ids: Collection[int]) -> bool:
    """Whether the person belonged to one of the teams in the time that the target is for."""
    memberships = Membership.objects.filter(user=target.user_id, team__in=team_ids)
    return memberships.within(target.start, target.end).exists()
