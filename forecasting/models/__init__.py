"""What people and the model say that periods will bring, and how right that was."""

from forecasting.models.calls import Adjustment, CallQuerySet, Column, Submission
from forecasting.models.deadlines import Deadline
from forecasting.models.runs import ModelFigure, ModelRun, Replayed, RunParts
from forecasting.models.scenarios import Scenario

__all__ = [
    "Adjustment",
    "CallQuerySet",
    "Column",
    "Deadline",
    "ModelFigure",
    "ModelRun",
    "Replayed",
    "RunParts",
    "Scenario",
    "Submission",
]
