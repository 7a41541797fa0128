"""Alert rules, and what was last read for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alerts.models.condition import Condition, ConditionQuerySet
from pipeline.models.fact import Fact

LONGEST_HOLD = 30 * 24 * 60


class AlertRuleQuerySet(ConditionQuerySet["AlertRule"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def for_listing(self) -> Self:
        """With what a row of the list shows, in a fixed number of queries."""
        return self.select_related("team", "user", "owner", "watch").prefetch_related("recipients")


class AlertRule(Condition, Fact):
    """Mail to some people when a figure crosses a threshold; read with its owner's rights."""

    name = models.CharField(_("name"), max_length=120, blank=True)
    hold_minutes = models.PositiveIntegerField(
        _("only after (minutes)"),
        default=0,
        validators=[MaxValueValidator(LONGEST_HOLD)],
        help_text=_("The figure must have stayed beyond the threshold for so long."),
    )
    recipients = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", blank=True, verbose_name=_("recipients")
    )
    is_active = models.BooleanField(_("active"), default=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="alert_rules",
        verbose_name=_("owner"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = AlertRuleQuerySet.as_manager()

    if TYPE_CHECKING:
        watch: Watch

    class Meta(Condition.Meta):
        verbose_name = _("alert rule")
        verbose_name_plural = _("alert rules")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name or f"{self.kpi} {self.direction} {self.threshold.normalize():f}"

    def clean(self) -> None:
        """ValidationError for a basis that the KPI does not have."""
        declared = self.declared
        if declared and self.basis not in {"", *(basis.key for basis in declared.bases)}:
            raise ValidationError({"basis": _("This KPI has no such basis.")})


class Watch(models.Model):
    """What the last evaluation of a rule read.

    `measured` is the answer's state, or why there was none; empty before the first evaluation.
    """

    REFUSED = "refused"
    """The rule's owner may not open the figure any more."""
    UNREADABLE = "unreadable"
    """The catalog does not know the figure any more."""

    rule = models.OneToOneField(AlertRule, models.CASCADE, related_name="watch")
    value = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    measured = models.CharField(max_length=20, blank=True)
    crossed_since = models.DateTimeField(null=True)
    evaluated_at = models.DateTimeField(null=True)

    objects: models.Manager[Watch] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(crossed_since__isnull=True) | Q(evaluated_at__isnull=False),
                name="alerts_watch_crossed_only_once_evaluated",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.value}"
