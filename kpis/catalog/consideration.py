"""The catalog, consideration."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from charts.numbers import Unit
from kpis.declarations import Basis, Journey, Kind, Kpi, Parts, Result, State
from pipeline.measures import deals, journeys, leads


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
                leads.LEADS_CONVERTED_SINCE,
                leads.LEADS_CREATED,
            ),
            Basis(
                "period",
                _("conversions in the period"),
                leads.LEADS_CONVERTED,
                leads.LEADS_CREATED,
            ),
        ),
    ),
    Kpi(
        key="lead_response_time",
        label=_("Lead response time"),
        unit=Unit.HOURS,
        up_is_good=False,
        journey=Journey.CONSIDERATION,
        kind=Kind.COHORT,
        help=_(
            "How long leads wait: the median hours from a lead's creation to its first activity, "
            "over the leads created in the period. Those still without any are counted apart."
        ),
        bases=(
            Basis(
                "created",
                _("leads created"),
                leads.RESPONSE_MEDIAN,
                beside={"unanswered": leads.LEADS_UNANSWERED},
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
        bases=(Basis("created", _("deals created"), deals.NEW_DEALS),),
    ),
    Kpi(
        key="new_pipeline",
        label=_("New pipeline"),
        unit=Unit.MONEY,
        up_is_good=True,
        journey=Journey.CONSIDERATION,
        kind=Kind.FLOW,
        help=_(
            "The amount of the deals created in the period, as it was when they were created. "
            "Later changes of an amount do not move it. Product lines are written after a deal is "
            "created, so it is not split by product."
        ),
        bases=(Basis("created", _("at creation"), deals.AMOUNT_AT_CREATION),),
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
            Basis("forecast", _("without omitted deals"), deals.OPEN_DEALS),
            Basis("all", _("with omitted deals"), deals.OPEN_DEALS_ALL),
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
            Basis("forecast", _("without omitted deals"), deals.OPEN_AMOUNT),
            Basis("all", _("with omitted deals"), deals.OPEN_AMOUNT_ALL),
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
            "set, else its stage's, which is set by hand or, where the sales process chose so, "
            "learned: the share won of the deals that came so far and closed within 12 months."
        ),
        bases=(
            Basis("forecast", _("without omitted deals"), deals.WEIGHTED_AMOUNT),
            Basis("all", _("with omitted deals"), deals.WEIGHTED_AMOUNT_ALL),
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
                deals.STILL_TO_CLOSE,
                extra={"won": deals.WON_SO_FAR, "overdue": deals.OVERDUE_DEALS},
                combine=coverage,
                formula_text=_(
                    "open pipeline expected to close in the period ÷ (target − won so far)"
                ),
            ),
        ),
        target_of="won_revenue",
    ),
    Kpi(
        key="stage_conversion",
        label=_("Stage conversion"),
        unit=Unit.PERCENT,
        up_is_good=True,
        journey=Journey.CONSIDERATION,
        kind=Kind.COHORT,
        help=_(
            "Of the deals that reached a stage or came past it in the period, the share that "
            "reached the next one. Each deal counts once, when it first came so far; lost is not "
            "beyond any stage. Deals that are still in the stage are left out."
        ),
        bases=(
            Basis(
                "left",
                _("without deals still in the stage"),
                journeys.ARRIVALS_THAT_WENT_ON,
                journeys.ARRIVALS_THAT_LEFT,
            ),
            Basis(
                "all",
                _("with deals still in the stage"),
                journeys.ARRIVALS_THAT_WENT_ON,
                journeys.ARRIVALS,
            ),
        ),
    ),
    Kpi(
        key="stage_dwell",
        label=_("Days in stage"),
        unit=Unit.DAYS,
        up_is_good=False,
        journey=Journey.CONSIDERATION,
        kind=Kind.FLOW,
        help=_(
            "How long deals stayed in a stage: the visits to it that ended in the period, or "
            "those that are still open. The stage with the most days in total is the bottleneck. "
            "Deals whose past nobody told are left out."
        ),
        bases=(
            Basis("median", _("median"), journeys.VISITS_ENDED_MEDIAN),
            Basis("total", _("total days"), journeys.VISITS_ENDED_DAYS),
            Basis("open", _("open visits, median so far"), journeys.VISITS_OPEN_MEDIAN),
        ),
    ),
)
