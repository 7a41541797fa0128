"""Stored values as the tests fill and check them."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Company
from kpis.models import StoredUnit, Unit
from kpis.storage import keeping
from kpis.storage.columns import sources
from kpis.storage.filling import Filling
from kpis.storage.units import StoredSpan
from tests.cast import seoul

NOW = seoul(2026, 2, 16, 12)


def fill(at: datetime = NOW) -> int:
    """Complete what is incomplete; answers how many spans that were."""
    return sum(len(filled.spans) for filled in keeping.fill(at=at, before=keeping.EVER))


def differing() -> dict[StoredSpan, int]:
    """Every complete span whose rows are not what the facts say, after making them so."""
    company = Company.current()
    filling = Filling(sources(), company.calendar, company.currency)
    spans = [StoredSpan(Unit(unit.unit), unit.start) for unit in StoredUnit.objects.all()]
    found = {span: filling.whole([span]) for span in spans}
    return {span: rows for span, rows in found.items() if rows}
