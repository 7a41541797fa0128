"""Money spent, visits counted, and prices of currencies."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from accounts.models.company import currency_code
from accounts.roles import Permission, allowed
from accounts.scope import ScopedQuerySet
from history import touching, versioned
from pipeline.models.customers import Customer, Product, Source
from pipeline.models.deals import Deal
from pipeline.models.fact import Fact
from pipeline.models.holding import held


class CostKind(models.TextChoices):
    MARKETING = "marketing", _("Marketing")
    SALES = "sales", _("Sales")
    LABOUR = "labour", _("Labour")
    DELIVERY = "delivery", _("Delivery")


class CostQuerySet(ScopedQuerySet):
    owner_column = ""

    def visible_to(self, viewer: User) -> Self:
        """Every cost, or none: they tell salaries."""
        return self.all() if allowed(viewer, Permission.VIEW_COSTS) else self.none()


@held
@touching(team="team_id", instants=("day",))
@versioned("kind", "day", "amount", "currency", "team", "source", "deal", "customer", "product")
class Cost(Fact):
    """Money spent on a day, or in the month that begins on it."""

    kind = models.CharField(_("kind"), max_length=9, choices=CostKind.choices)
    day = models.DateField(_("day"), help_text=_("The first of the month for a monthly cost."))
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    currency = models.CharField(
        _("currency"), max_length=3, default="KRW", validators=[currency_code]
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    deal = models.ForeignKey(
        Deal, models.SET_NULL, null=True, blank=True, related_name="costs", verbose_name=_("deal")
    )
    customer = models.ForeignKey(
        Customer,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="costs",
        verbose_name=_("customer"),
    )
    product = models.ForeignKey(
        Product,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="costs",
        verbose_name=_("product"),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = CostQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost")
        verbose_name_plural = _("costs")
        ordering = ["-day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="pipeline_cost_not_negative"),
            models.CheckConstraint(
                condition=Q(kind__in=CostKind.values), name="pipeline_cost_kind_known"
            ),
        ]
        indexes = [
            # Serves the costs of a period.
            models.Index(fields=["day"], name="pipeline_cost_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.day}"


@held
@touching(instants=("day",))
@versioned("day", "source", "visits")
class Visit(models.Model):
    """How many visits a channel had on a day."""

    day = models.DateField(_("day"))
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="visits", verbose_name=_("source")
    )
    visits = models.PositiveIntegerField(_("visits"))

    class Meta:
        verbose_name = _("visits of a day")
        verbose_name_plural = _("visits by day")
        ordering = ["-day", "source"]
        constraints = [
            models.UniqueConstraint(fields=["day", "source"], name="pipeline_visits_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.day}"


@held
@touching(instants=("day",))
@versioned(
    "currency",
    "day",
    "price",
    indexes=(
        # Serves the rate in force as it was known at an instant.
        models.Index(fields=["currency", "day"], name="pipeline_rate_version_day"),
    ),
)
class Rate(models.Model):
    """The price of one unit of a currency in the company's own, on a day."""

    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    day = models.DateField(_("day"))
    price = models.DecimalField(_("price"), max_digits=20, decimal_places=8)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ["-day", "currency"]
        constraints = [
            # Serves the rate in force: the latest on or before a day.
            models.UniqueConstraint(
                fields=["currency", "day"], include=["price"], name="pipeline_rate_once_a_day"
            ),
            models.CheckConstraint(condition=Q(price__gt=0), name="pipeline_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.day}"
