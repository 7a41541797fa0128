"""The catalog: every KPI, declared once. Keys are stable; people's scripts name them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from charts.numbers import Unit
from kpis.declarations import Basis, Journey, Kind, Kpi, Parts, Result, State
from pipeline import measures


def coverage(parts: Parts) -> Result:
    """Open pipeline expected to close ÷ what remains of the target."""
    pipeline, won, target = parts["numerator"], parts["won"], parts["target"]
    if target is None:
        return Result(None, State.NO_TARGET, pipeline)
    if pipeline is None or won is None:
        return Result(None, State.EMPTY, pipeline)
    remaining = target - won
    if remaining <= 0:
        return Result(None, State.MET, pipeline, remaining)
    return Result(pipeline / remaining, State.OK, pipeline, remaining)


KPIS: tuple[Kpi, ...] = (
    Kpi(
        key="lead_volume",
        label=_("Leads"),
        unit=Unit.COUNT,
        up_is_good=True,
        journey=Journey.AWARENESS,
        kind=Kind.FLOW,
        help=_("How many inquiries and prospects came in. Leads are dated by their creation."),
        bases=(Basis("created", _("leads created"), measures.LEADS_CREATED),),
    ),
    Kpi(
        key="lead_conversion_rate",
        label=_("Lead conversion rate"),
        unit=Unit.PERCENT,
        up_is_good=True,
        journey=Journey.CONSIDERATION,
        kind=Kind.COHORT,
        help=_(
            "The share of leads that became deals. By cohort, the leads created in the period "
            "are followed until now; by period, conversions are counted when they happened, "
            "whenever the lead came in, so that the rate can exceed 100 %."
        ),
        bases=(
            Basis(
                "cohort",
                _("leads created in the period"),
                measures.LEADS_CONVERTED_SINCE,
                measures.LEADS_CREATED,
            ),
            Basis(
                "period",
                _("conversions in the period"),
                measures.LEADS_CONVERTED,
                measures.LEADS_CREATED,
            ),
        ),
    ),
    Kpi(
        key="new_deals",
        label=_("New deals"),
        unit=Unit.COUNT,
        up_is_good=True,
        journey=Journey.CONSIDERATION,
        kind=Kind.FLOW,
        help=_("How many deals were created. A deal of unknown creation is in no period."),
        bases=(Basis("created", _("deals created"), measures.NEW_DEALS),),
    ),
    Kpi(
        key="open_deals",
        label=_("Open deals"),
        unit=Unit.COUNT,
        up_is_good=True,
        journey=Journey.CONSIDERATION,
        kind=Kind.STOCK,
        help=_("How many deals are open at the instant. Omitted deals are left out."),
        bases=(
            Basis("forecast", _("without omitted deals"), measures.OPEN_DEALS),
            Basis("all", _("with omitted deals"), measures.OPEN_DEALS_ALL),
        ),
    ),
    Kpi(
        key="open_pipeline",
        label=_("Pipeline"),
        unit=Unit.MONEY,
        up_is_good=True,
        journey=Journey.CONSIDERATION,
        kind=Kind.STOCK,
        help=_("The amount of the deals open at the instant. Omitted deals are left out."),
        bases=(
            Basis("forecast", _("without omitted deals"), measures.OPEN_AMOUNT),
            Basis("all", _("with omitted deals"), measures.OPEN_AMOUNT_ALL),
        ),
    ),
    Kpi(
        key="weighted_pipeline",
        label=_("Weighted pipeline"),
        unit=Unit.MONEY,
        up_is_good=True,
        journey=Journey.CONSIDERATION,
        kind=Kind.STOCK,
        help=_(
            "The amount of open deals, each times its probability: the deal's own where one is "
            "set, else its stage's."
        ),
        bases=(
            Basis("forecast", _("without omitted deals"), measures.WEIGHTED_AMOUNT),
            Basis("all", _("with omitted deals"), measures.WEIGHTED_AMOUNT_ALL),
        ),
    ),
    Kpi(
        key="pipeline_coverage",
        label=_("Pipeline coverage"),
        unit=Unit.RATIO,
        up_is_good=True,
        journey=Journey.CONSIDERATION,
        kind=Kind.STOCK,
        help=_(
            "How many times over the open pipeline expected to close in the period covers what "
            "remains of the target. Once the period is over it is read at its start. Deals "
            "whose expected close is past are counted apart."
        ),
        bases=(
            Basis(
                "remaining",
                _("remaining target"),
                measures.STILL_TO_CLOSE,
                extra={"won": measures.WON_SO_FAR, "overdue": measures.OVERDUE_DEALS},
                combine=coverage,
                formula_text=_(
                    "open pipeline expected to close in the period ÷ (target − won so far)"
                ),
            ),
        ),
        target_of="won_revenue",
    ),
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
            Basis("count", _("by number"), measures.WON_DEALS, measures.RESOLVED_DEALS),
            Basis("value", _("by amount"), measures.WON_AMOUNT, measures.RESOLVED_AMOUNT),
            Basis(
                "created",
                _("of deals created in the period"),
                measures.CREATED_AND_WON,
                measures.NEW_REAL_DEALS,
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
        bases=(Basis("closed", _("by close date"), measures.WON_DEALS),),
    ),
    Kpi(
        key="won_revenue",
        label=_("Won revenue"),
        unit=Unit.MONEY,
        up_is_good=True,
        journey=Journey.DECISION,
        kind=Kind.FLOW,
        help=_("The amount of the deals won, by close date, without VAT."),
        bases=(Basis("closed", _("by close date"), measures.WON_AMOUNT),),
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
            Basis("mean", _("mean"), measures.WON_AMOUNT, measures.WON_DEALS),
            Basis("median", _("median"), measures.WON_AMOUNT_MEDIAN),
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
            Basis("median", _("median"), measures.CYCLE_MEDIAN),
            Basis("mean", _("mean"), measures.CYCLE_MEAN),
            Basis("p75", _("75th percentile"), measures.CYCLE_P75),
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
                measures.WON_AMOUNT,
                formula_text=_("actual ÷ target"),
            ),
        ),
        of_other=True,
    ),
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
            Basis("contract", _("running contracts"), measures.RETAINED, measures.ACTIVE_AT_START),
            Basis(
                "purchase",
                _("purchases in 12 months"),
                measures.BUYERS_RETAINED,
                measures.BUYERS_AT_START,
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
            Basis("count", _("by number"), measures.CONTRACTS_RENEWED, measures.CONTRACTS_DUE),
            Basis("value", _("by value"), measures.VALUE_RENEWED, measures.VALUE_DUE),
        ),
    ),
    Kpi(
        key="cac",
        label=_("Customer acquisition cost"),
        unit=Unit.MONEY,
        up_is_good=False,
        journey=Journey.ECONOMICS,
        kind=Kind.FLOW,
        help=_(
            "What it cost to win one new customer: marketing, sales and labour cost of the "
            "period ÷ customers won for the first time in it."
        ),
        bases=(Basis("paid", _("recorded costs"), measures.ACQUISITION_COST, measures.FIRST_WINS),),
        needs=Permission.VIEW_COSTS,
    ),
)
