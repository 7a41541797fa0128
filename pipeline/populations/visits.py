"""Populations of visits."""

from __future__ import annotations

from types import MappingProxyType

from pipeline.models import Visit
from pipeline.populations.base import Population, Rows
from pipeline.reading import Reading


def _visits(reading: Reading) -> Rows:
    """Visits are the company's: they are credited to no team and nobody."""
    rows = reading.flow(Visit).filter(reading.period.covers_days("day"))
    return rows.filter(reading.scope.covers(owner="", team=""))


VISITS = Population(
    "visits",
    Visit,
    _visits,
    "day",
    is_day=True,
    dimensions=MappingProxyType({"source": "source"}),
)
