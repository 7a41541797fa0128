"""Measures of customers."""

from __future__ import annotations

from django.db.models import Expression, ExpressionWrapper, F
from django.utils.translation import gettext_lazy as _

from pipeline.measures.base import How, Measure
from pipeline.populations import customers as populations
from pipeline.reading import NUMBER, Reading


def _kept(_reading: Reading) -> Expression:
    return ExpressionWrapper(F("kept"), NUMBER)


ACTIVE_AT_START = Measure(
    "active_at_start", _("customers active at the start"), populations.ACTIVE_AT_START
)

RETAINED = Measure("retained", _("of them active at the end"), populations.RETAINED)

BUYERS_AT_START = Measure(
    "buyers_at_start", _("customers who bought in the year before"), populations.BUYERS_AT_START
)

BUYERS_RETAINED = Measure(
    "buyers_retained", _("of them with a purchase in the last year"), populations.BUYERS_RETAINED
)

BUYERS = Measure("buyers", _("customers who bought in the period"), populations.BUYERS)

BUYERS_FROM_BEFORE = Measure(
    "buyers_from_before", _("of them who had bought before it"), populations.BUYERS_FROM_BEFORE
)

BUYERS_AGAIN = Measure(
    "buyers_again", _("of them not for the first time"), populations.BUYERS_AGAIN
)

KEPT_VALUE = Measure(
    "kept_value",
    _("of it kept at the end, without what was added"),
    populations.KEPT,
    How.SUM,
    _kept,
)

ACTIVE_A_YEAR_AGO = Measure(
    "active_a_year_ago", _("customers active a year before"), populations.ACTIVE_A_YEAR_AGO
)

RETAINED_OVER_A_YEAR = Measure(
    "retained_over_a_year", _("of them still active"), populations.RETAINED_OVER_A_YEAR
)

ACTIVE_NOW = Measure("active_now", _("customers active at the end"), populations.ACTIVE_NOW)

BUYING_A_YEAR_AGO = Measure(
    "buying_a_year_ago",
    _("customers with a purchase in the year before"),
    populations.BUYING_A_YEAR_AGO,
)

BUYING_STILL = Measure("buying_still", _("of them with a purchase since"), populations.BUYING_STILL)

BUYING_NOW = Measure(
    "buying_now", _("customers with a purchase in the last year"), populations.BUYING_NOW
)
