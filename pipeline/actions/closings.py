"""Closing periods (마감), and opening them again."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Permission
from periods import Period
from pipeline.actions.changing import changing
from pipeline.actions.closed import hold_changes
from pipeline.models.closings import Closing


def close_period(*, period: Period, by: User, at: datetime) -> Closing:
    """Settle a period that is over. ValidationError if it is not, or is closed already."""
    if not period.is_over(at):
        raise ValidationError({"code": _("This period is not over yet.")})
    with changing(by=by, needs=Permission.CLOSE_PERIODS):
        hold_changes()
        closing = Closing(
            code=period.code, start=period.start, end=period.end, closed_by=by, closed_at=at
        )
        closing.full_clean()
        closing.save()
        return closing


def reopen_period(*, closing: Closing, by: User, at: datetime) -> Closing:
    """Let a closed period be changed again; that it was closed stays on record."""
    with changing(by=by, needs=Permission.CLOSE_PERIODS):
        closing.reopened_at = closing.reopened_at or at
        closing.save()
        return closing
