"""One field of many rows set at once: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, User
from accounts.roles import Permission
from pipeline.actions.changing import changing, locked, save
from pipeline.actions.deals import edit_deal, reassign_deal
from pipeline.actions.finance import set_rate
from pipeline.actions.leads import edit_lead, reassign_lead
from pipeline.models import Deal, Lead


@dataclass(frozen=True)
class Change:
    """The value that a row, read at a revision, is to get."""

    row: Deal | Lead
    revision: int
    value: Any


def mend_rows(*, field: str, changes: Sequence[Change], by: User, at: datetime) -> list[Change]:
    """Set one field of each row; answers the changes that take this back.

    Stale if a row changed since its revision; ValidationError if a value does not fit.
    """
    if field == "price":
        _set_rates(changes, by=by, at=at)
        return []
    with changing(by=by):
        return [_mended(change, field, by=by, at=at) for change in changes]


def _mended(change: Change, field: str, *, by: User, at: datetime) -> Change:
    row = change.row
    before = getattr(row, field)
    if isinstance(row, Lead):
        mended: Deal | Lead = _mend_lead(row, field, change, by=by, at=at)
    else:
        mended = _mend_deal(row, field, change, by=by, at=at)
    return Change(mended, mended.revision, before)


def _mend_lead(lead: Lead, field: str, change: Change, *, by: User, at: datetime) -> Lead:
    if field == "owner":
        return reassign_lead(lead=lead, to=change.value, by=by, revision=change.revision, at=at)
    changes = {field: change.value}
    return edit_lead(lead=lead, by=by, revision=change.revision, changes=changes)


def _mend_deal(deal: Deal, field: str, change: Change, *, by: User, at: datetime) -> Deal:
    if field == "owner":
        return reassign_deal(deal=deal, to=change.value, by=by, revision=change.revision, at=at)
    if field == "created_at":
        return date_deal(deal=deal, day=change.value, by=by, revision=change.revision, at=at)
    changes = {field: change.value}
    return edit_deal(deal=deal, by=by, revision=change.revision, changes=changes)


def date_deal(*, deal: Deal, day: date | None, by: User, revision: int, at: datetime) -> Deal:
    """Say when a deal of unknown creation was created.

    ValidationError if that is known, for a day to come, or one after the close.
    """
    calendar = Company.current().calendar
    with changing(by=by):
        current = locked(deal, revision=revision)
        if day is None or current.created_at is not None:
            raise ValidationError({"created_at": _("This is for deals of unknown creation.")})
        created = calendar.start_of(day)
        if created > (current.closed_at or at):
            raise ValidationError({"created_at": _("A deal is created before it is closed.")})
        current.created_at = created
        return save(current)


def _set_rates(changes: Sequence[Change], *, by: User, at: datetime) -> None:
    """The price of the one currency of these deals, on the day of each."""
    calendar = Company.current().calendar
    prices: dict[tuple[str, date], Decimal] = {}
    for change in changes:
        assert isinstance(change.row, Deal)
        day = calendar.business_day(change.row.closed_at or at)
        prices[change.row.currency, day] = change.value
    if len({currency for currency, _day in prices}) > 1:
        raise ValidationError({"price": _("Choose deals of one currency at a time.")})
    with changing(by=by, needs=Permission.EDIT_FINANCE):
        for (currency, day), price in prices.items():
            set_rate(by=by, currency=currency, day=day, price=price)
