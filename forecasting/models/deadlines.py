"""Deadlines: until when who is to submit the forecast of which period."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from history import touching


class Every(models.TextChoices):
    WEEK = "week", _("Every week")
    MONTH = "month", _("Every month")


class Weekday(models.IntegerChoices):
    """As `date.weekday()` counts them."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Asked(models.TextChoices):
    MONTH = "month", _("The month")
    QUARTER = "quarter", _("The quarter")


@touching()
class Deadline(models.Model):
    """Set by staff, in the company's time zone.

    What is asked for is the period that the deadline's day lies in.
    """

    every = models.CharField(_("how often"), max_length=5, choices=Every, default=Every.WEEK)
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), choices=Weekday, default=Weekday.FRIDAY, help_text=_("For every week.")
    )
    day = models.PositiveSmallIntegerField(
        _("day of the month"),
        default=25,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text=_("For every month; a shorter one has it on its last day."),
    )
    time = models.TimeField(_("time"), help_text=_("In the company's time zone."))
    period = models.CharField(_("forecast of"), max_length=7, choices=Asked, default=Asked.QUARTER)
    team = models.ForeignKey(
        Team,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("team"),
        help_text=_("With the teams below it. Empty: everybody who belongs to a team."),
    )
    asks_leads = models.BooleanField(_("leads submit too"), default=False)
    remind_hours = models.PositiveSmallIntegerField(
        _("remind so many hours before"),
        default=24,
        validators=[MaxValueValidator(24 * 6)],
        help_text=_("By e-mail, those who have not submitted. 0: no reminder."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("forecast deadline")
        verbose_name_plural = _("forecast deadlines")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(every__in=Every.values, period__in=Asked.values),
                name="forecasting_deadline_known",
            ),
            models.CheckConstraint(
                condition=Q(weekday__lte=6, day__range=(1, 31)), name="forecasting_deadline_day"
            ),
        ]

    def __str__(self) -> str:
        day = self.get_weekday_display() if self.every == Every.WEEK else str(self.day)
        return f"{self.get_every_display()}: {day} {self.time:%H:%M}"
