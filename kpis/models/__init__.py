"""Stored values of measures, and the views of figures that people keep."""

from kpis.models.saved_views import SavedView
from kpis.models.stored import Drains, Level, Recalled, StoredUnit, StoredValue, Unit

__all__ = ["Drains", "Level", "Recalled", "SavedView", "StoredUnit", "StoredValue", "Unit"]
