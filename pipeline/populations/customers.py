"""Populations of customers."""

from __future__ import annotations

from datetime import date, datetime
from types import MappingProxyType

from django.db.models import Exists, OuterRef, Q

from periods.spans import year_before
from pipeline.models import (
    Contract,
    Customer,
    Deal,
    Outcome,
)
from pipeline.populations.base import Population, Rows
from pipeline.reading import Reading

CUSTOMER_DIMENSIONS = MappingProxyType(
    {"industry": "industry", "size": "size_band", "region": "region"}
)


def _with_contract(reading: Reading, day: date) -> Q:
    running = reading.flow(Contract).filter(
        Q(end__isnull=True) | Q(end__gt=day),
        reading.scope.covers(),
        start__lte=day,
        is_trial=False,
    )
    return Q(Exists(running.filter(customer=OuterRef("pk"))))


def _with_purchase(reading: Reading, instant: datetime) -> Q:
    a_year_before = year_before(reading.calendar.business_day(instant))
    recent = reading.flow(Deal).filter(
        reading.scope.covers(),
        outcome=Outcome.WON,
        closed_at__lt=instant,
        closed_at__gte=reading.calendar.start_of(a_year_before),
    )
    return Q(Exists(recent.filter(customer=OuterRef("pk"))))


def _customers_at_start(reading: Reading, active: Q) -> Rows:
    """Those active when the period began; nobody yet where it is still to come."""
    if reading.period.is_future(reading.at):
        return Customer._base_manager.none()
    return Customer._base_manager.filter(active)


def _active_at_start(reading: Reading) -> Rows:
    return _customers_at_start(reading, _with_contract(reading, reading.period.start))


def _retained(reading: Reading) -> Rows:
    day = reading.calendar.business_day(reading.instant)
    return _active_at_start(reading).filter(_with_contract(reading, day))


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
