"""Measures of leads."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Expression, F
from django.db.models.functions import Cast, Extract
from django.utils.translation import gettext_lazy as _

from charts.numbers import Unit
from pipeline.measures.base import How, Measure
from pipeline.populations import leads as populations
from pipeline.reading import NUMBER, Reading


def _hours_to_contact(_reading: Reading) -> Expression:
    """Hours from a lead's creation to its first activity; negative where it was entered late."""
    seconds = Extract(F("first_contact") - F("created_at"), "epoch")
    return Cast(seconds, NUMBER) / Decimal(3600)


LEADS_CREATED = Measure("leads_created", _("leads created"), populations.LEADS)

LEADS_CONVERTED_SINCE = Measure(
    "leads_converted_since", _("of them converted so far"), populations.LEADS_CONVERTED_SINCE
)

LEADS_CONVERTED = Measure(
    "leads_converted", _("leads converted in the period"), populations.LEADS_CONVERTED
)


RESPONSE_MEDIAN = Measure(
    "response_median",
    _("median hours from creation to first activity"),
    populations.LEADS_ANSWERED,
    How.MEDIAN,
    _hours_to_contact,
    None,
    Unit.HOURS,
)

LEADS_UNANSWERED = Measure(
    "leads_unanswered", _("leads without any activity"), populations.LEADS_UNANSWERED
)
