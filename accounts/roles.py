"""Roles are a table of permissions, and one function answers who may do what."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import User


class Role(models.TextChoices):
    EXECUTIVE = "executive", _("Executive")
    FINANCE = "finance", _("Finance")
    LEAD = "lead", _("Team lead")
    REP = "rep", _("Sales rep")


class Permission(Enum):
    VIEW_COMPANY = auto()
    """Every team's facts."""
    VIEW_TEAM = auto()
    """The facts of one's teams and the teams below them."""
    VIEW_COSTS = auto()
    """Costs and what is computed from them: they tell salaries."""
    VIEW_REVENUE = auto()
    """What contracts bring in, and what is expected to be recognised."""
    WORK_DEALS = auto()
    """Create, edit and move the deals, leads, customers and activities one sees."""
    REASSIGN = auto()
    """Give what one sees to another owner."""
    EDIT_FINANCE = auto()
    """Contracts, costs and exchange rates."""
    ADJUST_FORECAST = auto()
    """Put another figure in place of a direct report's or a team's forecast."""
    EDIT_TARGETS = auto()
    """Targets of the scopes one sees."""
    EDIT_ALERTS = auto()
    """Alert rules of the scopes one sees."""
    EDIT_CLOSED = auto()
    """What belongs to a closed period, with a reason."""
    CLOSE_PERIODS = auto()
    """Close periods and open them again."""
    COMMENT = auto()
    """Say something about the figures one sees."""
    EDIT_SETTINGS = auto()
    """People, teams, stages, sources, the company."""


_EVERYONE = frozenset({Permission.WORK_DEALS, Permission.EDIT_ALERTS, Permission.COMMENT})

ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.EXECUTIVE: _EVERYONE
    | {
        Permission.VIEW_COMPANY,
        Permission.VIEW_COSTS,
        Permission.VIEW_REVENUE,
        Permission.REASSIGN,
        Permission.ADJUST_FORECAST,
        Permission.EDIT_TARGETS,
        Permission.EDIT_CLOSED,
    },
    Role.FINANCE: frozenset(
        {
            Permission.VIEW_COMPANY,
            Permission.VIEW_COSTS,
            Permission.VIEW_REVENUE,
            Permission.EDIT_FINANCE,
            Permission.EDIT_CLOSED,
            Permission.EDIT_TARGETS,
            Permission.EDIT_ALERTS,
            Permission.COMMENT,
        }
    ),
    Role.LEAD: _EVERYONE
    | {
        Permission.VIEW_TEAM,
        Permission.REASSIGN,
        Permission.ADJUST_FORECAST,
        Permission.EDIT_TARGETS,
    },
    Role.REP: _EVERYONE,
}
# All that is left to somebody who looks back: the past cannot be changed.
READING = frozenset(
    {
        Permission.VIEW_COMPANY,
        Permission.VIEW_TEAM,
        Permission.VIEW_COSTS,
        Permission.VIEW_REVENUE,
    }
)
STAFF_PERMISSIONS = frozenset({Permission.EDIT_SETTINGS, Permission.CLOSE_PERIODS})


def permissions_of(user: User | AnonymousUser) -> frozenset[Permission]:
    """What a person may do; nothing when signed out or deactivated."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        return frozenset()
    extra = STAFF_PERMISSIONS if user.is_staff else frozenset()
    held = ROLE_PERMISSIONS[user.role] | extra
    return held & READING if user.looks_back else held


def allowed(user: User | AnonymousUser, permission: Permission) -> bool:
    """Whether a person has a permission."""
    return permission in permissions_of(user)


def require(user: User | AnonymousUser, permission: Permission) -> None:
    """Raise PermissionDenied unless a person has a permission."""
    if not allowed(user, permission):
        raise PermissionDenied(_("Your role does not allow this."))
