"""Measures of visits."""

from __future__ import annotations

from django.db.models import Expression, F
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from charts.numbers import Unit
from pipeline.measures.base import How, Measure
from pipeline.populations import visits as populations
from pipeline.reading import NUMBER, Reading


def _counted(_reading: Reading) -> Expression:
    return Cast(F("visits"), NUMBER)


VISITS = Measure(
    "visits", _("visits"), populations.VISITS, How.SUM, _counted, empty=None, unit=Unit.COUNT
)
