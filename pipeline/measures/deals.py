"""Measures of deals."""

from __future__ import annotations

from django.db.models import Case, Expression, F, Func, When
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from charts.numbers import Unit
from pipeline.measures.base import How, Measure, amount
from pipeline.models import Deal, Outcome
from pipeline.populations import deals as populations
from pipeline.reading import NUMBER, Reading


def _weighted_amount(reading: Reading) -> Expression:
    return reading.money() * Coalesce(
        F("probability"), reading.stock_column(Deal, "stage__probability")
    )


def _cycle_days(reading: Reading) -> Expression:
    """Days between the business dates of first contact (else creation) and the win."""
    began = Coalesce(reading.business_day("first_contact_at"), reading.business_day("created_at"))
    days = Func(F("on"), began, template="(%(expressions)s)", arg_joiner=" - ")
    return Cast(days, NUMBER)


def _resolved_amount(reading: Reading) -> Expression:
    """The amount that was won, or the last one that was hoped for."""
    now = reading.money()
    if reading.by_line:
        return now
    hoped_for = Coalesce(populations.worth_when_last_open(reading), now, output_field=NUMBER)
    return Case(When(outcome=Outcome.LOST, then=hoped_for), default=now, output_field=NUMBER)


WON_DEALS = Measure("won_deals", _("won deals"), populations.WON)

WON_AMOUNT = Measure("won_amount", _("amount won"), populations.WON, How.SUM, amount)

WON_AMOUNT_MEDIAN = Measure(
    "won_amount_median",
    _("median amount of won deals"),
    populations.WON,
    How.MEDIAN,
    amount,
    None,
    Unit.MONEY,
)

CYCLE_MEDIAN = Measure(
    "cycle_median",
    _("median days from first contact to won"),
    populations.WON,
    How.MEDIAN,
    _cycle_days,
    None,
    Unit.DAYS,
)

CYCLE_MEAN = Measure(
    "cycle_mean",
    _("mean days from first contact to won"),
    populations.WON,
    How.MEAN,
    _cycle_days,
    None,
    Unit.DAYS,
)

CYCLE_P75 = Measure(
    "cycle_p75",
    _("75th percentile of days from first contact to won"),
    populations.WON,
    How.P75,
    _cycle_days,
    None,
    Unit.DAYS,
)

RESOLVED_DEALS = Measure("resolved_deals", _("won and lost deals"), populations.RESOLVED)

RESOLVED_AMOUNT = Measure(
    "resolved_amount",
    _("amount of won and lost deals"),
    populations.RESOLVED,
    How.SUM,
    _resolved_amount,
)

NEW_DEALS = Measure("new_deals", _("deals created"), populations.CREATED)

NEW_REAL_DEALS = Measure(
    "new_real_deals",
    _("deals created, duplicates and mistakes left out"),
    populations.CREATED_REAL,
)

CREATED_AND_WON = Measure(
    "created_and_won", _("deals created in the period and won"), populations.CREATED_AND_WON
)

FIRST_WINS = Measure("first_wins", _("customers won for the first time"), populations.FIRST_WINS)

OPEN_DEALS = Measure("open_deals", _("open deals"), populations.OPEN)

OPEN_DEALS_ALL = Measure(
    "open_deals_all", _("open deals, omitted ones included"), populations.OPEN_ALL
)

OPEN_AMOUNT = Measure("open_amount", _("amount of open deals"), populations.OPEN, How.SUM, amount)

OPEN_AMOUNT_ALL = Measure(
    "open_amount_all",
    _("amount of open deals, omitted ones included"),
    populations.OPEN_ALL,
    How.SUM,
    amount,
)

WEIGHTED_AMOUNT = Measure(
    "weighted_amount",
    _("amount × probability of open deals"),
    populations.OPEN,
    How.SUM,
    _weighted_amount,
)

WEIGHTED_AMOUNT_ALL = Measure(
    "weighted_amount_all",
    _("amount × probability of open deals, omitted ones included"),
    populations.OPEN_ALL,
    How.SUM,
    _weighted_amount,
)

STILL_TO_CLOSE = Measure(
    "still_to_close",
    _("open pipeline expected to close in the period"),
    populations.STILL_TO_CLOSE,
    How.SUM,
    amount,
)

WON_SO_FAR = Measure("won_so_far", _("amount won so far"), populations.WON_SO_FAR, How.SUM, amount)

OVERDUE_DEALS = Measure(
    "overdue_deals", _("open deals whose expected close is past"), populations.OVERDUE
)

AMOUNT_AT_CREATION = Measure(
    "amount_at_creation",
    _("amount at creation of deals created"),
    populations.CREATED_WITH_WORTH,
    How.SUM,
    lambda _reading: Cast(F("at_creation"), NUMBER),
)

EXISTING_AMOUNT = Measure(
    "existing_amount",
    _("amount won from existing customers"),
    populations.WON_FROM_EXISTING,
    How.SUM,
    amount,
)

EXPANSION_AMOUNT = Measure(
    "expansion_amount",
    _("amount won by upselling and cross-selling"),
    populations.WON_BY_EXPANSION,
    How.SUM,
    amount,
)

WON_IN_YEAR = Measure(
    "won_in_year", _("amount won in twelve months"), populations.WON_IN_YEAR, How.SUM, amount
)

WON_BY_NEW = Measure(
    "won_by_new",
    _("amount won in twelve months from new customers"),
    populations.WON_BY_NEW,
    How.SUM,
    amount,
)

FIRST_WINS_OF_YEAR = Measure(
    "first_wins_of_year",
    _("customers won for the first time in twelve months"),
    populations.FIRST_WINS_OF_YEAR,
)
