"""What a rule asks for, and an incident was about: a figure, a scope, a period, a threshold."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Self, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Team, User
from accounts.roles import allowed
from accounts.scope import ScopeKind, reach, visible_people
from kpis.declarations import Kpi
from kpis.registry import all_kpis
from periods import NAMED

ConditionT = TypeVar("ConditionT", bound="Condition")


class Direction(models.TextChoices):
    ABOVE = "above", _("Above")
    BELOW = "below", _("Below")


class Severity(models.TextChoices):
    INFO = "info", _("For information")
    WARNING = "warning", _("Warning")
    CRITICAL = "critical", _("Critical")


def validate_kpi(key: str) -> None:
    """Raise ValidationError unless the catalog declares the KPI."""
    if key not in all_kpis():
        raise ValidationError(_("There is no such KPI."))


def validate_period(code: str) -> None:
    """Raise ValidationError unless the code names a period that moves with today."""
    if code not in NAMED:
        raise ValidationError(_("Choose a period that moves with today, such as this-quarter."))


class ConditionQuerySet(models.QuerySet[ConditionT]):
    """Reads of what has a condition; `owner_column` leads to the rule's owner."""

    owner_column: ClassVar[str] = "owner"

    def visible_to(self, viewer: User) -> Self:
        """Those whose figures a person may open: all of the scope, or by a rule of their own."""
        rows = self.exclude(kpi__in=_hidden_kpis(viewer))
        mine = reach(viewer)
        if mine.everything:
            return rows
        seen = visible_people(viewer)
        elsewhere = Membership.objects.exclude(team__in=mine.team_ids)
        whole = Q(user__in=seen) & ~Q(user__in=elsewhere.values("user"))
        own = Q(user__in=seen, **{self.owner_column: viewer})
        return rows.filter(Q(team__in=mine.team_ids) | Q(user=viewer) | whole | own)


def _hidden_kpis(viewer: User) -> list[str]:
    return [key for key, kpi in all_kpis().items() if kpi.needs and not allowed(viewer, kpi.needs)]


ASKED = (
    "kpi",
    "basis",
    "scope_kind",
    "team_id",
    "user_id",
    "period",
    "direction",
    "threshold",
)
"""The columns that say what is asked: with another of these, it is another question."""
CONDITION = (*ASKED, "severity")
"""All of a condition's columns."""


class Condition(models.Model):
    """Money thresholds are in the company's currency, percentages are fractions."""

    kpi = models.CharField(_("KPI"), max_length=60, validators=[validate_kpi])
    basis = models.CharField(_("basis"), max_length=30, blank=True)
    scope_kind = models.CharField(
        _("scope"),
        max_length=10,
        choices=[
            (ScopeKind.COMPANY.value, _("Company")),
            (ScopeKind.TEAM.value, _("Team")),
            (ScopeKind.USER.value, _("Person")),
        ],
        default=ScopeKind.COMPANY.value,
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    period = models.CharField(
        _("period"), max_length=30, default="this-quarter", validators=[validate_period]
    )
    direction = models.CharField(
        _("direction"), max_length=5, choices=Direction.choices, default=Direction.BELOW
    )
    threshold = models.DecimalField(_("threshold"), max_digits=24, decimal_places=6)
    severity = models.CharField(
        _("severity"), max_length=10, choices=Severity.choices, default=Severity.WARNING
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(scope_kind="company", team__isnull=True, user__isnull=True)
                | Q(scope_kind="team", team__isnull=False, user__isnull=True)
                | Q(scope_kind="user", team__isnull=True, user__isnull=False),
                name="%(app_label)s_%(class)s_names_its_scope",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=Direction.values) & Q(severity__in=Severity.values),
                name="%(app_label)s_%(class)s_choices_are_known",
            ),
        ]

    @property
    def scope_code(self) -> str:
        """As in URLs: `company`, `team:SLUG` or `user:ID`."""
        if self.team is not None:
            return f"team:{self.team.slug}"
        return f"user:{self.user_id}" if self.user_id is not None else "company"

    @property
    def declared(self) -> Kpi | None:
        """The KPI's declaration; None once the catalog has dropped it."""
        return all_kpis().get(self.kpi)

    def is_crossed_by(self, value: Decimal) -> bool:
        """Whether a value lies beyond the threshold; one that equals it does not."""
        if self.direction == Direction.ABOVE:
            return value > self.threshold
        return value < self.threshold
