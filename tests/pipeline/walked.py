"""What deals went through, a second time: found by walking through their versions.

Each version is looked at beside those before and after it, as they are or were known.
"""

from __future__ import annotations

from django.db.models import Case, DateTimeField, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.expressions import Combinable

from history import version_model
from pipeline.models import Deal, Outcome
from pipeline.populations.base import Rows
from pipeline.reading import Reading, row_key


def _past(reading: Reading) -> Rows:
    """Every version of a deal that had begun by the present of the question."""
    versions: Rows = version_model(Deal).objects.recorded(reading.known_at)
    return versions.filter(valid_from__lte=reading.as_of or reading.at, deleted=False)


def _of_the_same_deal(reading: Reading) -> Rows:
    return _past(reading).filter(row=OuterRef("row"))


def _just_before(reading: Reading) -> Rows:
    return _of_the_same_deal(reading).filter(
        valid_from__lt=OuterRef("valid_from"), valid_to=OuterRef("valid_from")
    )


def _entries(reading: Reading) -> Rows:
    """The versions with which a deal came to a stage."""
    before = _just_before(reading).filter(stage=OuterRef("stage"))
    rows: Rows = _past(reading).filter(~Exists(before), stage__isnull=False)
    return rows


def _told_entries(reading: Reading) -> Rows:
    """Those of which it is known when: an import said so, or somebody moved the deal here."""
    is_an_import = Q(valid_from__lt=F("recorded_from"))
    # Not told by this version, and of the one before nobody told the stage.
    was_nowhere = Q(stage__isnull=True, valid_to__gte=OuterRef("recorded_from"))
    before = _just_before(reading).filter(Q(stage=OuterRef("stage")) | was_nowhere)
    rows: Rows = _past(reading).filter(
        ~Exists(before),
        Q(created_at__isnull=False) | is_an_import | Q(Exists(_just_before(reading))),
        stage__isnull=False,
    )
    return rows


def came_at(reading: Reading, row: str, until: Combinable) -> Combinable:
    """When the deal `row` came to the stage that it was in at `until`; null if nobody told."""
    entries = _entries(reading).filter(row=OuterRef(row), valid_from__lte=until)
    is_told = Exists(_told_entries(reading).filter(pk=OuterRef("pk")))
    told = Case(When(is_told, then=F("valid_from")), output_field=DateTimeField())
    latest = entries.order_by("-valid_from").annotate(came=told).values("came")[:1]
    return Subquery(latest, output_field=DateTimeField())


def _of_deals_that_are(reading: Reading) -> Q:
    """Deals that were deleted are in no figure, whatever they went through."""
    deals = reading.flow(Deal)
    return Q(Exists(deals.filter(**{row_key(deals): OuterRef("row_id")})))


def visits_ended(reading: Reading) -> Rows:
    """The last version of each visit to an open stage that ended in the period."""
    after = _of_the_same_deal(reading).filter(
        ~Q(stage=OuterRef("stage")), valid_from=OuterRef("valid_to")
    )
    rows = _past(reading).filter(
        reading.period.covers("valid_to"),
        reading.credited(instant="valid_to"),
        Exists(after),
        _of_deals_that_are(reading),
        outcome=Outcome.OPEN,
        stage__isnull=False,
        # What was to come after the present of the question has not happened yet.
        valid_to__lte=reading.as_of or reading.at,
    )
    began = came_at(reading, "row", OuterRef("valid_from"))
    told: Rows = rows.annotate(began=began, went=F("valid_to")).filter(began__isnull=False)
    return told


def _had_come(reading: Reading) -> Rows:
    """The earlier versions of the deal in which it was in a stage of this process, or won."""
    return _of_the_same_deal(reading).filter(
        ~Q(outcome=Outcome.LOST),
        stage__process=OuterRef("stage__process"),
        valid_from__lt=OuterRef("valid_from"),
    )


def arrivals(reading: Reading) -> Rows:
    """A row for each deal and open stage that it reached, or passed, in the period at first.

    `passed` is the stage, `passed_position` its place. A deal that was seen in no stage before
    it was won tells nothing about stages.
    """
    stage = "stage__process__stages"
    rows = (
        _told_entries(reading)
        .filter(
            reading.period.covers("valid_from"),
            reading.credited(instant="valid_from"),
            _of_deals_that_are(reading),
            ~Q(outcome=Outcome.LOST),
        )
        .annotate(
            came=F("valid_from"),
            passed=F(stage),
            passed_position=F(f"{stage}__position"),
            passed_outcome=F(f"{stage}__outcome"),
        )
    )
    so_far = Q(outcome=Outcome.WON) | Q(stage__position__gte=OuterRef("passed_position"))
    here_or_beyond = Q(outcome=Outcome.WON) | Q(passed_position__lte=F("stage__position"))
    found: Rows = rows.filter(
        here_or_beyond,
        Q(outcome=Outcome.OPEN) | Q(Exists(_had_come(reading))),
        ~Exists(_had_come(reading).filter(so_far)),
        passed_outcome=Outcome.OPEN,
    )
    return found


def _beyond(reading: Reading, position: str) -> Rows:
    """The versions of the same deal in which it had come further, by the end of the cohort's time.

    `position` names the column of the surrounding row that says further than what.
    """
    return _of_the_same_deal(reading).filter(
        Q(outcome=Outcome.WON) | Q(outcome=Outcome.OPEN, stage__position__gt=OuterRef(position)),
        stage__process=OuterRef("stage__process"),
        valid_from__lt=reading.followed_until,
    )


def went_on(reading: Reading) -> Rows:
    found: Rows = arrivals(reading).filter(Exists(_beyond(reading, "passed_position")))
    return found


def left(reading: Reading) -> Rows:
    """The arrivals without those that wait in the stage and never were further."""
    waits = _of_the_same_deal(reading).filter(
        ~Exists(_beyond(reading, "stage__position")),
        stage=OuterRef("passed"),
        valid_from__lt=reading.followed_until,
        valid_to__gte=reading.followed_until,
    )
    found: Rows = arrivals(reading).filter(~Exists(waits))
    return found
