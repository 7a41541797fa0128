"""Calls: what reps submit for a period, and what their leads make of it. Nothing is overwritten."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from accounts.scope import reach
from history import touching
from periods import Period

NEVER_CHANGED = pgtrigger.Protect(
    name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete
)
LONGEST_NOTE = 500


def _money() -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=20, decimal_places=2)


class Column(models.TextChoices):
    """The two figures that people promise; both include what is closed."""

    COMMIT = "commit", _("Commit forecast")
    BEST_CASE = "best_case", _("Best case forecast")


class CallQuerySet(models.QuerySet[Any]):
    def of_periods(self, periods: list[Period]) -> Self:
        """Those for exactly one of the periods."""
        found = Q(pk__in=[])
        for period in periods:
            found |= Q(start=period.start, end=period.end)
        return self.filter(found)

    def visible_to(self, viewer: User) -> Self:
        """Those on what a person sees: their own, and that of their teams."""
        return self.filter(reach(viewer).covers(owner="user", team="team"))

    def said_by(self, moment: datetime | None) -> Self:
        """Those that had been made by an instant; all of them without one."""
        return self if moment is None else self.filter(at__lte=moment)

    def newest_by(self, moments: Collection[datetime | None]) -> Self:
        """Of each person in a team, or of each cell, what had been said last by each instant."""
        cell = ("start", "end", *self.model.said_of)
        newest = Q(pk__in=[])
        for moment in moments:
            said = self.said_by(moment).order_by(*cell, *self.model.newest_first).distinct(*cell)
            newest |= Q(pk__in=said.values("pk"))
        return self.filter(newest)


class Call(models.Model):
    """For a period from `start` until the day before `end`, in the company's currency."""

    said_of: ClassVar[tuple[str, ...]]
    """What the next call takes the place of the last one for."""

    newest_first: ClassVar[tuple[str, ...]] = ("-at", "-pk")

    start = models.DateField(_("from"))
    end = models.DateField(_("until"))
    at = models.DateTimeField(_("made"))

    objects = CallQuerySet.as_manager()

    class Meta:
        abstract = True


@touching(owner="user_id", team="team_id")
class Submission(Call):
    """What a person promises of the work credited to them in a team.

    `base_*` is what the system had for them at that moment.
    """

    said_of = ("user_id", "team_id")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="submissions",
        verbose_name=_("person"),
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    commit = _money()
    best_case = _money()
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)
    base_closed = _money()
    base_commit = _money()
    base_best_case = _money()

    class Meta:
        verbose_name = _("forecast submission")
        verbose_name_plural = _("forecast submissions")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gt=F("start")), name="forecasting_submission_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=Q(best_case__gte=F("commit"), commit__gte=F("base_closed")),
                name="forecasting_submission_in_order",
            ),
        ]
        # The latest of each person for a period.
        indexes = [
            models.Index(
                fields=["start", "end", "user", "team", "-at", "-id"],
                name="forecasting_submission_latest",
            )
        ]
        triggers = [NEVER_CHANGED]

    def __str__(self) -> str:
        return f"{self.user} {self.start}"


@touching(owner="user_id", team="team_id")
class Adjustment(Call):
    """What a lead puts in place of a member's figure in the lead's own; None takes it back.

    The cell is the `column` of a `user` or a `child` team in a `team` (None: in the company).
    `number` counts within it, so that of two at once only one can be the next. `base` is the
    figure that was replaced.
    """

    said_of = ("team_id", "user_id", "child_id", "column")
    newest_first = ("-number",)

    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    child = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("child team")
    )
    column = models.CharField(_("column"), max_length=10, choices=Column.choices)
    number = models.PositiveIntegerField(_("number"))
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=2, null=True, blank=True)
    base = _money()
    reason = models.CharField(_("reason"), max_length=LONGEST_NOTE)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("author")
    )

    class Meta:
        verbose_name = _("forecast adjustment")
        verbose_name_plural = _("forecast adjustments")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gt=F("start")), name="forecasting_adjustment_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, child__isnull=True)
                | Q(user__isnull=True, child__isnull=False),
                name="forecasting_adjustment_is_of_one_member",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__gte=0),
                name="forecasting_adjustment_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(column__in=Column.values), name="forecasting_adjustment_column_known"
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="forecasting_adjustment_has_a_reason"
            ),
            # Lets one of two at once win, and finds the latest of a cell.
            models.UniqueConstraint(
                fields=["start", "end", "team", "user", "child", "column", "number"],
                name="forecasting_adjustment_once",
                nulls_distinct=False,
            ),
        ]
        triggers = [NEVER_CHANGED]

    def __str__(self) -> str:
        return f"{self.column} {self.user or self.child} {self.start}"
