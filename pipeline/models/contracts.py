"""What won deals oblige: contracts, their terms and renewals."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from accounts.models.company import currency_code
from accounts.scope import ScopedQuerySet
from history import Version, keep_versions_in, touching, versioned
from pipeline.models.customers import Customer
from pipeline.models.deals import Deal
from pipeline.models.fact import Fact
from pipeline.models.holding import held


@held
@touching(owner="owner_id", team="team_id")
@versioned(
    "customer",
    "deal",
    "owner",
    "team",
    "start",
    "end",
    "value",
    "monthly_price",
    "currency",
    "billing",
    "schedule",
    "signed_on",
    "delivered_on",
    "auto_renew",
    "term_months",
    "renews",
    "is_trial",
    indexes=(
        # Serves who had which contracts, and what renewed one, as of an instant.
        models.Index(fields=["customer", "start"], name="pipeline_contract_version_of"),
        models.Index(
            fields=["renews"],
            condition=Q(renews__isnull=False),
            name="pipeline_contract_version_next",
        ),
    ),
)
class Contract(Fact):
    """In force from `start` until the day before `end`, or open-ended.

    Its worth is `value` for the whole term, or `monthly_price` where a price per month was
    agreed. One that renews automatically starts a new term of `term_months` until it is ended.
    What is recognised at signing is so on `signed_on`, else at the start; what is at delivery on
    `delivered_on`, planned or done, else at the end, else at the start.
    """

    class Billing(models.TextChoices):
        RECURRING = "recurring", _("Recurring")
        ONE_OFF = "one_off", _("One-off")

    class Schedule(models.TextChoices):
        SIGNING = "signing", _("At signing")
        DELIVERY = "delivery", _("At delivery")
        MONTHLY = "monthly", _("Straight-line by month")

    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="contracts", verbose_name=_("customer")
    )
    deal = models.ForeignKey(
        Deal,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="contracts",
        verbose_name=_("deal"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contracts",
        verbose_name=_("owner"),
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    plan = models.CharField(_("plan"), max_length=80, blank=True)
    start = models.DateField(_("from"))
    end = models.DateField(_("until"), null=True, blank=True)
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=2, null=True, blank=True)
    monthly_price = models.DecimalField(
        _("price per month"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="KRW", validators=[currency_code]
    )
    billing = models.CharField(
        _("billing"), max_length=9, choices=Billing.choices, default=Billing.RECURRING
    )
    schedule = models.CharField(
        _("revenue recognised"), max_length=8, choices=Schedule.choices, default=Schedule.MONTHLY
    )
    signed_on = models.DateField(
        _("signed on"), null=True, blank=True, help_text=_("The start, if left empty.")
    )
    delivered_on = models.DateField(
        _("delivered on"),
        null=True,
        blank=True,
        help_text=_("Planned until then; the end, or else the start, if left empty."),
    )
    auto_renew = models.BooleanField(_("renews automatically"), default=False)
    term_months = models.PositiveSmallIntegerField(_("months of a term"), null=True, blank=True)
    renews = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="renewals",
        verbose_name=_("renews"),
    )
    is_trial = models.BooleanField(_("trial"), default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["-start", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=F("start")),
                name="pipeline_contract_ends_after_its_start",
            ),
            models.CheckConstraint(
                condition=(Q(value__isnull=True) | Q(value__gte=0))
                & (Q(monthly_price__isnull=True) | Q(monthly_price__gte=0)),
                name="pipeline_contract_value_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | Q(monthly_price__isnull=False),
                name="pipeline_contract_has_a_value",
            ),
            models.CheckConstraint(
                condition=Q(auto_renew=False) | Q(term_months__isnull=False, term_months__gt=0),
                name="pipeline_automatic_renewal_has_a_term",
            ),
        ]
        indexes = [
            # Serves who is active at an instant, and what they are worth, without the table.
            models.Index(
                fields=["customer", "start", "end"],
                include=[
                    "id",
                    "owner",
                    "team",
                    "billing",
                    "value",
                    "monthly_price",
                    "currency",
                    "auto_renew",
                    "term_months",
                ],
                condition=Q(is_trial=False),
                name="pipeline_contract_active",
            ),
            # Serves contracts due in a period.
            models.Index(fields=["end"], name="pipeline_contract_due"),
        ]

    def __str__(self) -> str:
        return f"{self.customer} · {self.plan or self.start}"


class ContractTerm(models.Model):
    """A term of a contract that falls due: a database view, one row for each due date.

    One that renews automatically falls due at the end of each term, and counts as renewed
    unless it was ended; any other falls due at its end, and is renewed by another contract.
    Trials and one-off contracts never fall due. `since` and `until` are the contract's own.
    """

    id = models.TextField(primary_key=True)
    contract = models.ForeignKey(Contract, models.DO_NOTHING, related_name="terms")
    customer = models.ForeignKey(Customer, models.DO_NOTHING, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+"
    )
    team = models.ForeignKey(Team, models.DO_NOTHING, null=True, related_name="+")
    due = models.DateField()
    since = models.DateField()
    until = models.DateField(null=True)
    renewed = models.BooleanField()
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(max_length=3)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "pipeline_contractterm"

    def __str__(self) -> str:
        return self.id


class ContractTermVersion(Version):
    """The terms of every version of a contract: a database view, with the version's spans.

    `prolonged` says that the contract went on by itself; whether another one renewed it is for
    the reader to find, at the same instant.
    """

    row = models.ForeignKey(
        ContractTerm, models.DO_NOTHING, db_constraint=False, related_name="versions"
    )
    contract = models.ForeignKey(Contract, models.DO_NOTHING, related_name="+")
    customer = models.ForeignKey(Customer, models.DO_NOTHING, null=True, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+"
    )
    team = models.ForeignKey(Team, models.DO_NOTHING, null=True, related_name="+")
    due = models.DateField()
    since = models.DateField()
    until = models.DateField(null=True)
    prolonged = models.BooleanField()
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(max_length=3)

    class Meta:
        managed = False
        db_table = "pipeline_contracttermversion"

    def __str__(self) -> str:
        return f"{self.row_id} from {self.valid_from}"


keep_versions_in(ContractTerm, ContractTermVersion)
