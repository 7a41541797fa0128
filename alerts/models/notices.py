"""What was called for about submitting forecasts: reminders, nudges, summaries. Each once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from forecasting.models import Deadline


class NoticeKind(models.TextChoices):
    REMINDER = "reminder", _("Reminder before the deadline")
    NUDGE = "nudge", _("Nudge by a lead")
    SUMMARY = "summary", _("Summary at the deadline")


class Notice(models.Model):
    """About a deadline's window, or by a person to another about a period; its mails hang on it.

    `period` is the code of what is to be submitted. `day` is that of a nudge: one lead nudges one
    person once a day.
    """

    kind = models.CharField(max_length=8, choices=NoticeKind.choices)
    deadline = models.ForeignKey(Deadline, models.CASCADE, null=True, related_name="+")
    due = models.DateTimeField(null=True)
    period = models.CharField(max_length=30)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+"
    )
    day = models.DateField(null=True)
    at = models.DateTimeField()

    objects: models.Manager[Notice] = models.Manager()

    class Meta:
        constraints = [
            # Of several who detect the same, one records it.
            models.UniqueConstraint(
                fields=["kind", "deadline", "due", "by", "person", "day"],
                name="alerts_notice_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(kind=NoticeKind.NUDGE, by__isnull=False, person__isnull=False)
                | Q(deadline__isnull=False, due__isnull=False, by__isnull=True),
                name="alerts_notice_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due or self.day}"
