"""What the model has said, and what every method would have said of periods that are over."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from accounts.scope import Scope, ScopeKind
from forecasting.accuracy.horizons import Horizon
from periods import Period


def _money(**options: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=20, decimal_places=2, **options)


def _of_scope(scope: Scope) -> Q:
    """The rows of one node; of a person seen through one's own teams, the work in these."""
    if scope.kind is ScopeKind.USER and scope.team_ids:
        return Q(user=scope.id, team__in=scope.team_ids)
    return Q(
        team=scope.id if scope.kind is ScopeKind.TEAM else None,
        user=scope.id if scope.kind is ScopeKind.USER else None,
    )


class ModelRunQuerySet(models.QuerySet["ModelRun"]):
    def of_period(self, period: Period) -> Self:
        """The runs for a period, oldest first."""
        return self.filter(start=period.start, end=period.end).order_by("day")


class ModelRun(models.Model):
    """What was learned for a period on a business day; the last of a day is kept.

    `learned` is empty where there was not enough history; `periods`, `won` and `lost` say how
    much there was. `unpriced` open deals count nothing, for want of an exchange rate.
    """

    start = models.DateField(_("from"))
    end = models.DateField(_("until"))
    day = models.DateField(_("day"))
    at = models.DateTimeField(_("learned"))
    periods = models.PositiveSmallIntegerField(_("earlier periods"))
    won = models.PositiveIntegerField(_("deals won"))
    lost = models.PositiveIntegerField(_("deals lost"))
    unpriced = models.PositiveIntegerField(_("deals without a rate"), default=0)
    learned = models.JSONField(_("learned"), default=dict)

    objects = ModelRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("model forecast")
        verbose_name_plural = _("model forecasts")
        ordering = ["-day", "start", "end"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gt=F("start")), name="forecasting_run_ends_after_its_start"
            ),
            # Serves the latest run of a period.
            models.UniqueConstraint(
                fields=["start", "end", "day"], name="forecasting_run_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start} {self.day}"

    @property
    def is_enough(self) -> bool:
        """Whether there was enough history to learn from."""
        return bool(self.learned)


class RunParts(models.Model):
    """What the figures of a run were drawn from, kept for the last run of a period: from it
    other ends are drawn, with the same luck."""

    run = models.OneToOneField(
        ModelRun, models.CASCADE, primary_key=True, related_name="parts", editable=False
    )
    standing = models.BinaryField()

    class Meta:
        verbose_name = _("parts of a model forecast")
        verbose_name_plural = _("parts of model forecasts")

    def __str__(self) -> str:
        return str(self.run_id)


class ModelFigureQuerySet(models.QuerySet["ModelFigure"]):
    def of_scope(self, scope: Scope) -> Self:
        """Those of one node."""
        return self.filter(_of_scope(scope))


class Node(models.Model):
    """One node of the company: a team with those below it, a person, a person's work in a team,
    or (neither) all of it."""

    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )

    class Meta:
        abstract = True


class ModelFigure(Node):
    """Where a node will land: one tenth, half and nine tenths of the outcomes lie below."""

    run = models.ForeignKey(ModelRun, models.CASCADE, related_name="figures")
    booked = _money()
    p10 = _money()
    p50 = _money()
    p90 = _money()
    target = _money(null=True)
    chance = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    """Of reaching the target; null without one."""

    objects = ModelFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("model figure")
        verbose_name_plural = _("model figures")
        ordering = ["run", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "team", "user"],
                name="forecasting_figure_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.team or self.user or ''} {self.p50}"


class Replayed(Node):
    """What each method would have said of a node at a horizon of a period, and what came.

    Null where a method had nothing to go by. `parts` are how many teams stand below a team:
    those without any are scored as teams. `usual` is the median of its earlier periods.
    """

    start = models.DateField(_("from"))
    end = models.DateField(_("until"))
    horizon = models.CharField(
        _("horizon"), max_length=8, choices=[(each.value, each.value) for each in Horizon]
    )
    at = models.DateTimeField(_("known at"))
    parts = models.PositiveSmallIntegerField(default=0)
    actual = _money()
    rep_commit = _money(null=True)
    lead_adjusted = _money(null=True)
    stage_weighted = _money(null=True)
    model = _money(null=True)
    same_quarter_last_year = _money(null=True)
    run_rate = _money(null=True)
    usual = _money(null=True)
    low = _money(null=True)
    high = _money(null=True)

    class Meta:
        verbose_name = _("replayed forecast")
        verbose_name_plural = _("replayed forecasts")
        ordering = ["start", "horizon", "pk"]
        constraints = [
            # Serves the accuracy of a horizon.
            models.UniqueConstraint(
                fields=["horizon", "start", "end", "team", "user"],
                name="forecasting_replayed_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.start} {self.horizon}"
