"""Measures of customers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pipeline.measures.base import Measure
from pipeline.populations import customers as populations

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
