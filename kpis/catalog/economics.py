"""The catalog, economics."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from charts.numbers import Unit
from kpis.declarations import Basis, Journey, Kind, Kpi, Parts, Result, State
from pipeline.measures import Measure, costs, customers, deals

NOTHING = Result(None, State.EMPTY)
MONTHS = 12

LIFETIME_FORMULA = _(
    "(won revenue − delivery costs of twelve months) ÷ average active customers ÷ their churn"
)
LIFETIME_WORKED = (
    "(%(numerator)s − %(delivery)s) ÷ ((%(before)s + %(now)s) ÷ 2) ÷ "
    "(1 − %(retained)s ÷ %(before)s) = %(value)s"
)
LIFETIME_OVER_COST_WORKED = (
    "(%(numerator)s − %(delivery)s) ÷ ((%(before)s + %(now)s) ÷ 2) ÷ "
    "(1 − %(retained)s ÷ %(before)s) ÷ (%(spent)s ÷ %(customers)s) = %(value)s"
)
BY_CONTRACT: Mapping[str, Measure] = {
    "delivery": costs.DELIVERY_COST_OF_YEAR,
    "before": customers.ACTIVE_A_YEAR_AGO,
    "retained": customers.RETAINED_OVER_A_YEAR,
    "now": customers.ACTIVE_NOW,
}
BY_PURCHASE: Mapping[str, Measure] = {
    "delivery": costs.DELIVERY_COST_OF_YEAR,
    "before": customers.BUYING_A_YEAR_AGO,
    "retained": customers.BUYING_STILL,
    "now": customers.BUYING_NOW,
}
ACQUISITION: Mapping[str, Measure] = {
    "spent": costs.ACQUISITION_COST,
    "customers": deals.FIRST_WINS,
}


def margin(parts: Parts) -> Result:
    """Won revenue less what delivering cost."""
    won, spent = parts["numerator"], parts["delivery"]
    return NOTHING if won is None or spent is None else Result(won - spent)


def profit(parts: Parts) -> Result:
    """(Won revenue − all costs) ÷ won revenue; unknown where no cost is recorded."""
    won, spent = parts["numerator"], parts["costs"]
    if not won or spent is None:
        return NOTHING
    return Result((won - spent) / won, State.OK, won - spent, won)


def lifetime(parts: Parts) -> Result:
    """A year's margin of an average customer ÷ the share of customers lost in a year."""
    yearly, before, retained = margin(parts).value, parts["before"], parts["retained"]
    now = parts["now"]
    if yearly is None or not before or now is None or retained is None or retained == before:
        return NOTHING
    return Result(yearly / ((before + now) / 2) / (1 - retained / before))


def acquisition(parts: Parts) -> Decimal | None:
    """What one new customer cost."""
    spent, won = parts["spent"], parts["customers"]
    return None if spent is None or not won else spent / won


def payback(parts: Parts) -> Result:
    """CAC ÷ what a new customer leaves in a month."""
    cost, won, spent = acquisition(parts), parts["numerator"], parts["delivery"]
    count = parts["new"]
    if cost is None or won is None or spent is None or not count or won <= spent:
        return NOTHING
    monthly = (won - spent) / count / MONTHS
    return Result(cost / monthly, State.OK, cost, monthly)


def lifetime_over_cost(parts: Parts) -> Result:
    """Lifetime value ÷ CAC."""
    value, cost = lifetime(parts).value, acquisition(parts)
    return NOTHING if value is None or not cost else Result(value / cost, State.OK, value, cost)


KPIS: tuple[Kpi, ...] = (
    Kpi(
        key="margin",
        label=_("Margin"),
        unit=Unit.MONEY,
        up_is_good=True,
        journey=Journey.ECONOMICS,
        kind=Kind.FLOW,
        help=_(
            "Won revenue − the delivery costs of the period that are attributed to deals, "
            "customers or products. Costs attributed to nothing count for the company only."
        ),
        bases=(
            Basis(
                "delivery",
                _("after delivery costs"),
                deals.WON_AMOUNT,
                extra={"delivery": costs.DELIVERY_COST},
                combine=margin,
                formula_text=_("won revenue − delivery costs"),
                worked="%(numerator)s − %(delivery)s = %(value)s",
            ),
        ),
        needs=Permission.VIEW_COSTS,
    ),
    Kpi(
        key="sales_profit_margin",
        label=_("Sales profit margin"),
        unit=Unit.PERCENT,
        up_is_good=True,
        journey=Journey.ECONOMICS,
        kind=Kind.FLOW,
        help=_(
            "(Won revenue − all costs of the period) ÷ won revenue. Where no cost is recorded it "
            "is not known."
        ),
        bases=(
            Basis(
                "won",
                _("of won revenue"),
                deals.WON_AMOUNT,
                extra={"costs": costs.ALL_COST},
                combine=profit,
                formula_text=_("(won revenue − all costs) ÷ won revenue"),
                worked="(%(numerator)s − %(costs)s) ÷ %(numerator)s = %(value)s",
            ),
        ),
        needs=Permission.VIEW_COSTS,
    ),
    Kpi(
        key="customer_lifetime_value",
        label=_("Customer lifetime value"),
        unit=Unit.MONEY,
        up_is_good=True,
        journey=Journey.RETENTION,
        kind=Kind.FLOW,
        help=_(
            "What a customer leaves over the years: the yearly margin of an average active "
            "customer ÷ the share of customers lost in a year. Both are of the twelve months that "
            "end with the period. Where no customer was lost it is not known."
        ),
        bases=(
            Basis(
                "contract",
                _("running contracts"),
                deals.WON_IN_YEAR,
                extra=BY_CONTRACT,
                combine=lifetime,
                formula_text=LIFETIME_FORMULA,
                worked=LIFETIME_WORKED,
            ),
            Basis(
                "purchase",
                _("purchases in 12 months"),
                deals.WON_IN_YEAR,
                extra=BY_PURCHASE,
                combine=lifetime,
                formula_text=LIFETIME_FORMULA,
                worked=LIFETIME_WORKED,
            ),
        ),
        needs=Permission.VIEW_COSTS,
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
        bases=(Basis("paid", _("recorded costs"), costs.ACQUISITION_COST, deals.FIRST_WINS),),
        needs=Permission.VIEW_COSTS,
    ),
    Kpi(
        key="cac_payback",
        label=_("CAC payback"),
        unit=Unit.MONTHS,
        up_is_good=False,
        journey=Journey.ECONOMICS,
        kind=Kind.FLOW,
        help=_(
            "How many months it takes until a new customer has brought in what it cost to win "
            "them: CAC ÷ the monthly margin of a new customer, which is that of the customers "
            "won in the twelve months that end with the period. A team's or person's counts the "
            "customers whose first win was theirs, and all that they won from customers new in "
            "these months, also from those whom others had won first."
        ),
        bases=(
            Basis(
                "margin",
                _("margin of new customers"),
                deals.WON_BY_NEW,
                extra={
                    **ACQUISITION,
                    "delivery": costs.DELIVERED_TO_NEW,
                    "new": deals.FIRST_WINS_OF_YEAR,
                },
                combine=payback,
                formula_text=_("CAC ÷ monthly margin of a new customer"),
                worked=(
                    "(%(spent)s ÷ %(customers)s) ÷ ((%(numerator)s − %(delivery)s) ÷ %(new)s ÷ 12) "
                    "= %(value)s"
                ),
            ),
        ),
        needs=Permission.VIEW_COSTS,
    ),
    Kpi(
        key="ltv_cac",
        label=_("LTV:CAC"),
        unit=Unit.RATIO,
        up_is_good=True,
        journey=Journey.ECONOMICS,
        kind=Kind.FLOW,
        help=_("How many times over a customer's lifetime value covers what it cost to win them."),
        bases=(
            Basis(
                "contract",
                _("running contracts"),
                deals.WON_IN_YEAR,
                extra={**BY_CONTRACT, **ACQUISITION},
                combine=lifetime_over_cost,
                formula_text=_("customer lifetime value ÷ CAC"),
                worked=LIFETIME_OVER_COST_WORKED,
            ),
            Basis(
                "purchase",
                _("purchases in 12 months"),
                deals.WON_IN_YEAR,
                extra={**BY_PURCHASE, **ACQUISITION},
                combine=lifetime_over_cost,
                formula_text=_("customer lifetime value ÷ CAC"),
                worked=LIFETIME_OVER_COST_WORKED,
            ),
        ),
        needs=Permission.VIEW_COSTS,
    ),
)
