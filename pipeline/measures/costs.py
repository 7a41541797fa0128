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

ALL_COST = Measure("all_cost", _("all costs"), populations.ALL_COSTS, How.SUM, amount, None)

DELIVERY_COST = Measure(
    "delivery_cost", _("delivery costs"), populations.DELIVERY_COSTS, How.SUM, amount
)

DELIVERY_COST_OF_YEAR = Measure(
    "delivery_cost_of_year",
    _("delivery costs of twelve months"),
    populations.DELIVERY_COSTS_OF_YEAR,
    How.SUM,
    amount,
)

DELIVERED_TO_NEW = Measure(
    "delivered_to_new",
    _("delivery costs of twelve months for new customers"),
    populations.DELIVERED_TO_NEW,
    How.SUM,
    amount,
)
