"""Measures of leads."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pipeline.measures.base import Measure
from pipeline.populations import leads as populations

LEADS_CREATED = Measure("leads_created", _("leads created"), populations.LEADS)

LEADS_CONVERTED_SINCE = Measure(
    "leads_converted_since", _("of them converted so far"), populations.LEADS_CONVERTED_SINCE
)

LEADS_CONVERTED = Measure(
    "leads_converted", _("leads converted in the period"), populations.LEADS_CONVERTED
)
