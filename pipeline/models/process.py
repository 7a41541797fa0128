"""Sales processes and their stages."""

from __future__ import annotations

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from history import touching, versioned
from pipeline.models.fact import Named


class Category(models.TextChoices):
    """How a deal counts in the forecast."""

    OMITTED = "omitted", _("Omitted")
    PIPELINE = "pipeline", _("Pipeline")
    BEST_CASE = "best_case", _("Best case")
    COMMIT = "commit", _("Commit")
    CLOSED = "closed", _("Closed")


class Outcome(models.TextChoices):
    OPEN = "open", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class SalesProcess(models.Model):
    """An ordered way to sell: its stages lead from a first look to won or lost."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_default = models.BooleanField(_("default for new deals"), default=False)
    external_id = models.CharField(
        _("external id"), max_length=120, unique=True, null=True, blank=True
    )
    learns = models.BooleanField(
        _("learned probabilities"),
        default=False,
        help_text=_(
            "Every night each stage gets the share won of the deals that reached it or came past "
            "it and were closed within 12 months. Without it the probabilities are set by hand."
        ),
    )

    class Meta:
        verbose_name = _("sales process")
        verbose_name_plural = _("sales processes")
        ordering = ["-is_default", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="pipeline_one_default_process",
            )
        ]

    def __str__(self) -> str:
        return self.name


class StageQuerySet(models.QuerySet["Stage"]):
    def open(self) -> Self:
        """The stages that a running deal can be in."""
        return self.filter(outcome=Outcome.OPEN)


@touching()
@versioned("process", "position", "probability", "category", "outcome")
class Stage(Named):
    """One step of a process: how likely it makes a deal and how the forecast counts it."""

    process = models.ForeignKey(
        SalesProcess, models.PROTECT, related_name="stages", verbose_name=_("process")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    probability = models.DecimalField(
        _("probability"),
        max_digits=5,
        decimal_places=4,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("From 0 to 1, such as 0.4."),
    )
    by_hand = models.DecimalField(
        _("probability set by hand"),
        max_digits=5,
        decimal_places=4,
        null=True,
        editable=False,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    """What staff set, kept while `probability` is a learned one; null while that is in force."""

    category = models.CharField(
        _("forecast category"), max_length=10, choices=Category.choices, default=Category.PIPELINE
    )
    outcome = models.CharField(
        _("outcome"), max_length=4, choices=Outcome.choices, default=Outcome.OPEN
    )
    external_id = models.CharField(
        _("external id"), max_length=120, unique=True, null=True, blank=True
    )

    objects = StageQuerySet.as_manager()

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ["process", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["process", "position"],
                name="pipeline_stage_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(probability__range=(0, 1)), name="pipeline_stage_probability_0_to_1"
            ),
            models.CheckConstraint(
                condition=Q(category__in=Category.values), name="pipeline_stage_category_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="pipeline_stage_outcome_known"
            ),
        ]
