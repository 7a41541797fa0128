"""Periods that are closed (마감), and the changes that were made to them all the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import or_
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ClosingQuerySet(models.QuerySet["Closing"]):
    def in_force(self) -> Self:
        """Those that were not opened again."""
        return self.filter(reopened_at__isnull=True)

    def holding(self, days: Iterable[date]) -> Self:
        """Those that one of the days falls into."""
        held = [Q(start__lte=day, end__gt=day) for day in days]
        return self.filter(reduce(or_, held, Q(pk__in=[])))


class Closing(models.Model):
    """Business days from `start` until the day before `end` whose figures are settled."""

    code = models.CharField(_("period"), max_length=40)
    start = models.DateField()
    end = models.DateField()
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"))
    reopened_at = models.DateTimeField(_("opened again at"), null=True, blank=True)

    objects = ClosingQuerySet.as_manager()

    class Meta:
        verbose_name = _("closed period")
        verbose_name_plural = _("closed periods")
        ordering = ["-start", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="pipeline_closing_span"),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(reopened_at__isnull=True),
                name="pipeline_period_closed_once",
                violation_error_message=_("This period is closed already."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class LateChange(models.Model):
    """Why somebody changed a row of a closed period; `transaction` names its versions."""

    closing = models.ForeignKey(Closing, models.PROTECT, related_name="changes")
    fact = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    # Serves the reasons beside a row's history.
    transaction = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return self.reason
