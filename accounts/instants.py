"""Instants as people state them in addresses."""

from __future__ import annotations

from datetime import datetime

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive
from django.utils.translation import gettext as _

from periods import YEARS, Calendar


class BadInstant(ValueError):
    """The text names no instant; the message says what does."""


def instant_of(text: str, calendar: Calendar) -> datetime | None:
    """The instant that a text names, a bare date the end of that business day; None for "".

    In the company's zone: PostgreSQL refuses offsets of sixteen hours and more.
    """
    if not text:
        return None
    try:
        day = parse_date(text)
        end = calendar.end_of(day) if day else None
        found = end or parse_datetime(text)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.year not in YEARS:
        raise BadInstant(_("Use a date such as 2026-03-31 or an ISO 8601 instant."))
    return (
        found.replace(tzinfo=calendar.zone) if is_naive(found) else found.astimezone(calendar.zone)
    )


def earlier_of(
    as_of: datetime | None, known_at: datetime | None, *, at: datetime
) -> tuple[datetime | None, datetime | None]:
    """`known_at` where it says something, and the instant whose state is looked at.

    What was recorded by an instant says nothing of later ones. None is the present `at`.
    """
    as_of = as_of if as_of and as_of <= at else None
    if as_of is None and known_at and known_at > at:
        known_at = None
    return known_at, min((each for each in (as_of, known_at) if each), default=None)
