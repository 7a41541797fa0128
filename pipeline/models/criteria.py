"""What should be true of a deal before it leaves a stage, and what people said of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from history import touching
from pipeline.models.deals import Deal
from pipeline.models.fact import Named
from pipeline.models.process import Stage

# Deals that are deleted take what was said of them along.
NEVER_REWRITTEN = pgtrigger.Protect(name="never_rewritten", operation=pgtrigger.Update)


class Criterion(Named):
    """One line of a stage's checklist."""

    stage = models.ForeignKey(
        Stage, models.CASCADE, related_name="criteria", verbose_name=_("stage")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    is_must = models.BooleanField(
        _("must-have"),
        default=True,
        help_text=_("Whoever moves a deal past it unticked is asked why."),
    )
    is_active = models.BooleanField(
        _("in use"),
        default=True,
        help_text=_("Retired ones stay in the history of deals, but are asked for no more."),
    )

    class Meta:
        verbose_name = _("exit criterion")
        verbose_name_plural = _("exit criteria")
        ordering = ["stage", "position", "pk"]


class TickQuerySet(models.QuerySet["Tick"]):
    def standing(self, deals: Collection[int], at: datetime) -> Self:
        """What was said last of each criterion of some deals, by an instant."""
        said = self.filter(deal__in=deals, at__lte=at)
        last = said.order_by("deal_id", "criterion_id", "-at", "-pk")
        return last.distinct("deal_id", "criterion_id")


@touching(owner="owner_id", team="team_id")
class Tick(models.Model):
    """Somebody said that a criterion is met, or is not after all. Only ever added to.

    `owner` and `team` are the deal's at that moment.
    """

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="ticks", db_index=False)
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="ticks")
    is_met = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    objects = TickQuerySet.as_manager()

    class Meta:
        # Serves what was said last.
        indexes = [
            models.Index(fields=["deal", "criterion", "-at", "-id"], name="pipeline_tick_last")
        ]
        triggers = [NEVER_REWRITTEN]

    def __str__(self) -> str:
        return f"{self.criterion_id} {self.is_met}"


def _this_transaction() -> Any:
    number = Func(function="pg_current_xact_id", output_field=models.TextField())
    return Cast(Cast(number, models.TextField()), models.BigIntegerField())


class Skip(models.Model):
    """Why a deal moved on although must-haves were not ticked; `transaction` names its version.

    `criteria` are those that were not, by id.
    """

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="skips")
    criteria = ArrayField(models.BigIntegerField())
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    transaction = models.BigIntegerField(db_default=_this_transaction())

    class Meta:
        triggers = [NEVER_REWRITTEN]

    def __str__(self) -> str:
        return self.reason
