"""The catalog, decision."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from charts.numbers import Unit
from kpis.declarations import Basis, Journey, Kind, Kpi
from pipeline.measures import deals

KPIS: tuple[Kpi, ...] = (
    Kpi(
        key="win_rate",
        label=_("Win rate"),
        unit=Unit.PERCENT,
        up_is_good=True,
        journey=Journey.DECISION,
        kind=Kind.FLOW,
        help=_(
            "The share of closed deals that were won, by close date. Deals lost as duplicates or "
            "entered by mistake do not count."
        ),
        bases=(
            Basis("count", _("by number"), deals.WON_DEALS, deals.RESOLVED_DEALS),
            Basis("value", _("by amount"), deals.WON_AMOUNT, deals.RESOLVED_AMOUNT),
            Basis(
                "created",
                _("of deals created in the period"),
                deals.CREATED_AND_WON,
                deals.NEW_REAL_DEALS,
            ),
        ),
    ),
    Kpi(
        key="won_deals",
        label=_("Won deals"),
        unit=Unit.COUNT,
        up_is_good=True,
        journey=Journey.DECISION,
        kind=Kind.FLOW,
        help=_("How many deals were won, by close date."),
        bases=(Basis("closed", _("by close date"), deals.WON_DEALS),),
    ),
    Kpi(
        key="won_revenue",
        label=_("Won revenue"),
        unit=Unit.MONEY,
        up_is_good=True,
        journey=Journey.DECISION,
        kind=Kind.FLOW,
        help=_("The amount of the deals won, by close date, without VAT."),
        bases=(Basis("closed", _("by close date"), deals.WON_AMOUNT),),
    ),
    Kpi(
        key="average_deal_size",
        label=_("Average deal size"),
        unit=Unit.MONEY,
        up_is_good=True,
        journey=Journey.DECISION,
        kind=Kind.FLOW,
        help=_("What a won deal brings in: won revenue ÷ won deals, or the median."),
        bases=(
            Basis("mean", _("mean"), deals.WON_AMOUNT, deals.WON_DEALS),
            Basis("median", _("median"), deals.WON_AMOUNT_MEDIAN),
        ),
    ),
    Kpi(
        key="sales_cycle",
        label=_("Sales cycle"),
        unit=Unit.DAYS,
        up_is_good=False,
        journey=Journey.DECISION,
        kind=Kind.FLOW,
        help=_("Days from first contact (else creation) to won, of the deals won in the period."),
        bases=(
            Basis("median", _("median"), deals.CYCLE_MEDIAN),
            Basis("mean", _("mean"), deals.CYCLE_MEAN),
            Basis("p75", _("75th percentile"), deals.CYCLE_P75),
        ),
    ),
    Kpi(
        key="target_attainment",
        label=_("Target attainment"),
        unit=Unit.PERCENT,
        up_is_good=True,
        journey=Journey.DECISION,
        kind=Kind.FLOW,
        help=_(
            "The actual figure ÷ its target; for a figure where down is good, target ÷ actual. "
            "It is never capped. A team's target is its own, not the sum of its people's."
        ),
        bases=(
            Basis(
                "actual",
                _("actual ÷ target"),
                deals.WON_AMOUNT,
                formula_text=_("actual ÷ target"),
            ),
        ),
        of_other=True,
    ),
)
