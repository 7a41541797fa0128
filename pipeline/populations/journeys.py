"""Populations of what deals went through: the stages that they reached, and their visits there.

Where nobody told when a deal came to a stage (it was imported open, without its past), the visit
is in no figure and the stage was reached at no known time.
"""

from __future__ import annotations

from types import MappingProxyType

from django.db.models import Case, DateTimeField, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.expressions import Combinable

from history import infinity, version_model
from pipeline.models import Deal, Outcome, Stage, StageArrival, StageVisit
from pipeline.populations.base import Population, Rows
from pipeline.populations.deals import DEAL_DIMENSIONS
from pipeline.reading import Reading, row_key

ARRIVAL_DIMENSIONS = MappingProxyType({**DEAL_DIMENSIONS, "stage": "passed"})


def _lasting(reading: Reading) -> Rows:
    """The visits that are going on."""
    rows: Rows = reading.journeys(StageVisit).filter(went=infinity())
    return rows


def _of_deals_that_are(reading: Reading) -> Q:
    """Deals that were deleted are in no figure, whatever they went through."""
    gone = (
        version_model(Deal)
        .objects.recorded(reading.known_at)
        .filter(row=OuterRef("row_id"), deleted=True)
    )
    if reading.as_of is None:
        return Q(~Exists(gone.filter(valid_to=infinity())))
    return Q(~Exists(gone.filter(valid_from__lte=reading.as_of, valid_to__gt=reading.as_of)))


def _visits_ended(reading: Reading) -> Rows:
    """The visits to an open stage that ended in the period."""
    rows: Rows = reading.journeys(StageVisit).filter(
        reading.period.covers("went"),
        reading.credited(instant="went"),
        _of_deals_that_are(reading),
        is_told=True,
        moved_on=True,
        # What was to come after the present of the question has not happened yet.
        went__lte=reading.as_of or reading.at,
    )
    return rows


def _visits_open(reading: Reading) -> Rows:
    """The open deals, each with when it came to its stage: `came`, null if nobody told."""
    if reading.stock_as_of is None:
        came = Case(When(is_told=True, then=F("began")), output_field=DateTimeField())
        lasting = _lasting(reading).filter(reading.credited(), began__lte=reading.instant)
        visits: Rows = lasting.annotate(came=came)
        return visits
    rows = reading.stock(Deal).filter(reading.credited(), outcome=Outcome.OPEN)
    deals: Rows = rows.annotate(came=_came_at(reading, row_key(rows)))
    return deals


def _came_at(reading: Reading, row: str) -> Combinable:
    """When the deal `row` came to the stage that it was in when stocks are looked at."""
    instant = reading.stands_at
    told = reading.journeys(StageVisit).filter(row=OuterRef(row), is_told=True)
    there = told.filter(began__lte=instant, went__gt=instant)
    return Subquery(there.values("began")[:1], output_field=DateTimeField())


def _arrivals(reading: Reading) -> Rows:
    """A row for each deal and open stage that it reached, or passed, in the period at first.

    `passed` is the stage. A deal that was seen in no stage before it was won tells nothing
    about stages.
    """
    rows: Rows = reading.journeys(StageArrival).filter(
        reading.period.covers("came"),
        reading.credited(instant="came"),
        _of_deals_that_are(reading),
        came__lte=reading.as_of or reading.at,
    )
    return rows


def _came_beyond(reading: Reading) -> Q:
    return Q(beyond_at__lt=reading.followed_until)


def _went_on(reading: Reading) -> Rows:
    return _arrivals(reading).filter(_came_beyond(reading))


def _left(reading: Reading) -> Rows:
    """The arrivals without those that wait in the stage and never were further."""
    until = reading.followed_until
    waits = _waiting(reading).filter(row=OuterRef("row_id"), stage=OuterRef("passed"))
    went = Q(beyond_at__lt=until) | Q(left_at__lt=until)
    return _arrivals(reading).filter(went | ~Q(Exists(waits)))


def _waiting(reading: Reading) -> Rows:
    """The visits that were going on at the end of the cohort's time."""
    until = reading.followed_until
    if reading.as_of is None and until == reading.at:
        return _lasting(reading).filter(began__lt=until)
    return reading.journeys(StageVisit).filter(began__lt=until, went__gte=until)


VISITS_ENDED = Population(
    "visits_ended", Deal, _visits_ended, "went", dimensions=DEAL_DIMENSIONS, is_walked=True
)

VISITS_OPEN = Population("visits_open", Deal, _visits_open, dimensions=DEAL_DIMENSIONS)

ARRIVALS = Population(
    "arrivals",
    Deal,
    _arrivals,
    "came",
    dimensions=ARRIVAL_DIMENSIONS,
    is_walked=True,
    reads=(Stage,),
)

ARRIVALS_THAT_LEFT = Population(
    "arrivals_that_left",
    Deal,
    _left,
    "came",
    dimensions=ARRIVAL_DIMENSIONS,
    is_followed=True,
    is_walked=True,
    reads=(Stage,),
)

ARRIVALS_THAT_WENT_ON = Population(
    "arrivals_that_went_on",
    Deal,
    _went_on,
    "came",
    dimensions=ARRIVAL_DIMENSIONS,
    is_followed=True,
    is_walked=True,
    reads=(Stage,),
    among=ARRIVALS,
    only=_came_beyond,
)
