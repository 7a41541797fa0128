"""Incidents: from a threshold's crossing to its recovery, each step recorded once."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from alerts.models.condition import Condition, ConditionQuerySet
from alerts.models.rules import AlertRule, AlertRuleQuerySet

FIGURE: dict[str, Any] = {"max_digits": 30, "decimal_places": 10}


class IncidentQuerySet(ConditionQuerySet["Incident"]):
    owner_column = "rule__owner"

    def open(self) -> Self:
        return self.filter(resolved_at__isnull=True)

    def unattended(self) -> Self:
        """Open ones that nobody looks after yet."""
        return self.open().filter(acknowledged_at__isnull=True)

    def for_listing(self) -> Self:
        """With what a row of the list shows, open ones first, then the latest."""
        return self.select_related("team", "user", "rule", "acknowledged_by").order_by(
            F("resolved_at").desc(nulls_first=True), "-opened_at", "-pk"
        )


class Incident(Condition):
    """One crossing of a rule's threshold, with the condition as it was then."""

    rule = models.ForeignKey(
        AlertRule, models.CASCADE, related_name="incidents", verbose_name=_("rule")
    )
    opened_at = models.DateTimeField(_("opened"))
    opened_value = models.DecimalField(_("value at opening"), **FIGURE)
    peak = models.DecimalField(_("farthest value"), **FIGURE)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_value = models.DecimalField(_("value at its end"), null=True, blank=True, **FIGURE)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("acknowledged by"),
    )

    objects = IncidentQuerySet.as_manager()

    class Meta(Condition.Meta):
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            *Condition.Meta.constraints,
            # Also serves the evaluation, which looks for a rule's open incident.
            models.UniqueConstraint(
                fields=["rule", "scope_kind", "team", "user"],
                condition=Q(resolved_at__isnull=True),
                name="alerts_incident_one_open",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True) | Q(resolved_at__gte=F("opened_at")),
                name="alerts_incident_ends_after_its_opening",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="alerts_incident_acknowledged_by_somebody",
            ),
        ]
        indexes = [
            # The list of incidents: those at an end, the latest first.
            models.Index(F("resolved_at").desc(), name="alerts_incident_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.opened_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None


def with_open_incidents(rules: AlertRuleQuerySet) -> AlertRuleQuerySet:
    """Rules each with its open incidents, of which there is one at most, as `open_incidents`."""
    opened = Prefetch("incidents", Incident.objects.open(), to_attr="open_incidents")
    return rules.prefetch_related(opened)


class TransitionKind(models.TextChoices):
    FIRED = "fired", _("Threshold crossed")
    RESOLVED = "resolved", _("Recovered")
    STOPPED = "stopped", _("Rule changed or paused")
    """The rule no longer asks for this; nothing is known of the figure, and no mail is sent."""


class Transition(models.Model):
    """A step of an incident; `period` is the code of the period that was measured."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="transitions")
    kind = models.CharField(max_length=10, choices=TransitionKind.choices)
    value = models.DecimalField(null=True, blank=True, **FIGURE)
    period = models.CharField(max_length=30, blank=True)
    at = models.DateTimeField()

    objects: models.Manager[Transition] = models.Manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "kind"], name="alerts_transition_once_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.kind}"
