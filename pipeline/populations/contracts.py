"""Populations of contracts that fall due."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import MappingProxyType

from django.db.models import (
    BooleanField,
    Case,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    When,
)
from django.db.models import Value as Constant
from django.db.models.functions import Cast, Coalesce, NullIf

from pipeline.models import (
    Contract,
    ContractTerm,
    Customer,
    Rate,
)
from pipeline.populations.base import Population, Rows, dated
from pipeline.reading import NUMBER, Reading, row_key

CONTRACT_DIMENSIONS = MappingProxyType(
    {
        "rep": "owner",
        "team": "team",
        "industry": "customer__industry",
        "size": "customer__size_band",
        "region": "customer__region",
    }
)


SEGMENTS = MappingProxyType(
    {name: CONTRACT_DIMENSIONS[name] for name in ("industry", "size", "region")}
)

_TERM_END = Func(
    F("start"),
    F("term_months"),
    template="(%(expressions)s))::date",
    arg_joiner=" + make_interval(months => ",
    output_field=DateField(),
)
_TERM_DAYS = Func(
    Case(When(Q(auto_renew=True) | Q(end__isnull=True), then=_TERM_END), default=F("end")),
    F("start"),
    template="(%(expressions)s)",
    arg_joiner=" - ",
    output_field=IntegerField(),
)
# Of a month: the value over the days of the term, else the price agreed per month.
_MONTHLY = Coalesce(
    Cast(F("value"), NUMBER) * Decimal(365) / Decimal(12) / NullIf(_TERM_DAYS, Constant(0)),
    Cast(F("monthly_price"), NUMBER),
)


def runs(reading: Reading, day: date) -> Q:
    """Whether a contract is a paid one of the scope's that runs on a day."""
    today = day == reading.calendar.business_day(reading.instant)
    theirs = reading.credited(at=reading.stands_at if today else reading.calendar.start_of(day))
    lasts = Q(end__isnull=True) | Q(end__gt=day)
    return lasts & theirs & Q(start__lte=day, is_trial=False)


def running(reading: Reading, day: date) -> Rows:
    """The scope's paid contracts that run on a day."""
    rows: Rows = reading.flow(Contract).filter(runs(reading, day))
    return rows


def _first_contracts(reading: Reading) -> Rows:
    """The scope's that began in the period and that are their customer's first paid ones."""
    paid = reading.flow(Contract).filter(is_trial=False)
    key = row_key(paid)
    earlier = paid.filter(customer=OuterRef("customer")).filter(
        Q(start__lt=OuterRef("start")) | Q(start=OuterRef("start"), **{f"{key}__lt": OuterRef(key)})
    )
    mine = paid.filter(reading.credited(day="start"), reading.period.covers_days("start"))
    first: Rows = mine.filter(~Exists(earlier), start__lte=reading.day)
    return first


def recurring(rows: Rows) -> Rows:
    """Those that recur, each with what it is worth a month in its own currency."""
    found: Rows = rows.filter(billing=Contract.Billing.RECURRING).annotate(monthly=_MONTHLY)
    return found


def at_one_rate(reading: Reading, rows: Rows) -> Rows:
    """Converted at the rates of the period's last day, whenever the contracts are looked at."""
    return dated(rows, Constant(reading.day, DateField()))


def end_day(reading: Reading) -> date:
    """The day on which it is looked at who and what is left."""
    return reading.calendar.business_day(reading.instant)


def _recurring_at_start(reading: Reading) -> Rows:
    rows = at_one_rate(reading, recurring(running(reading, reading.period.start)))
    return rows.none() if reading.period.is_future(reading.at) else rows


def _recurring_at_end(reading: Reading) -> Rows:
    """Of customers that were active at the start."""
    active = running(reading, reading.period.start).filter(customer=OuterRef("customer"))
    rows = at_one_rate(reading, recurring(running(reading, end_day(reading))))
    return rows.none() if reading.period.is_future(reading.at) else rows.filter(Exists(active))


def _churned(reading: Reading) -> Rows:
    """Recurring contracts that ended so far and that no other one renews."""
    ended = reading.flow(Contract).filter(
        reading.period.covers_days("end"),
        reading.credited(day="end"),
        end__lte=reading.day,
        is_trial=False,
    )
    next_ones = reading.flow(Contract).filter(renews=OuterRef(row_key(ended)))
    return dated(recurring(ended).filter(~Exists(next_ones)), F("end"))


def _due(reading: Reading) -> Rows:
    # Terms are worked out of each contract, so those without any in the period are passed over.
    period = reading.period
    lasts = Q(until__isnull=True) | Q(until__gte=period.start)
    rows = reading.flow(ContractTerm).filter(
        lasts,
        period.covers_days("due"),
        reading.credited(day="due"),
        since__lt=period.end,
        due__lte=reading.day,
    )
    return dated(_with_renewal(rows, reading), F("due"))


def _with_renewal(rows: Rows, reading: Reading) -> Rows:
    """Whether each was `renewed`: past terms do not know, since another contract may renew them."""
    if row_key(rows) == "pk":
        return rows
    replaced = Exists(reading.flow(Contract).filter(renews=OuterRef("contract")))
    renewed = ExpressionWrapper(Q(prolonged=True) | replaced, BooleanField())
    known: Rows = rows.annotate(renewed=renewed)
    return known


DUE = Population(
    "due",
    ContractTerm,
    _due,
    "due",
    is_day=True,
    dimensions=CONTRACT_DIMENSIONS,
    reads=(Contract, Rate),
)

DUE_AND_RENEWED = Population(
    "due_and_renewed",
    ContractTerm,
    lambda reading: _due(reading).filter(renewed=True),
    "due",
    is_day=True,
    dimensions=CONTRACT_DIMENSIONS,
    reads=(Contract, Rate),
)

FIRST_CONTRACTS = Population(
    "first_contracts",
    Contract,
    _first_contracts,
    "start",
    is_day=True,
    dimensions=CONTRACT_DIMENSIONS,
    by_customer=True,
    reads=(Customer,),
)

RECURRING_AT_START = Population(
    "recurring_at_start",
    Contract,
    _recurring_at_start,
    dimensions=SEGMENTS,
    reads=(Customer, Rate),
)

RECURRING_AT_END = Population(
    "recurring_at_end", Contract, _recurring_at_end, dimensions=SEGMENTS, reads=(Customer, Rate)
)

CHURNED = Population(
    "churned",
    Contract,
    _churned,
    "end",
    is_day=True,
    dimensions=CONTRACT_DIMENSIONS,
    reads=(Customer, Rate),
)
