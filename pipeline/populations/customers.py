"""Populations of customers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from django.db.models import Exists, Expression, Model, OuterRef, Q, Subquery, Sum
from django.db.models import Value as Constant
from django.db.models.functions import Coalesce, Least

from periods.spans import year_before
from pipeline.models import (
    Contract,
    Customer,
    Deal,
    Outcome,
    Rate,
)
from pipeline.populations.base import Population, Rows, over_a_year
from pipeline.populations.contracts import at_one_rate, end_day, recurring, running, runs
from pipeline.populations.deals import had_won_before
from pipeline.reading import NUMBER, Reading, row_key

Select = Callable[[Reading], Rows]

_NOTHING = Constant(Decimal(0), NUMBER)

CUSTOMER_DIMENSIONS = MappingProxyType(
    {"industry": "industry", "size": "size_band", "region": "region"}
)


def _with_contract(reading: Reading, day: date) -> Q:
    return _whose(reading, running(reading, day))


def _with_purchase(reading: Reading, instant: datetime) -> Q:
    a_year_before = year_before(reading.calendar.business_day(instant))
    recent = reading.flow(Deal).filter(
        reading.credited(instant="closed_at"),
        outcome=Outcome.WON,
        closed_at__lt=instant,
        closed_at__gte=reading.calendar.start_of(a_year_before),
    )
    return _whose(reading, recent)


def _whose(reading: Reading, rows: Rows) -> Q:
    key = row_key(reading.flow(Customer))
    return Q(Exists(rows.filter(customer=OuterRef(key))))


def _customers_at_start(reading: Reading, active: Q) -> Rows:
    """Those active when the period began; nobody yet where it is still to come."""
    if reading.period.is_future(reading.at):
        return reading.flow(Customer).none()
    return reading.flow(Customer).filter(active)


def _active_at_start(reading: Reading) -> Rows:
    return _customers_at_start(reading, _with_contract(reading, reading.period.start))


def _retained(reading: Reading) -> Rows:
    return _active_at_start(reading).filter(_with_contract(reading, end_day(reading)))


def _active_now(reading: Reading) -> Rows:
    return reading.flow(Customer).filter(_with_contract(reading, end_day(reading)))


def _buying_now(reading: Reading) -> Rows:
    return reading.flow(Customer).filter(_with_purchase(reading, reading.instant))


def _kept_worth(reading: Reading) -> Expression:
    """What of a customer's recurring worth in a month is left at the end, without what was added.

    Both ends are read at once. PostgreSQL holds NaN for the greatest number, but what is not known
    is no more than before.
    """
    start, end = reading.period.start, end_day(reading)
    lasting = reading.flow(Contract).filter(
        Q(end__isnull=True) | Q(end__gt=start), start__lte=end, is_trial=False
    )
    rows = at_one_rate(reading, recurring(lasting))
    mine = rows.filter(customer=OuterRef(row_key(reading.flow(Customer)))).order_by()
    before, after = (_worth(reading, day) for day in (start, end))
    kept = mine.values("customer").annotate(kept=Least(before, after) + after * 0).values("kept")
    return Coalesce(Subquery(kept, output_field=NUMBER), _NOTHING)


def _worth(reading: Reading, day: date) -> Expression:
    monthly = reading.money(amount="monthly")
    return Coalesce(Sum(monthly, filter=runs(reading, day)), _NOTHING, output_field=NUMBER)


def _kept(reading: Reading) -> Rows:
    """Customers active at the start, with what is `kept` of them."""
    rows: Rows = _active_at_start(reading).annotate(kept=_kept_worth(reading))
    return rows


def _buyers_at_start(reading: Reading) -> Rows:
    return _customers_at_start(reading, _with_purchase(reading, reading.period.starts_at))


def _buyers_retained(reading: Reading) -> Rows:
    return _buyers_at_start(reading).filter(_with_purchase(reading, reading.instant))


ACTIVE_AT_START = Population(
    "active_at_start",
    Customer,
    _active_at_start,
    dimensions=CUSTOMER_DIMENSIONS,
    reads=(Contract,),
)

RETAINED = Population(
    "retained", Customer, _retained, dimensions=CUSTOMER_DIMENSIONS, reads=(Contract,)
)

BUYERS_AT_START = Population(
    "buyers_at_start", Customer, _buyers_at_start, dimensions=CUSTOMER_DIMENSIONS, reads=(Deal,)
)

BUYERS_RETAINED = Population(
    "buyers_retained", Customer, _buyers_retained, dimensions=CUSTOMER_DIMENSIONS, reads=(Deal,)
)


def _wins(reading: Reading) -> Rows:
    won = reading.flow(Deal).filter(outcome=Outcome.WON)
    return won.filter(customer=OuterRef(row_key(reading.flow(Customer))))


def _wins_in_period(reading: Reading) -> Rows:
    return _wins(reading).filter(
        reading.credited(instant="closed_at"), reading.period.covers("closed_at")
    )


def _buyers(reading: Reading) -> Rows:
    return reading.flow(Customer).filter(Exists(_wins_in_period(reading)))


def _buyers_from_before(reading: Reading) -> Rows:
    """Of the buyers of the period, those who had bought before it began, from anybody."""
    before = _wins(reading).filter(closed_at__lt=reading.period.starts_at)
    return _buyers(reading).filter(Exists(before))


def _buyers_again(reading: Reading) -> Rows:
    """Those for whom some purchase of the period was not the first one."""
    later = _wins_in_period(reading).filter(had_won_before(reading))
    return reading.flow(Customer).filter(Exists(later))


BUYERS = Population("buyers", Customer, _buyers, dimensions=CUSTOMER_DIMENSIONS, reads=(Deal,))

BUYERS_FROM_BEFORE = Population(
    "buyers_from_before",
    Customer,
    _buyers_from_before,
    dimensions=CUSTOMER_DIMENSIONS,
    reads=(Deal,),
)

BUYERS_AGAIN = Population(
    "buyers_again", Customer, _buyers_again, dimensions=CUSTOMER_DIMENSIONS, reads=(Deal,)
)

KEPT = Population("kept", Customer, _kept, dimensions=CUSTOMER_DIMENSIONS, reads=(Contract, Rate))


def _of_year(key: str, select: Select, *facts: type[Model]) -> Population:
    """The same customers with regard to the twelve months that end with the period."""
    return Population(
        key,
        Customer,
        lambda reading: select(over_a_year(reading)),
        dimensions=CUSTOMER_DIMENSIONS,
        reads=facts,
    )


ACTIVE_A_YEAR_AGO = _of_year("active_a_year_ago", _active_at_start, Contract)
RETAINED_OVER_A_YEAR = _of_year("retained_over_a_year", _retained, Contract)
ACTIVE_NOW = _of_year("active_now", _active_now, Contract)
BUYING_A_YEAR_AGO = _of_year("buying_a_year_ago", _buyers_at_start, Deal)
BUYING_STILL = _of_year("buying_still", _buyers_retained, Deal)
BUYING_NOW = _of_year("buying_now", _buying_now, Deal)
