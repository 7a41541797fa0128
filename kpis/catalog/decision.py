"""The catalog, decision."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from charts.numbers import Unit
from kpis.declarations import Basis, Expectation, Journey, Kind, Kpi, Parts, Result, State
from pipeline.measures import deals


def velocity(parts: Parts) -> Result:
    """Open deals × win rate × average deal size ÷ sales cycle; the wins cancel out."""
    count, resolved, revenue = parts["numerator"], parts["resolved"], parts["revenue"]
    cycle = parts["cycle"]
    if count is None or revenue is None or not resolved or cycle is None or cycle <= 0:
        return Result(None, State.EMPTY)
    return Result(count * revenue / resolved / cycle)


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
            Basis(
                "mean",
                _("mean"),
                deals.WON_AMOUNT,
                deals.WON_DEALS,
                beside={"median": deals.WON_AMOUNT_MEDIAN},
            ),
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
            Basis(
                "median",
                _("median"),
                deals.CYCLE_MEDIAN,
                beside={"mean": deals.CYCLE_MEAN, "p75": deals.CYCLE_P75},
            ),
            Basis("mean", _("mean"), deals.CYCLE_MEAN),
            Basis("p75", _("75th percentile"), deals.CYCLE_P75),
        ),
    ),
    Kpi(
        key="sales_velocity",
        label=_("Sales velocity"),
        unit=Unit.MONEY_PER_DAY,
        up_is_good=True,
        journey=Journey.DECISION,
        kind=Kind.FLOW,
        help=_(
            "What the pipeline brings in a day: open deals × win rate × average deal size ÷ sales "
            "cycle. Deals are open at the period's end (now while it runs); the other three are "
            "those of the deals that closed in the period."
        ),
        bases=(
            Basis(
                "window",
                _("of the period"),
                deals.OPEN_DEALS,
                extra={
                    "won": deals.WON_DEALS,
                    "resolved": deals.RESOLVED_DEALS,
                    "revenue": deals.WON_AMOUNT,
                    "cycle": deals.CYCLE_MEDIAN,
                },
                combine=velocity,
                formula_text=_("open deals × win rate × average deal size ÷ sales cycle"),
                worked=(
                    "%(numerator)s × (%(won)s ÷ %(resolved)s) × (%(revenue)s ÷ %(won)s) ÷ "
                    "%(cycle)s = %(value)s"
                ),
            ),
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
                formula_if_down=_("target ÷ actual"),
            ),
        ),
        of_other=True,
    ),
    Kpi(
        key="pace",
        label=_("Pace"),
        unit=Unit.POINTS,
        up_is_good=True,
        journey=Journey.DECISION,
        kind=Kind.FLOW,
        help=_(
            "How far ahead of its target's schedule a figure is: attainment − the share of the "
            "period gone in working days, or the share that was usually there by then over the "
            "last eight quarters. Of a figure that should stay below a limit it is told when the "
            "period is over."
        ),
        bases=(
            Basis(
                "linear",
                _("by working days"),
                deals.WON_AMOUNT,
                formula_text=_("actual ÷ target − share of the period gone"),
                formula_if_down=_("target ÷ actual − share of the period gone"),
                worked="%(attained)s − %(expected)s = %(value)s",
                expected=Expectation.LINEAR,
            ),
            Basis(
                "curve",
                _("by the booking curve"),
                deals.WON_AMOUNT,
                formula_text=_("actual ÷ target − share usually there by now"),
                formula_if_down=_("target ÷ actual − share usually there by now"),
                worked="%(attained)s − %(expected)s = %(value)s",
                expected=Expectation.CURVE,
            ),
        ),
        of_other=True,
    ),
)
