"""Populations of leads."""

from __future__ import annotations

from types import MappingProxyType

from pipeline.models import Lead
from pipeline.populations.base import Population, Rows
from pipeline.reading import Reading

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


def _leads_created(reading: Reading) -> Rows:
    rows = reading.flow(Lead).filter(reading.period.covers("created_at"))
    return rows.filter(reading.scope.covers())


def _cohort_converted(reading: Reading) -> Rows:
    return _leads_created(reading).filter(converted_at__lt=reading.followed_until)


def _leads_converted(reading: Reading) -> Rows:
    rows = reading.flow(Lead).filter(reading.period.covers("converted_at"))
    return rows.filter(reading.scope.covers())


LEADS = Population("leads", Lead, _leads_created, "created_at", dimensions=LEAD_DIMENSIONS)

LEADS_CONVERTED_SINCE = Population(
    "leads_converted_since",
    Lead,
    _cohort_converted,
    "created_at",
    dimensions=LEAD_DIMENSIONS,
    is_followed=True,
)

LEADS_CONVERTED = Population(
    "leads_converted", Lead, _leads_converted, "converted_at", dimensions=LEAD_DIMENSIONS
)
