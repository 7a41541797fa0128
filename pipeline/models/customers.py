"""Who buys, what is sold, and where the interest comes from."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.company import currency_code
from accounts.scope import ScopedQuerySet, reach
from history import touching, versioned
from pipeline.models.fact import Fact, Named
from pipeline.models.holding import held


class SizeBand(models.TextChoices):
    SMALL = "small", _("1–49 people")
    MEDIUM = "medium", _("50–299 people")
    LARGE = "large", _("300–999 people")
    ENTERPRISE = "enterprise", _("1,000 people or more")

    @classmethod
    def of(cls, employees: int | None) -> str:
        """The band of a head count; "" when it is not known."""
        if employees is None:
            return ""
        bands = ((50, cls.SMALL), (300, cls.MEDIUM), (1000, cls.LARGE))
        return next((band for below, band in bands if employees < below), cls.ENTERPRISE)


class Source(Named):
    """A channel that visits, leads and deals come from and that costs are spent on."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["name"]


class Product(models.Model):
    """Something that deals sell."""

    external_id = models.CharField(
        _("external id"), max_length=120, unique=True, null=True, blank=True
    )
    name = models.CharField(_("name"), max_length=200, unique=True)
    series = models.CharField(_("series"), max_length=120, blank=True)
    list_price = models.DecimalField(
        _("list price"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="KRW", validators=[currency_code]
    )
    is_active = models.BooleanField(_("on sale"), default=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(list_price__isnull=True) | Q(list_price__gte=0),
                name="pipeline_list_price_not_negative",
            )
        ]

    def __str__(self) -> str:
        return self.name


class CustomerQuerySet(ScopedQuerySet):
    def visible_to(self, viewer: User) -> Self:
        """Customers that the viewer looks after, or one of whose deals they see."""
        mine = reach(viewer)
        if mine.everything:
            return self.all()
        deals = self.model._meta.get_field("deals").related_model
        seen = deals._base_manager.filter(mine.covers(), customer=OuterRef("pk"))
        return self.filter(Q(owner=viewer) | Exists(seen))


@held
@touching()
@versioned(
    "industry",
    "size_band",
    "region",
    "owner",
    indexes=(
        # Serves a customer's segments as they were known at an instant.
        models.Index(fields=["row", "valid_from"], name="pipeline_customer_version_row"),
    ),
)
class Customer(Fact):
    """A company that buys or may buy, with the segments it is counted under."""

    name = models.CharField(_("name"), max_length=200)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    size_band = models.CharField(_("size"), max_length=10, choices=SizeBand.choices, blank=True)
    region = models.CharField(_("region"), max_length=80, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("owner"),
    )
    created_at = models.DateTimeField(_("customer since"), null=True, blank=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(size_band__in=["", *SizeBand.values]),
                name="pipeline_customer_size_known",
            )
        ]
        indexes = [
            # Serves the customer list, sorted by name and paged.
            models.Index(fields=["name", "id"], name="pipeline_customer_by_name"),
            # Serves the search for names that begin so, whatever their case.
            models.Index(
                OpClass(Lower("name"), name="text_pattern_ops"), name="pipeline_customer_prefix"
            ),
        ]

    def __str__(self) -> str:
        return self.name
