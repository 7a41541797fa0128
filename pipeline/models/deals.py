"""Deals and what they sell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from accounts.models.company import currency_code
from accounts.scope import ScopedQuerySet
from history import touching, version_model, versioned
from pipeline.models.customers import Customer, Product, Source
from pipeline.models.fact import Fact
from pipeline.models.holding import held
from pipeline.models.indexes import OF_DEALS, OF_PAST_DEALS
from pipeline.models.process import Category, Outcome, Stage


class DealKind(models.TextChoices):
    NEW = "new", _("New business")
    RENEWAL = "renewal", _("Renewal")
    UPSELL = "upsell", _("Upsell")
    CROSS_SELL = "cross_sell", _("Cross-sell")


class LostReason(models.TextChoices):
    PRICE = "price", _("Price")
    COMPETITOR = "competitor", _("Competitor")
    NO_BUDGET = "no_budget", _("No budget")
    NO_DECISION = "no_decision", _("No decision")
    TIMING = "timing", _("Timing")
    PRODUCT_FIT = "product_fit", _("Product does not fit")
    DUPLICATE = "duplicate", _("Duplicate")
    MISTAKE = "mistake", _("Entered by mistake")
    OTHER = "other", _("Other")
    UNKNOWN = "unknown", _("Not known")

    @classmethod
    def outside_win_rates(cls) -> tuple[str, ...]:
        """Deals lost for these reasons were never real, and no win rate counts them."""
        return (cls.DUPLICATE, cls.MISTAKE)


class DealQuerySet(ScopedQuerySet):
    def open(self) -> Self:
        return self.filter(outcome=Outcome.OPEN)

    def won(self) -> Self:
        return self.filter(outcome=Outcome.WON)

    def steps_due(self, day: date) -> Self:
        """Open deals whose next step is due by a business day."""
        return self.open().filter(next_step_on__lte=day)

    def closing(self, start: date, end: date) -> Self:
        """Open deals expected to close from `start` until the day before `end`."""
        return self.open().filter(expected_close__gte=start, expected_close__lt=end)

    def slipped(self, day: date) -> Self:
        """Open deals whose expected close lies before a business day."""
        return self.open().filter(expected_close__lt=day)

    def stalled(self, at: datetime, usual: Mapping[int, int]) -> Self:
        """Open deals in their stage for more days than is usual there (see dwell.usual_days)."""
        longer = [
            Q(stage=stage, stage_since__lte=at - timedelta(days=days + 1))
            for stage, days in usual.items()
        ]
        return self.open().filter(reduce(or_, longer, Q(pk__in=[])))

    def for_listing(self) -> Self:
        """With what a row of a list or a card shows, in the same query."""
        return self.select_related("customer", "owner", "team", "stage", "source")


@held
@touching(
    owner="owner_id",
    team="team_id",
    customer="customer_id",
    instants=("created_at", "closed_at"),
)
@versioned(
    "customer",
    "owner",
    "team",
    "stage",
    "outcome",
    "amount",
    "amount_estimated",
    "currency",
    "probability",
    "category",
    "kind",
    "source",
    "expected_close",
    "created_at",
    "first_contact_at",
    "closed_at",
    "lost_reason",
    "next_step_on",
    indexes=OF_PAST_DEALS,
)
class Deal(Fact):
    """An opportunity. `outcome` repeats its stage's, so that the database can hold it to it."""

    name = models.CharField(_("name"), max_length=200)
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("customer"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # The index by owner and creation serves it.
        db_index=False,
        related_name="deals",
        verbose_name=_("owner"),
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="deals", verbose_name=_("stage"))
    outcome = models.CharField(
        _("outcome"), max_length=4, choices=Outcome.choices, default=Outcome.OPEN, editable=False
    )
    amount = models.DecimalField(
        _("amount"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    amount_estimated = models.BooleanField(_("amount is an estimate"), default=False)
    currency = models.CharField(
        _("currency"), max_length=3, default="KRW", validators=[currency_code]
    )
    probability = models.DecimalField(
        _("own probability"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("From 0 to 1. Empty: the stage's."),
    )
    category = models.CharField(
        _("own forecast category"),
        max_length=10,
        choices=Category.choices,
        blank=True,
        help_text=_("Empty: the stage's."),
    )
    kind = models.CharField(
        _("kind"), max_length=10, choices=DealKind.choices, default=DealKind.NEW
    )
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    expected_close = models.DateField(_("expected close"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), null=True, blank=True)
    first_contact_at = models.DateTimeField(_("first contact"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    stage_since = models.DateTimeField(_("in this stage since"), null=True, blank=True)
    lost_reason = models.CharField(
        _("reason lost"), max_length=12, choices=LostReason.choices, blank=True
    )
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_step_on = models.DateField(_("next step due"), null=True, blank=True)

    objects = DealQuerySet.as_manager()

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome=Outcome.OPEN, closed_at__isnull=True)
                | (Q(outcome__in=[Outcome.WON, Outcome.LOST]) & Q(closed_at__isnull=False)),
                name="pipeline_closed_deal_has_a_close_date",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="pipeline_deal_amount_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.LOST) | Q(lost_reason=""),
                name="pipeline_only_lost_deals_have_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(probability__isnull=True) | Q(probability__range=(0, 1)),
                name="pipeline_deal_probability_0_to_1",
            ),
            models.CheckConstraint(
                condition=Q(category__in=["", *Category.values]),
                name="pipeline_deal_category_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=DealKind.values), name="pipeline_deal_kind_known"
            ),
        ]
        indexes = OF_DEALS

    def __str__(self) -> str:
        return self.name

    @property
    def forecast_category(self) -> str:
        """The deal's own category, else its stage's."""
        return self.category or self.stage.category

    @property
    def keeps_own_category(self) -> bool:
        """Whether an open deal counts otherwise than its stage says, by its owner's choice."""
        return self.outcome == Outcome.OPEN and self.category not in ("", self.stage.category)

    def age_in_stage(self, at: datetime) -> int | None:
        """Whole days since the deal came to its stage; None when that is not known."""
        return None if self.stage_since is None else (at - self.stage_since).days


@held
@touching()
@versioned("deal", "product", "quantity", "amount")
class DealLine(models.Model):
    """What a deal sells of one product, in the deal's currency."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="lines", verbose_name=_("deal"))
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="lines", verbose_name=_("product")
    )
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=2, default=1)
    amount = models.DecimalField(
        _("amount"), max_digits=18, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = _("product line")
        verbose_name_plural = _("product lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["deal", "product"], name="pipeline_product_once"),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="pipeline_line_amount_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="pipeline_line_quantity_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} × {self.quantity}"


class _PastLines(models.ForeignObject):  # type: ignore[type-arg]  # generic in stubs only
    """From a deal's version to every version of its lines; a join, without a column."""

    requires_unique_target = False


def _join_past_lines(deals: Any, lines: Any) -> None:
    join = _PastLines(
        lines,
        models.DO_NOTHING,
        from_fields=["row"],
        to_fields=["deal"],
        related_name="+",
        null=True,
    )
    join.contribute_to_class(deals, "lines", private_only=True)


_join_past_lines(version_model(Deal), version_model(DealLine))
