"""Which rows a measure is about: every selection of facts that figures rest on.

A population is a set of rows for a reading; what is counted, what is summed and what a
figure opens to are all this very set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.db.models import DateField, Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models import Value as Constant

from periods.spans import months_after
from pipeline.models import (
    Category,
    Contract,
    ContractTerm,
    Cost,
    CostKind,
    Customer,
    Deal,
    Lead,
    LostReason,
    Outcome,
    Rate,
    Stage,
)
from pipeline.reading import Reading, row_key

Rows = QuerySet[Any]


@dataclass(frozen=True, eq=False)
class Population:
    """A selection of one fact's rows.

    `dated_by` is the column that puts a row into a period ("" for stocks), `day` whether it
    holds a date rather than an instant. `dimensions` maps the names that figures are split and
    filtered by to columns. `by_customer` says that a row counts or not by what its customer's
    other rows are, so that a change reaches those. `reads` are further facts that decide.
    """

    key: str
    fact: type[Model]
    select: Callable[[Reading], Rows]
    dated_by: str = ""
    is_day: bool = False
    dimensions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    by_customer: bool = False
    reads: tuple[type[Model], ...] = ()

    @property
    def facts(self) -> frozenset[str]:
        """The facts whose changes may change the rows or what they bring in, by model name."""
        models = (self.fact, *self.reads)
        return frozenset(str(model._meta.model_name) for model in models)

    def rows(self, reading: Reading) -> Rows:
        """The rows of a reading, with its filters.

        KeyError for a filter on a dimension that this fact does not have.
        """
        rows = self.select(reading)
        for name, value in reading.filters:
            rows = rows.filter(self._filter(rows, name, value))
        return rows

    def _filter(self, rows: Rows, name: str, value: str) -> Q:
        path = self.dimensions[name]
        if not path.startswith("lines__"):
            return Q(**{path: value})
        # A join to the lines would count a deal once for each of them.
        sold = Deal._base_manager.filter(pk=OuterRef(row_key(rows)), **{path: value})
        return Q(Exists(sold))


DEAL_DIMENSIONS = MappingProxyType(
    {
        "rep": "owner",
        "team": "team",
        "industry": "customer__industry",
        "size": "customer__size_band",
        "region": "customer__region",
        "source": "source",
        "product": "lines__product",
        "stage": "stage",
        "kind": "kind",
    }
)
LEAD_DIMENSIONS = MappingProxyType(
    {
        "rep": "owner",
        "team": "team",
        "industry": "industry",
        "size": "size_band",
        "region": "region",
        "source": "source",
    }
)
CUSTOMER_DIMENSIONS = MappingProxyType(
    {"industry": "industry", "size": "size_band", "region": "region"}
)
CONTRACT_DIMENSIONS = MappingProxyType(
    {
        "rep": "owner",
        "team": "team",
        "industry": "customer__industry",
        "size": "customer__size_band",
        "region": "customer__region",
    }
)
COST_DIMENSIONS = MappingProxyType({"team": "team", "source": "source"})

NEVER_REAL = Q(lost_reason__in=LostReason.outside_win_rates())
OMITTED = Q(category=Category.OMITTED) | Q(category="", stage__category=Category.OMITTED)


def _dated(rows: Rows, day: Any) -> Rows:
    """The rows with the business day `on` at whose rate their money counts."""
    dated: Rows = rows.annotate(on=day)
    return dated


def _deals_closed(reading: Reading, outcome: Q) -> Rows:
    rows = reading.flow(Deal).filter(outcome, reading.period.covers("closed_at"))
    return _dated(rows.filter(reading.scope.covers()), reading.business_day("closed_at"))


def _won(reading: Reading) -> Rows:
    return _deals_closed(reading, Q(outcome=Outcome.WON))


def _resolved(reading: Reading) -> Rows:
    return _deals_closed(reading, Q(outcome__in=[Outcome.WON, Outcome.LOST]) & ~NEVER_REAL)


def _created(reading: Reading) -> Rows:
    rows = reading.flow(Deal).filter(reading.period.covers("created_at"))
    return _dated(rows.filter(reading.scope.covers()), reading.business_day("created_at"))


def _first_wins(reading: Reading) -> Rows:
    won = reading.flow(Deal).filter(outcome=Outcome.WON)
    key = row_key(won)
    earlier = won.filter(customer=OuterRef("customer")).filter(
        Q(closed_at__lt=OuterRef("closed_at"))
        | Q(closed_at=OuterRef("closed_at"), **{f"{key}__lt": OuterRef(key)})
    )
    return _won(reading).filter(~Exists(earlier), customer__isnull=False)


def _open(reading: Reading) -> Rows:
    rows = reading.stock(Deal).filter(reading.scope.covers(), outcome=Outcome.OPEN)
    if reading.closing is not None:
        rows = rows.filter(reading.closing.covers_days("expected_close"))
    return _dated(rows, Constant(reading.day, DateField()))


def _open_not_omitted(reading: Reading) -> Rows:
    return _open(reading).exclude(OMITTED)


def _still_to_close(reading: Reading) -> Rows:
    """Open deals expected to close in the period, from the instant's own day on."""
    start = reading.read_at_start()
    first = start.calendar.business_day(start.at)
    rows = _open_not_omitted(start).filter(reading.period.covers_days("expected_close"))
    return rows.filter(expected_close__gte=first)


def _won_so_far(reading: Reading) -> Rows:
    """Deals won in the period by the instant at which coverage is read."""
    return _won(reading).filter(closed_at__lt=reading.read_at_start().at)


def _overdue(reading: Reading) -> Rows:
    start = reading.read_at_start()
    first = start.calendar.business_day(start.at)
    return _open_not_omitted(start).filter(expected_close__lt=first)


def _leads_created(reading: Reading) -> Rows:
    rows = reading.flow(Lead).filter(reading.period.covers("created_at"))
    return rows.filter(reading.scope.covers())


def _cohort_converted(reading: Reading) -> Rows:
    return _leads_created(reading).filter(converted_at__lt=reading.followed_until)


def _leads_converted(reading: Reading) -> Rows:
    rows = reading.flow(Lead).filter(reading.period.covers("converted_at"))
    return rows.filter(reading.scope.covers())


def _with_contract(reading: Reading, day: date) -> Q:
    running = reading.flow(Contract).filter(
        Q(end__isnull=True) | Q(end__gt=day),
        reading.scope.covers(),
        start__lte=day,
        is_trial=False,
    )
    return Q(Exists(running.filter(customer=OuterRef("pk"))))


def _with_purchase(reading: Reading, instant: datetime) -> Q:
    a_year_before = months_after(reading.calendar.business_day(instant), -12)
    recent = reading.flow(Deal).filter(
        reading.scope.covers(),
        outcome=Outcome.WON,
        closed_at__lt=instant,
        closed_at__gte=reading.calendar.start_of(a_year_before),
    )
    return Q(Exists(recent.filter(customer=OuterRef("pk"))))


def _active_at_start(reading: Reading) -> Rows:
    return Customer._base_manager.filter(_with_contract(reading, reading.period.start))


def _retained(reading: Reading) -> Rows:
    day = reading.calendar.business_day(reading.instant)
    return _active_at_start(reading).filter(_with_contract(reading, day))


def _buyers_at_start(reading: Reading) -> Rows:
    return Customer._base_manager.filter(_with_purchase(reading, reading.period.starts_at))


def _buyers_retained(reading: Reading) -> Rows:
    return _buyers_at_start(reading).filter(_with_purchase(reading, reading.instant))


def _due(reading: Reading) -> Rows:
    rows = ContractTerm.objects.filter(
        reading.period.covers_days("due"), reading.scope.covers(), due__lte=reading.day
    )
    return _dated(rows, F("due"))


def _acquisition_costs(reading: Reading) -> Rows:
    kinds = [CostKind.MARKETING, CostKind.SALES, CostKind.LABOUR]
    rows = reading.flow(Cost).filter(reading.period.covers_days("day"), kind__in=kinds)
    return _dated(rows.filter(reading.scope.covers(owner="")), F("day"))


WON = Population("won", Deal, _won, "closed_at", dimensions=DEAL_DIMENSIONS, reads=(Rate,))
RESOLVED = Population(
    "resolved", Deal, _resolved, "closed_at", dimensions=DEAL_DIMENSIONS, reads=(Rate,)
)
CREATED = Population("created", Deal, _created, "created_at", dimensions=DEAL_DIMENSIONS)
CREATED_REAL = Population(
    "created_real",
    Deal,
    lambda reading: _created(reading).exclude(NEVER_REAL),
    "created_at",
    dimensions=DEAL_DIMENSIONS,
)
CREATED_AND_WON = Population(
    "created_and_won",
    Deal,
    lambda reading: _created(reading).filter(outcome=Outcome.WON),
    "created_at",
    dimensions=DEAL_DIMENSIONS,
)
FIRST_WINS = Population(
    "first_wins",
    Deal,
    _first_wins,
    "closed_at",
    dimensions=DEAL_DIMENSIONS,
    by_customer=True,
)
OPEN = Population("open", Deal, _open_not_omitted, dimensions=DEAL_DIMENSIONS, reads=(Stage, Rate))
OPEN_ALL = Population("open_all", Deal, _open, dimensions=DEAL_DIMENSIONS, reads=(Stage, Rate))
STILL_TO_CLOSE = Population(
    "still_to_close", Deal, _still_to_close, dimensions=DEAL_DIMENSIONS, reads=(Stage, Rate)
)
WON_SO_FAR = Population("won_so_far", Deal, _won_so_far, "closed_at", dimensions=DEAL_DIMENSIONS)
OVERDUE = Population("overdue", Deal, _overdue, dimensions=DEAL_DIMENSIONS)
LEADS = Population("leads", Lead, _leads_created, "created_at", dimensions=LEAD_DIMENSIONS)
LEADS_CONVERTED_SINCE = Population(
    "leads_converted_since", Lead, _cohort_converted, "created_at", dimensions=LEAD_DIMENSIONS
)
LEADS_CONVERTED = Population(
    "leads_converted", Lead, _leads_converted, "converted_at", dimensions=LEAD_DIMENSIONS
)
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
ACQUISITION_COSTS = Population(
    "acquisition_costs",
    Cost,
    _acquisition_costs,
    "day",
    is_day=True,
    dimensions=COST_DIMENSIONS,
    reads=(Rate,),
)
