"""The catalog, retention."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from charts.numbers import Unit
from kpis.declarations import Basis, Journey, Kind, Kpi
from pipeline.measures import contracts, customers, deals

KPIS: tuple[Kpi, ...] = (
    Kpi(
        key="retention_rate",
        label=_("Customer retention"),
        unit=Unit.PERCENT,
        up_is_good=True,
        journey=Journey.RETENTION,
        kind=Kind.COHORT,
        help=_(
            "Of the customers active when the period began, the share still active at its end. "
            "Active is who has a running paid contract or, by purchase, who bought in the last "
            "12 months."
        ),
        bases=(
            Basis(
                "contract", _("running contracts"), customers.RETAINED, customers.ACTIVE_AT_START
            ),
            Basis(
                "purchase",
                _("purchases in 12 months"),
                customers.BUYERS_RETAINED,
                customers.BUYERS_AT_START,
            ),
        ),
    ),
    Kpi(
        key="renewal_rate",
        label=_("Renewal rate"),
        unit=Unit.PERCENT,
        up_is_good=True,
        journey=Journey.RETENTION,
        kind=Kind.FLOW,
        help=_(
            "Of the contracts that fell due in the period, the share that was renewed. An early "
            "or late renewal counts where it was due."
        ),
        bases=(
            Basis("count", _("by number"), contracts.CONTRACTS_RENEWED, contracts.CONTRACTS_DUE),
            Basis("value", _("by value"), contracts.VALUE_RENEWED, contracts.VALUE_DUE),
        ),
    ),
    Kpi(
        key="nrr",
        label=_("Net revenue retention"),
        unit=Unit.PERCENT,
        up_is_good=True,
        journey=Journey.RETENTION,
        kind=Kind.COHORT,
        help=_(
            "What the customers active when the period began are worth a month at its end ÷ what "
            "they were worth then: losses, reductions and expansions together. Recurring "
            "contracts only, both ends at the exchange rates of the end."
        ),
        bases=(
            Basis(
                "recurring",
                _("recurring value"),
                contracts.RECURRING_AT_END,
                contracts.RECURRING_AT_START,
            ),
        ),
    ),
    Kpi(
        key="grr",
        label=_("Gross revenue retention"),
        unit=Unit.PERCENT,
        up_is_good=True,
        journey=Journey.RETENTION,
        kind=Kind.COHORT,
        help=_(
            "The same without expansions: of each customer no more counts at the end than at the "
            "start. It never exceeds 100 %."
        ),
        bases=(
            Basis(
                "recurring",
                _("recurring value"),
                customers.KEPT_VALUE,
                contracts.RECURRING_AT_START,
            ),
        ),
    ),
    Kpi(
        key="churned_value",
        label=_("Churned value"),
        unit=Unit.MONEY,
        up_is_good=False,
        journey=Journey.RETENTION,
        kind=Kind.FLOW,
        help=_(
            "The recurring value a month of the contracts that ended in the period and were not "
            "renewed. A running period counts those that ended so far."
        ),
        bases=(Basis("ended", _("by end date"), contracts.CHURNED_VALUE),),
    ),
    Kpi(
        key="repurchase_rate",
        label=_("Repurchase rate"),
        unit=Unit.PERCENT,
        up_is_good=True,
        journey=Journey.RETENTION,
        kind=Kind.FLOW,
        help=_(
            "Of the customers who bought in the period, the share that had bought before: before "
            "the period began, or before one of their purchases in it."
        ),
        bases=(
            Basis(
                "before",
                _("before the period"),
                customers.BUYERS_FROM_BEFORE,
                customers.BUYERS,
            ),
            Basis(
                "again",
                _("before the purchase"),
                customers.BUYERS_AGAIN,
                customers.BUYERS,
            ),
        ),
    ),
    Kpi(
        key="existing_revenue_share",
        label=_("Existing customers' share of revenue"),
        unit=Unit.PERCENT,
        up_is_good=True,
        journey=Journey.RETENTION,
        kind=Kind.FLOW,
        help=_(
            "The share of won revenue that came from existing customers: who had bought before."
        ),
        bases=(Basis("closed", _("by close date"), deals.EXISTING_AMOUNT, deals.WON_AMOUNT),),
    ),
    Kpi(
        key="expansion_share",
        label=_("Share of upselling and cross-selling"),
        unit=Unit.PERCENT,
        up_is_good=True,
        journey=Journey.RETENTION,
        kind=Kind.FLOW,
        help=_("Won revenue of upsell and cross-sell deals ÷ won revenue from existing customers."),
        bases=(Basis("closed", _("by close date"), deals.EXPANSION_AMOUNT, deals.EXISTING_AMOUNT),),
    ),
)
