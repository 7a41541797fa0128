"""Populations of deals."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from django.db.models import DateField, Exists, ExpressionWrapper, OuterRef, Q, Subquery
from django.db.models import Value as Constant

from history import version_model
from pipeline.models import (
    Category,
    Deal,
    DealKind,
    LostReason,
    Outcome,
    Rate,
    Stage,
)
from pipeline.populations.base import Population, Rows, dated, over_a_year
from pipeline.reading import Reading, row_key

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

NEVER_REAL = Q(lost_reason__in=LostReason.outside_win_rates())


def omitted(stages: Rows) -> Q:
    """Left out of the forecast: by its own category, else by that of its stage among `stages`."""
    left_out = stages.filter(category=Category.OMITTED).values(row_key(stages))
    return Q(category=Category.OMITTED) | Q(category="", stage__in=left_out)


def _deals_closed(reading: Reading, outcome: Q) -> Rows:
    rows = reading.flow(Deal).filter(outcome, reading.period.covers("closed_at"))
    return dated(
        rows.filter(reading.credited(instant="closed_at")), reading.business_day("closed_at")
    )


def _won(reading: Reading) -> Rows:
    return _deals_closed(reading, Q(outcome=Outcome.WON))


def _resolved(reading: Reading) -> Rows:
    return _deals_closed(reading, Q(outcome__in=[Outcome.WON, Outcome.LOST]) & ~NEVER_REAL)


def worth_when_last_open(reading: Reading) -> Subquery:
    """What a closed deal was worth in its last open state, at the rate of the day it closed on.

    NULL where nobody saw it open.
    """
    states = version_model(Deal).objects.recorded(reading.known_at)
    if reading.as_of is not None:
        states = states.filter(valid_from__lte=reading.as_of)
    key = row_key(reading.flow(Deal))
    was_open = states.filter(row=OuterRef(key), outcome=Outcome.OPEN, deleted=False)
    was_open = dated(was_open, ExpressionWrapper(OuterRef("on"), DateField()))
    return Subquery(was_open.order_by("-valid_from").values(worth=reading.money())[:1])


def _won_by_new(reading: Reading) -> Rows:
    """Over the year, from customers that were won in it for the first time."""
    year = over_a_year(reading)
    won = reading.flow(Deal).filter(outcome=Outcome.WON, customer=OuterRef("customer"))
    before = won.filter(closed_at__lt=year.period.starts_at)
    return _won(year).filter(~Exists(before), customer__isnull=False)


def _created(reading: Reading) -> Rows:
    rows = reading.flow(Deal).filter(reading.period.covers("created_at"))
    return dated(
        rows.filter(reading.credited(instant="created_at")), reading.business_day("created_at")
    )


def _created_and_won(reading: Reading) -> Rows:
    return _created(reading).filter(_won_since(reading))


def _won_since(reading: Reading) -> Q:
    won = Q(outcome=Outcome.WON)
    return won & Q(closed_at__lt=reading.cutoff) if reading.cutoff else won


def _created_with_worth(reading: Reading) -> Rows:
    """Deals created, each with its amount at creation: that of its first version."""
    rows = _created(reading)
    versions = version_model(Deal).objects.recorded(reading.known_at)
    first = versions.filter(row=OuterRef(row_key(rows)))
    first = dated(first, ExpressionWrapper(OuterRef("on"), DateField()))
    amount = replace(reading, by_line=False).money()
    worth = Subquery(first.order_by("valid_from").values(worth=amount)[:1])
    created: Rows = rows.annotate(at_creation=worth)
    return created


def had_won_before(reading: Reading) -> Q:
    """Whether a deal's customer had won before."""
    won = reading.flow(Deal).filter(outcome=Outcome.WON)
    key = row_key(won)
    of_customer = won.filter(customer=OuterRef("customer"))
    if reading.as_of is None:
        # Looked up in the index of purchases, instead of joining a customer's wins to each other.
        first = of_customer.order_by("closed_at", key).values(key)[:1]
        return ~Q(**{key: Subquery(first)})
    earlier = of_customer.filter(
        Q(closed_at__lt=OuterRef("closed_at"))
        | Q(closed_at=OuterRef("closed_at"), **{f"{key}__lt": OuterRef(key)})
    )
    return Q(Exists(earlier))


def _first_wins(reading: Reading) -> Rows:
    return _won(reading).filter(~had_won_before(reading), customer__isnull=False)


def _won_from_existing(reading: Reading) -> Rows:
    return _won(reading).filter(had_won_before(reading), customer__isnull=False)


def _won_by_expansion(reading: Reading) -> Rows:
    return _won(reading).filter(kind__in=[DealKind.UPSELL, DealKind.CROSS_SELL])


def _open(reading: Reading) -> Rows:
    rows = reading.stock(Deal).filter(reading.credited(), outcome=Outcome.OPEN)
    if reading.closing is not None:
        rows = rows.filter(reading.closing.covers_days("expected_close"))
    return dated(rows, Constant(reading.day, DateField()))


def _open_not_omitted(reading: Reading) -> Rows:
    return _open(reading).exclude(omitted(reading.stock_states(Stage)))


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


RESOLVED = Population(
    "resolved", Deal, _resolved, "closed_at", dimensions=DEAL_DIMENSIONS, reads=(Rate,)
)

# Only lost deals have a reason.
WON = Population(
    "won",
    Deal,
    _won,
    "closed_at",
    dimensions=DEAL_DIMENSIONS,
    reads=(Rate,),
    among=RESOLVED,
    only=lambda _reading: Q(outcome=Outcome.WON),
)

CREATED = Population("created", Deal, _created, "created_at", dimensions=DEAL_DIMENSIONS)

CREATED_REAL = Population(
    "created_real",
    Deal,
    lambda reading: _created(reading).exclude(NEVER_REAL),
    "created_at",
    dimensions=DEAL_DIMENSIONS,
    among=CREATED,
    only=lambda _reading: ~NEVER_REAL,
)

CREATED_AND_WON = Population(
    "created_and_won",
    Deal,
    _created_and_won,
    "created_at",
    dimensions=DEAL_DIMENSIONS,
    is_followed=True,
    among=CREATED_REAL,
    only=_won_since,
)

FIRST_WINS = Population(
    "first_wins",
    Deal,
    _first_wins,
    "closed_at",
    dimensions=DEAL_DIMENSIONS,
    by_customer=True,
)

WON_FROM_EXISTING = Population(
    "won_from_existing",
    Deal,
    _won_from_existing,
    "closed_at",
    dimensions=DEAL_DIMENSIONS,
    by_customer=True,
    reads=(Rate,),
)

WON_BY_EXPANSION = Population(
    "won_by_expansion",
    Deal,
    _won_by_expansion,
    "closed_at",
    dimensions=DEAL_DIMENSIONS,
    reads=(Rate,),
)

# A deal gets its lines after it is created, so that amounts at creation have no products.
CREATED_WITH_WORTH = Population(
    "created_with_worth",
    Deal,
    _created_with_worth,
    "created_at",
    dimensions=MappingProxyType(
        {name: path for name, path in DEAL_DIMENSIONS.items() if name != "product"}
    ),
    reads=(Rate,),
)

WON_IN_YEAR = Population(
    "won_in_year",
    Deal,
    lambda reading: _won(over_a_year(reading)),
    dimensions=DEAL_DIMENSIONS,
    reads=(Rate,),
)

WON_BY_NEW = Population(
    "won_by_new", Deal, _won_by_new, dimensions=DEAL_DIMENSIONS, by_customer=True, reads=(Rate,)
)

FIRST_WINS_OF_YEAR = Population(
    "first_wins_of_year",
    Deal,
    lambda reading: _first_wins(over_a_year(reading)),
    dimensions=DEAL_DIMENSIONS,
    by_customer=True,
)

OPEN = Population("open", Deal, _open_not_omitted, dimensions=DEAL_DIMENSIONS, reads=(Stage, Rate))

OPEN_ALL = Population("open_all", Deal, _open, dimensions=DEAL_DIMENSIONS, reads=(Stage, Rate))

STILL_TO_CLOSE = Population(
    "still_to_close", Deal, _still_to_close, dimensions=DEAL_DIMENSIONS, reads=(Stage, Rate)
)

WON_SO_FAR = Population(
    "won_so_far", Deal, _won_so_far, "closed_at", dimensions=DEAL_DIMENSIONS, reads=(Rate,)
)

OVERDUE = Population("overdue", Deal, _overdue, dimensions=DEAL_DIMENSIONS, reads=(Stage,))
