"""What is lost beyond plan of the contracts that fall due, and so must be won besides."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Count, Q, Sum

from forecasting.whatif.levers import Rates
from periods import Period
from pipeline.models import ContractTerm
from pipeline.populations.contracts import at_one_rate
from pipeline.reading import Reading


def still_due(reading: Reading) -> Decimal | None:
    """The value of the scope's contracts that fall due in what is left of a period.

    At today's exchange rates; None where one of them has none.
    """
    left = _left(reading)
    lasts = Q(until__isnull=True) | Q(until__gte=left.start)
    rows = reading.flow(ContractTerm).filter(
        lasts, left.covers_days("due"), reading.credited(day="due"), since__lt=left.end
    )
    found = (
        at_one_rate(reading, rows)
        .annotate(money=reading.money())
        .aggregate(total=Sum("money"), unknown=Count("pk", filter=Q(money=None) & ~Q(amount=None)))
    )
    return None if found["unknown"] else found["total"] or Decimal(0)


def _left(reading: Reading) -> Period:
    """From today on; empty once the period is over."""
    period = reading.period
    today = reading.calendar.business_day(reading.at)
    start = min(max(today, period.start), period.end)
    return Period(start, period.end, None, period.calendar)


def lost_beyond_plan(due: Decimal | None, today: Rates, then: Rates) -> Decimal:
    """By how much the target rises: value due × (churn then − churn today); less than nothing
    where fewer leave. Nothing where churn or what is due is not known."""
    if due is None or today.churn is None or then.churn is None:
        return Decimal(0)
    return due * (then.churn - today.churn)
