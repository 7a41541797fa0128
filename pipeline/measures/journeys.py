"""Measures of what deals went through: stages reached, and days spent in them."""

from __future__ import annotations

from django.db.models import DateTimeField, Expression, F, Func
from django.db.models import Value as Constant
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from pipeline.measures.base import How, Measure
from pipeline.populations import journeys as populations
from pipeline.reading import NUMBER, Reading


def _days(came: Combinable, went: Combinable) -> Expression:
    elapsed = Func(
        went,
        came,
        template="EXTRACT(EPOCH FROM (%(expressions)s)) / 86400",
        arg_joiner=" - ",
        output_field=NUMBER,
    )
    return Cast(elapsed, NUMBER)


def _days_of_visit(_reading: Reading) -> Expression:
    """Elapsed days from when the deal came to the stage until it went."""
    return _days(F("began"), F("went"))


def _days_so_far(reading: Reading) -> Expression:
    """Elapsed days from when an open deal came to its stage until the reading's instant."""
    return _days(F("came"), Cast(Constant(reading.instant, DateTimeField()), DateTimeField()))


VISITS_ENDED_MEDIAN = Measure(
    "visits_ended_median",
    _("median days of visits to a stage that ended"),
    populations.VISITS_ENDED,
    How.MEDIAN,
    _days_of_visit,
    None,
)

VISITS_ENDED_DAYS = Measure(
    "visits_ended_days",
    _("days of visits to a stage that ended, in total"),
    populations.VISITS_ENDED,
    How.SUM,
    _days_of_visit,
    None,
)

VISITS_OPEN_MEDIAN = Measure(
    "visits_open_median",
    _("median days so far of open deals in their stage"),
    populations.VISITS_OPEN,
    How.MEDIAN,
    _days_so_far,
    None,
    runs_with_the_clock=True,
)

ARRIVALS = Measure("arrivals", _("deals that reached the stage"), populations.ARRIVALS)

ARRIVALS_THAT_LEFT = Measure(
    "arrivals_that_left",
    _("deals that reached the stage and are not in it any more"),
    populations.ARRIVALS_THAT_LEFT,
)

ARRIVALS_THAT_WENT_ON = Measure(
    "arrivals_that_went_on",
    _("of them, deals that reached the next one"),
    populations.ARRIVALS_THAT_WENT_ON,
)
