"""What was done: calls, meetings, mails, demos."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from accounts.scope import ScopedQuerySet
from history import touching, versioned
from pipeline.models.deals import Deal
from pipeline.models.fact import Fact
from pipeline.models.holding import held
from pipeline.models.leads import Lead


class ActivityQuerySet(ScopedQuerySet):
    owner_column = "person"


@held
@touching(
    owner="person_id",
    team="team_id",
    instants=("at",),
    shown_with={"deal_id": "pipeline_deal", "lead_id": "pipeline_lead"},
)
@versioned(
    "kind",
    "at",
    "person",
    "team",
    "deal",
    "lead",
    indexes=(
        # Serves when leads were first answered, as of an instant.
        models.Index(
            fields=["lead", "at"],
            condition=Q(lead__isnull=False),
            name="pipeline_activity_version_lead",
        ),
    ),
)
class Activity(Fact):
    """One contact about a deal or a lead, and what is to follow."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")
        MAIL = "mail", _("Mail")
        DEMO = "demo", _("Demo")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    at = models.DateTimeField(_("when"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="activities",
        verbose_name=_("person"),
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    deal = models.ForeignKey(
        Deal,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("deal"),
    )
    lead = models.ForeignKey(
        Lead,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("lead"),
    )
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(deal__isnull=False) | Q(lead__isnull=False),
                name="pipeline_activity_is_about_something",
            )
        ]
        indexes = [
            # Serves a deal's and a lead's timeline, newest first.
            models.Index(fields=["deal", "-at"], name="pipeline_activity_of_deal"),
            models.Index(fields=["lead", "at"], name="pipeline_activity_of_lead"),
        ]

    def __str__(self) -> str:
        return self.subject or self.get_kind_display()
