"""Inquiries and prospects that may become deals."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from accounts.scope import ScopedQuerySet
from history import touching, versioned
from pipeline.models.customers import Customer, SizeBand, Source
from pipeline.models.deals import Deal
from pipeline.models.fact import Fact
from pipeline.models.holding import held


class LeadStatus(models.TextChoices):
    NEW = "new", _("New")
    WORKING = "working", _("Working")
    CONVERTED = "converted", _("Converted")
    DISQUALIFIED = "disqualified", _("Disqualified")


class LeadQuerySet(ScopedQuerySet):
    def waiting(self) -> Self:
        """Leads that are still to be worked."""
        return self.filter(status__in=[LeadStatus.NEW, LeadStatus.WORKING])


@held
@touching(owner="owner_id", team="team_id", instants=("created_at", "converted_at"))
@versioned(
    "owner",
    "team",
    "source",
    "campaign",
    "status",
    "industry",
    "size_band",
    "region",
    "customer",
    "deal",
    "created_at",
    "converted_at",
)
class Lead(Fact):
    """One inquiry; converting it makes a deal."""

    name = models.CharField(_("contact"), max_length=150, blank=True)
    company_name = models.CharField(_("company"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        # The index by owner and creation serves it.
        db_index=False,
        related_name="leads",
        verbose_name=_("owner"),
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    campaign = models.CharField(_("campaign"), max_length=120, blank=True)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    size_band = models.CharField(_("size"), max_length=10, choices=SizeBand.choices, blank=True)
    region = models.CharField(_("region"), max_length=80, blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=LeadStatus.choices, default=LeadStatus.NEW
    )
    created_at = models.DateTimeField(_("created"))
    converted_at = models.DateTimeField(_("converted"), null=True, blank=True)
    customer = models.ForeignKey(
        Customer,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("customer"),
    )
    deal = models.OneToOneField(
        Deal,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="lead",
        verbose_name=_("deal"),
    )

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=LeadStatus.CONVERTED, converted_at__isnull=False)
                | (~Q(status=LeadStatus.CONVERTED) & Q(converted_at__isnull=True)),
                name="pipeline_converted_lead_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(status__in=LeadStatus.values), name="pipeline_lead_status_known"
            ),
        ]
        indexes = [
            # Serves the search for companies that begin so, whatever their case.
            models.Index(
                OpClass(Lower("company_name"), name="text_pattern_ops"), name="pipeline_lead_prefix"
            ),
            # Serves lead volume and cohort conversion of a period, without the table.
            models.Index(
                fields=["created_at"],
                include=["owner", "team", "source", "converted_at"],
                name="pipeline_lead_created",
            ),
            # Serves conversions in a period.
            models.Index(
                fields=["converted_at"],
                include=["owner", "team", "source"],
                condition=Q(converted_at__isnull=False),
                name="pipeline_lead_converted",
            ),
            # Serves the leads of some people, as after an edit: few of a period's are theirs.
            models.Index(fields=["owner", "created_at"], name="pipeline_lead_owner_created"),
            # Serves a rep's list of leads still to be worked, oldest first.
            models.Index(
                fields=["owner", "created_at"],
                condition=Q(status__in=["new", "working"]),
                name="pipeline_lead_waiting",
            ),
            # Serves how many leads there are of each status.
            models.Index(fields=["status"], include=["id"], name="pipeline_lead_status"),
            # Serve data faults, of which there are few among many leads.
            models.Index(
                fields=["id"],
                condition=Q(status="converted", deal__isnull=True),
                name="pipeline_lead_dealless",
            ),
            models.Index(
                fields=["id"],
                condition=Q(converted_at__lt=F("created_at")),
                name="pipeline_lead_converted_early",
            ),
        ]

    def __str__(self) -> str:
        return self.company_name or self.name or f"#{self.pk}"
