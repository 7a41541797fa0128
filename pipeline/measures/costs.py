"""Measures of costs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pipeline.measures.base import How, Measure, amount
from pipeline.populations import costs as populations

ACQUISITION_COST = Measure(
    "acquisition_cost",
    _("marketing, sales and labour cost"),
    populations.ACQUISITION_COSTS,
    How.SUM,
    amount,
    None,
)
