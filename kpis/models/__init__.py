"""Stored values of measures, the views that people keep, and what they say about figures."""

from kpis.models.comments import Comment
from kpis.models.recomputations import Recomputation, RecomputationStep, State
from kpis.models.saved_views import SavedView
from kpis.models.stored import Drains, Level, Recalled, StoredUnit, StoredValue, Unit

__all__ = [
    "Comment",
    "Drains",
    "Level",
    "Recalled",
    "Recomputation",
    "RecomputationStep",
    "SavedView",
    "State",
    "StoredUnit",
    "StoredValue",
    "Unit",
]
