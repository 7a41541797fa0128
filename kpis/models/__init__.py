"""Stored values of measures, and the views of figures that people keep."""

from kpis.models.saved_views import SavedView
from kpis.models.stored import Level, StoredUnit, StoredValue, Unit

__all__ = ["Level", "SavedView", "StoredUnit", "StoredValue", "Unit"]
