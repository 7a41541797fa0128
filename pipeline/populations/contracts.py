"""Populations of contracts that fall due."""

from __future__ import annotations

from types import MappingProxyType

from django.db.models import F

from pipeline.models import (
    Contract,
    ContractTerm,
    Rate,
)
from pipeline.populations.base import Population, Rows, dated
from pipeline.reading import Reading

CONTRACT_DIMENSIONS = MappingProxyType(
    {
        "rep": "owner",
        "team": "team",
        "industry": "customer__industry",
        "size": "customer__size_band",
        "region": "customer__region",
    }
)


def _due(reading: Reading) -> Rows:
    rows = ContractTerm.objects.filter(
        reading.period.covers_days("due"), reading.scope.covers(), due__lte=reading.day
    )
    return dated(rows, F("due"))


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
