"""What closes the gap to a target: the funnel backwards at other rates, and by when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from forecasting.whatif.levers import Rates
from kpis.funnel import Funnel, Required, closing
from periods import Period


def closes(missing: Decimal, rates: Rates, period: Period) -> Required:
    """How many deals and inquiries bring what is missing, begun by which working day.

    Where nothing is missing there is no day either.
    """
    funnel = Funnel(rates.deal_size, rates.conversion, rates.win_rate, rates.cycle)
    takes = closing(funnel, max(missing, Decimal(0)), period.last_day)
    return replace(takes, by=_worked(takes.by, period) if takes.by and takes.inquiries else None)


def _worked(day: date, period: Period) -> date:
    """The day, or the last working day before it."""
    while not period.calendar.is_working_day(day):
        day -= timedelta(days=1)
    return day
