"""Who may say what about whose forecast."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from accounts.roles import Permission, allowed
from accounts.scope import reach
from periods import Grain, Period

CALLED_FOR = (Grain.MONTH, Grain.QUARTER, Grain.HALF, Grain.YEAR)
"""The periods that people are asked to call."""


def is_called(period: Period, at: datetime) -> bool:
    """Whether something can still be said of a period."""
    return period.grain in CALLED_FOR and not period.is_over(at)


def may_adjust(viewer: User, team: int | None, user: int | None) -> bool:
    """Whether somebody may adjust a member's figure in a team (None: in the company).

    The team's lead, those above, and executives; nobody adjusts their own.
    """
    if not allowed(viewer, Permission.ADJUST_FORECAST) or user == viewer.pk:
        return False
    mine = reach(viewer)
    return mine.everything or team in mine.team_ids


def submits(person: User) -> bool:
    """Whether somebody has deals of their own to promise."""
    return allowed(person, Permission.WORK_DEALS) and not allowed(person, Permission.VIEW_COMPANY)


def sells_alone(person: User) -> bool:
    """Whether a forecast is asked of somebody without a deal: those who sell and do not lead."""
    return submits(person) and not allowed(person, Permission.VIEW_TEAM)
