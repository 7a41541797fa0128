"""Every data fault that is looked for."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    DateField,
    DateTimeField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.utils.translation import gettext_lazy as _

from pipeline.faults.declarations import Fault, Moment
from pipeline.models import (
    Category,
    Customer,
    Deal,
    Lead,
    LeadStatus,
    Outcome,
    Rate,
    StageVisit,
)
from pipeline.reading import RATE_LASTS

Rows = QuerySet[Any]


def _unborn(deals: Rows, _now: Moment) -> Rows:
    return deals.filter(created_at__isnull=True)


def _closed_before_it_began(deals: Rows, now: Moment) -> Rows:
    zone = now.company.calendar.zone
    began = Coalesce("first_contact_at", "created_at")
    days = deals.annotate(
        began_on=TruncDate(began, tzinfo=zone), closed_on=TruncDate("closed_at", tzinfo=zone)
    )
    # What closed on an earlier day closed at an earlier instant, of which there is an index.
    early: Rows = days.filter(closed_at__lt=began, closed_on__lt=F("began_on"))
    return early


def _without_customer(deals: Rows, _now: Moment) -> Rows:
    return deals.filter(customer__isnull=True)


def _without_amount(deals: Rows, _now: Moment) -> Rows:
    return deals.filter(amount__isnull=True)


def _owner_left(deals: Rows, _now: Moment) -> Rows:
    return deals.filter(outcome=Outcome.OPEN, owner__is_active=False)


def _without_team(deals: Rows, _now: Moment) -> Rows:
    return deals.filter(team__isnull=True)


def _overdue(deals: Rows, now: Moment) -> Rows:
    return deals.filter(outcome=Outcome.OPEN, expected_close__lt=now.today)


def _without_close(deals: Rows, _now: Moment) -> Rows:
    return deals.filter(outcome=Outcome.OPEN, expected_close__isnull=True)


def _without_history(deals: Rows, _now: Moment) -> Rows:
    untold = StageVisit.objects.filter(stage__isnull=True).values("row")
    undated = Deal.objects.filter(outcome=Outcome.OPEN, stage_since__isnull=True).values("pk")
    return deals.filter(pk__in=untold.union(undated))


def _in_a_stage_without_meaning(deals: Rows, _now: Moment) -> Rows:
    return deals.filter(
        outcome=Outcome.OPEN, stage__probability=0, stage__category=Category.OMITTED, category=""
    )


def _without_rate(deals: Rows, now: Moment) -> Rows:
    """No price of the currency on the deal's day (its close; today while open), nor just before."""
    today = Value(now.today, output_field=DateField())
    closed = TruncDate("closed_at", tzinfo=now.company.calendar.zone)
    day = OuterRef("dated_on")
    prices = Rate.objects.filter(currency=OuterRef("currency"), day__lte=day)
    dated = deals.annotate(dated_on=Coalesce(closed, today))
    oldest = ExpressionWrapper(day - Value(RATE_LASTS), output_field=DateTimeField())
    in_force = prices.filter(day__gte=Cast(oldest, DateField())).order_by("-day")
    foreign = dated.exclude(currency=now.company.currency).filter(amount__isnull=False)
    # The latest one is looked up; whether there is any would be joined with all prices.
    priced: Rows = foreign.alias(price=Subquery(in_force.values("price")[:1]))
    return priced.filter(price__isnull=True)


def _lead_without_owner(leads: Rows, _now: Moment) -> Rows:
    return leads.filter(owner__isnull=True, status__in=[LeadStatus.NEW, LeadStatus.WORKING])


def _lead_without_source(leads: Rows, _now: Moment) -> Rows:
    return leads.filter(source__isnull=True)


def _converted_without_deal(leads: Rows, _now: Moment) -> Rows:
    return leads.filter(status=LeadStatus.CONVERTED, deal__isnull=True)


def _converted_before_it_came(leads: Rows, _now: Moment) -> Rows:
    return leads.filter(converted_at__lt=F("created_at"))


def _without_segments(customers: Rows, _now: Moment) -> Rows:
    return customers.filter(Q(industry="") | Q(size_band="") | Q(region=""))


FAULTS = (
    Fault(
        key="deal-overdue",
        label=_("Open deals whose expected close is past"),
        help=_("No coming period counts them. Set a day to come, or close the deal."),
        fact=Deal,
        population=_overdue,
        mends=("expected_close",),
        left_out_of=("pipeline_coverage",),
    ),
    Fault(
        key="deal-without-close",
        label=_("Open deals without an expected close"),
        help=_("No period knows that they are coming. Say when they should close."),
        fact=Deal,
        population=_without_close,
        mends=("expected_close",),
        left_out_of=("pipeline_coverage",),
    ),
    Fault(
        key="deal-without-amount",
        label=_("Deals without an amount"),
        help=_("They count as deals, but bring nothing to any total. Enter their amount."),
        fact=Deal,
        population=_without_amount,
        left_out_of=("open_pipeline", "weighted_pipeline", "new_pipeline", "pipeline_coverage"),
    ),
    Fault(
        key="deal-without-customer",
        label=_("Deals without a customer"),
        help=_("They are in no segment, and nobody has bought for the first time with them."),
        fact=Deal,
        population=_without_customer,
        left_out_of=("repurchase_rate", "existing_revenue_share", "cac"),
    ),
    Fault(
        key="deal-owner-left",
        label=_("Open deals of people who have left"),
        help=_("Nobody works on them. Give them to somebody."),
        fact=Deal,
        population=_owner_left,
        mends=("owner",),
    ),
    Fault(
        key="deal-without-team",
        label=_("Deals of no team"),
        help=_(
            "They count for the company only. Open ones follow their owner: put the owner in a "
            "team, or give the deal to somebody who is in one."
        ),
        fact=Deal,
        population=_without_team,
        mends=("owner",),
    ),
    Fault(
        key="deal-without-creation",
        label=_("Deals of unknown creation"),
        help=_("No period has them among its new deals, and their cycle is not known."),
        fact=Deal,
        population=_unborn,
        mends=("created_at",),
        left_out_of=("new_deals", "new_pipeline", "sales_cycle", "sales_velocity"),
    ),
    Fault(
        key="deal-closed-early",
        label=_("Deals closed before they began"),
        help=_("Their cycle is negative, and counts so. Correct their first contact."),
        fact=Deal,
        population=_closed_before_it_began,
    ),
    Fault(
        key="deal-without-history",
        label=_("Deals without stage history"),
        help=_(
            "Nobody told which stages they went through, or since when they are in theirs. "
            "Import their stage history; from now on it is kept by itself."
        ),
        fact=Deal,
        population=_without_history,
        left_out_of=("stage_dwell", "stage_conversion"),
    ),
    Fault(
        key="deal-in-unknown-stage",
        label=_("Open deals in a stage without meaning"),
        help=_(
            "The stage has no probability and is in no forecast, as stages are that an import "
            "made. Move the deals on, or have the stage set."
        ),
        fact=Deal,
        population=_in_a_stage_without_meaning,
        left_out_of=("open_deals", "open_pipeline", "weighted_pipeline", "pipeline_coverage"),
    ),
    Fault(
        key="deal-without-rate",
        label=_("Deals in a currency without a rate"),
        help=_(
            "No price of their currency is known on their day or in the seven days before it, so "
            "every total with them is unknown. Enter the price of that day."
        ),
        fact=Deal,
        population=_without_rate,
        mends=("price",),
        left_out_of=("won_revenue", "open_pipeline", "weighted_pipeline", "average_deal_size"),
    ),
    Fault(
        key="lead-without-owner",
        label=_("Leads that nobody works on"),
        help=_("They wait for an owner."),
        fact=Lead,
        population=_lead_without_owner,
        mends=("owner",),
    ),
    Fault(
        key="lead-without-source",
        label=_("Leads of unknown source"),
        help=_("No channel is credited with them."),
        fact=Lead,
        population=_lead_without_source,
        mends=("source",),
    ),
    Fault(
        key="lead-without-deal",
        label=_("Converted leads without a deal"),
        help=_("They count as converted, but what became of them is not known."),
        fact=Lead,
        population=_converted_without_deal,
    ),
    Fault(
        key="lead-converted-early",
        label=_("Leads converted before they came in"),
        help=_("Their dates cannot both be right. Correct them where the lead came from."),
        fact=Lead,
        population=_converted_before_it_came,
    ),
    Fault(
        key="customer-without-segments",
        label=_("Customers with an unknown segment"),
        help=_("Their industry, size or region is missing, so figures by it leave them apart."),
        fact=Customer,
        population=_without_segments,
    ),
)
