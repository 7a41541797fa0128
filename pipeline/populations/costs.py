"""Populations of costs."""

from __future__ import annotations

from types import MappingProxyType

from django.db.models import F

from pipeline.models import (
    Cost,
    CostKind,
    Rate,
)
from pipeline.populations.base import Population, Rows, dated
from pipeline.reading import Reading

COST_DIMENSIONS = MappingProxyType({"team": "team", "source": "source"})


def _acquisition_costs(reading: Reading) -> Rows:
    kinds = [CostKind.MARKETING, CostKind.SALES, CostKind.LABOUR]
    rows = reading.flow(Cost).filter(reading.period.covers_days("day"), kind__in=kinds)
    return dated(rows.filter(reading.scope.covers(owner="")), F("day"))


ACQUISITION_COSTS = Population(
    "acquisition_costs",
    Cost,
    _acquisition_costs,
    "day",
    is_day=True,
    dimensions=COST_DIMENSIONS,
    reads=(Rate,),
)
