"""What deals went through, kept beside their versions: visits to stages, and how far they came.

Triggers on the versions tell both anew for each deal whose versions change, within the same
transaction (`pipeline_tell_journeys`, migration 0017); bulk writing has them told at its end. They
follow from versions as they are held true today and from the order of stages, and from nothing
else. What was known at an earlier instant is read from the versions themselves.
"""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Team, User
from history import infinity, version_model
from pipeline.models.deals import Deal
from pipeline.models.process import SalesProcess, Stage


def _plain(to: type[models.Model]) -> Any:
    """A reference without constraint or index of its own, as versions have them."""
    return models.ForeignKey(
        to, models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )


class OfVersion(models.Model):
    """What is told of one state of a deal, whose other columns it has through `version`."""

    row = models.ForeignKey(
        Deal, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    version = models.ForeignKey(
        version_model(Deal),
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    owner = _plain(User)
    team = _plain(Team)

    class Meta:
        abstract = True


class StageVisit(OfVersion):
    """A stay of a deal in an open stage; `version` is its last state there, that of the credit.

    `is_told` says whether anybody knew that it began at `began`; `went` is infinite while it
    lasts; `moved_on` says that it ended with another state, not with the deal's deletion. A deal
    that was seen in no open stage has one row without stage, which says only that.
    """

    stage = _plain(Stage)
    began = models.DateTimeField()
    is_told = models.BooleanField()
    went = models.DateTimeField()
    moved_on = models.BooleanField()

    class Meta:
        constraints = [
            # Serves where a deal was at an instant, and since when.
            models.UniqueConstraint(fields=["row", "began"], name="pipeline_stagevisit_once"),
        ]
        indexes = [
            # Serves days in stage of the visits that ended in a period, without the table.
            models.Index(
                fields=["went"],
                include=["row", "stage", "owner", "team", "began", "id"],
                condition=Q(is_told=True, moved_on=True),
                name="pipeline_stagevisit_ended",
            ),
            # Serves who waits in a stage now, and since when, without the table.
            models.Index(
                fields=["row", "stage"],
                include=["owner", "team", "began", "is_told", "id"],
                condition=Q(went=infinity()),
                name="pipeline_stagevisit_lasting",
            ),
            # Serves the data fault of deals whose stages nobody told.
            models.Index(
                fields=["row"],
                condition=Q(stage__isnull=True),
                name="pipeline_stagevisit_untold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row_id} {self.stage_id}"


class StageArrival(OfVersion):
    """A deal reached an open stage of its process, or came past it, for the first time.

    `version` is its first state there or beyond, of `came`; `beyond_at` is when it went further
    than the stage, null if it never did; from `left_at` on it was not in the stage any more.
    """

    passed = _plain(Stage)
    came = models.DateTimeField()
    beyond_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["row", "passed"], name="pipeline_stagearrival_once"),
        ]
        indexes = [
            # Serves stage conversion of a period, without the table.
            models.Index(
                fields=["came"],
                include=["row", "passed", "owner", "team", "beyond_at", "left_at", "id"],
                name="pipeline_stagearrival_came",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row_id} {self.passed_id}"


class StageOrder(models.Model):
    """How a process stood when journeys through it were told last: its stages in order."""

    process = models.OneToOneField(
        SalesProcess, models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="+"
    )
    stages = ArrayField(models.TextField())

    def __str__(self) -> str:
        return f"{self.process_id} {self.stages}"


_MOVES = pgtrigger.UpdateOf("position", "process_id", "outcome")  # type: ignore[no-untyped-call]
TELL_BY_ORDER = pgtrigger.Trigger(
    name="tell_by_order",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Insert | _MOVES | pgtrigger.Delete,
    # At the end of the transaction, when all stages have their places.
    timing=pgtrigger.Deferred,
    func="PERFORM pipeline_tell_by_order(); RETURN NULL;",
)
pgtrigger.register(TELL_BY_ORDER)(Stage)

# While a state only ends, the one that follows it has the journey told.
_ENDS = "OLD.valid_to = 'infinity' AND NEW.valid_to < 'infinity'"
_IS_THE_SAME = " AND ".join(
    f"OLD.{column} IS NOT DISTINCT FROM NEW.{column}"
    for column in (
        "row_id",
        "stage_id",
        "outcome",
        "owner_id",
        "team_id",
        "created_at",
        "valid_from",
        "recorded_from",
        "recorded_to",
        "deleted",
    )
)
TELL_WHEN_ADDED = pgtrigger.Trigger(
    name="tell_journey",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    func="PERFORM pipeline_tell_journeys(ARRAY[NEW.row_id]); RETURN NULL;",
)
TELL_WHEN_CHANGED = pgtrigger.Trigger(
    name="tell_changed_journey",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(f"NOT ({_ENDS} AND {_IS_THE_SAME})"),
    func="PERFORM pipeline_tell_journeys(ARRAY[OLD.row_id, NEW.row_id]); RETURN NULL;",
)
TELL_WHEN_REMOVED = pgtrigger.Trigger(
    name="tell_shorter_journey",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Delete,
    func="PERFORM pipeline_tell_journeys(ARRAY[OLD.row_id]); RETURN NULL;",
)
TELLING = (TELL_WHEN_ADDED, TELL_WHEN_CHANGED, TELL_WHEN_REMOVED)
pgtrigger.register(*TELLING)(version_model(Deal))
