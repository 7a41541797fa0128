"""Computing all stored values anew: who asked for it, and the steps that it takes."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from kpis.models.stored import Unit


class State(models.TextChoices):
    RUNNING = "running", _("running")
    STOPPED = "stopped", _("stopped")
    FINISHED = "finished", _("finished")


class RecomputationQuerySet(models.QuerySet["Recomputation"]):
    def for_listing(self) -> models.QuerySet[Recomputation]:
        """The latest first, with how far each is: `spans`, `spans_done`, `rows_differed`."""
        done = Q(steps__done_at__isnull=False)
        told = self.annotate(
            spans=Sum("steps__size", default=0),
            spans_done=Sum("steps__size", filter=done, default=0),
            rows_differed=Sum("steps__differed", default=0),
        )
        return told.select_related("started_by", "stopped_by").order_by("-pk")


class Recomputation(models.Model):
    """One computation of all stored values anew, or of those `since` a day.

    A null person is the schedule or the command line. `problem` says why it stopped by itself.
    """

    since = models.DateField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    problem = models.TextField(blank=True)

    objects = RecomputationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state=State.RUNNING),
                name="kpis_one_recomputation_runs",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.started_at}"


class RecomputationStep(models.Model):
    """Some months or weeks that are computed together, by whichever worker takes them."""

    recomputation = models.ForeignKey(Recomputation, models.CASCADE, related_name="steps")
    unit = models.CharField(max_length=5, choices=Unit.choices)
    starts = ArrayField(models.DateField())
    size = models.PositiveIntegerField()
    differed = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.unit} {self.starts[-1]}–{self.starts[0]}"
