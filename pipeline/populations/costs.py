"""Populations of costs."""

from __future__ import annotations

from types import MappingProxyType

from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.functions import Coalesce

from accounts.scope import ScopeKind
from pipeline.models import (
    Cost,
    CostKind,
    Customer,
    Deal,
    Outcome,
    Rate,
)
from pipeline.populations.base import Population, Rows, dated, over_a_year
from pipeline.reading import Reading

COST_DIMENSIONS = MappingProxyType({"team": "team", "source": "source"})

# Of what a cost was spent on: its deal, else its customer.
ATTRIBUTED_DIMENSIONS = MappingProxyType(
    {
        "rep": "deal__owner",
        "team": "of_team",
        "industry": "of_industry",
        "size": "of_size",
        "region": "of_region",
        "source": "deal__source",
    }
)

ATTRIBUTED = Q(deal__isnull=False) | Q(customer__isnull=False) | Q(product__isnull=False)


def _costs(reading: Reading) -> Rows:
    rows = reading.flow(Cost).filter(reading.period.covers_days("day"))
    return dated(rows, F("day"))


def _acquisition_costs(reading: Reading) -> Rows:
    kinds = [CostKind.MARKETING, CostKind.SALES, CostKind.LABOUR]
    return _costs(reading).filter(reading.credited(day="day", owner=""), kind__in=kinds)


def _attributed(reading: Reading) -> Rows:
    """Costs with what they were spent on, as far as it is the scope's."""
    rows = _costs(reading).annotate(
        of_owner=reading.flow_column(Cost, "deal__owner"),
        of_team=Coalesce(reading.flow_column(Cost, "deal__team"), "team"),
        of_customer=Coalesce(reading.flow_column(Cost, "deal__customer"), "customer"),
        of_industry=_segment(reading, "industry"),
        of_size=_segment(reading, "size_band"),
        of_region=_segment(reading, "region"),
    )
    mine: Rows = rows.filter(reading.credited(day="day", owner="of_owner", team="of_team"))
    return mine


def _segment(reading: Reading, name: str) -> Coalesce:
    of_deal = reading.flow_column(Cost, f"deal__customer__{name}")
    return Coalesce(of_deal, reading.flow_column(Cost, f"customer__{name}"))


def _delivery_costs(reading: Reading) -> Rows:
    """What delivering cost; what is attributed to nothing is the company's alone, no team's."""
    rows = _attributed(reading).filter(kind=CostKind.DELIVERY)
    if reading.scope.kind is not ScopeKind.COMPANY:
        return rows.filter(ATTRIBUTED)
    found: Rows = rows.annotate(of_team=Case(When(ATTRIBUTED, then=F("of_team"))))
    return found


def _delivered_to_new(reading: Reading) -> Rows:
    """Over the year, for customers that were won in it for the first time."""
    year = over_a_year(reading)
    wins = reading.flow(Deal).filter(outcome=Outcome.WON, customer=OuterRef("of_customer"))
    before = wins.filter(closed_at__lt=year.period.starts_at)
    within = wins.filter(year.period.covers("closed_at"))
    return _delivery_costs(year).filter(Exists(within), ~Exists(before))


ACQUISITION_COSTS = Population(
    "acquisition_costs",
    Cost,
    _acquisition_costs,
    "day",
    is_day=True,
    dimensions=COST_DIMENSIONS,
    reads=(Rate,),
)

ALL_COSTS = Population(
    "all_costs",
    Cost,
    _attributed,
    "day",
    is_day=True,
    dimensions=MappingProxyType({"team": "of_team", "rep": "deal__owner"}),
    reads=(Deal, Customer, Rate),
)

DELIVERY_COSTS = Population(
    "delivery_costs",
    Cost,
    _delivery_costs,
    "day",
    is_day=True,
    dimensions=ATTRIBUTED_DIMENSIONS,
    reads=(Deal, Customer, Rate),
)

DELIVERY_COSTS_OF_YEAR = Population(
    "delivery_costs_of_year",
    Cost,
    lambda reading: _delivery_costs(over_a_year(reading)),
    dimensions=ATTRIBUTED_DIMENSIONS,
    reads=(Deal, Customer, Rate),
)

DELIVERED_TO_NEW = Population(
    "delivered_to_new",
    Cost,
    _delivered_to_new,
    dimensions=ATTRIBUTED_DIMENSIONS,
    reads=(Deal, Customer, Rate),
)
