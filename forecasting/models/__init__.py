"""What people say the period will bring."""

from forecasting.models.calls import Adjustment, CallQuerySet, Column, Submission

__all__ = ["Adjustment", "CallQuerySet", "Column", "Submission"]
