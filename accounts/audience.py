"""Who may ask for a scope's figures: `accounts.scope`'s rules, read from the other side."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Membership, User
from accounts.roles import ROLE_PERMISSIONS, Permission
from accounts.scope import Scope, ScopeKind, Tree


def audience(
    scope: Scope, *, on: date, tree: Tree, needs: Permission | None = None
) -> QuerySet[User]:
    """The active people who see the whole of a scope on a day, and hold a permission.

    A lead who sees only what a person did within the lead's teams does not see the whole.
    """
    people = User.objects.filter(_sees(scope, on, tree), is_active=True)
    return people.filter(role__in=_roles_with(needs)) if needs else people


def _sees(scope: Scope, on: date, tree: Tree) -> Q:
    everything = Q(role__in=_roles_with(Permission.VIEW_COMPANY))
    if scope.kind is ScopeKind.COMPANY:
        return everything
    if scope.kind is ScopeKind.TEAM:
        return everything | _leads(_upward(scope.id, tree), on)
    return everything | Q(pk=scope.id) | _leads_of_all(_teams_ever(scope.id), on, tree)


def _leads_of_all(team_ids: Collection[int], on: date, tree: Tree) -> Q:
    """Those who lead every one of the teams; nobody where there is none."""
    leads = Q(pk__in=[]) if not team_ids else Q()
    for team_id in team_ids:
        leads &= _leads(_upward(team_id, tree), on)
    return leads


def _leads(team_ids: Collection[int], on: date) -> Q:
    belongs = Membership.objects.running(on).filter(user=OuterRef("pk"), team__in=team_ids)
    return Q(Exists(belongs), role__in=_roles_with(Permission.VIEW_TEAM))


def _teams_ever(user_id: int) -> set[int]:
    return set(Membership.objects.filter(user=user_id).values_list("team", flat=True))


def _upward(team_id: int, tree: Tree) -> list[int]:
    """A team and every team above it."""
    found: list[int] = []
    above: int | None = team_id
    while above is not None and above not in found:
        found.append(above)
        above = tree.teams[above].parent_id
    return found


def _roles_with(permission: Permission) -> list[str]:
    return [role for role, held in ROLE_PERMISSIONS.items() if permission in held]
