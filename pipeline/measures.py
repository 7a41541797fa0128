"""Every measure: an aggregate over a population of facts, declared once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db.models import Aggregate, Avg, Count, Expression, F, FloatField, Func, Sum
from django.db.models import Value as Constant
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from pipeline import populations
from pipeline.populations import Population
from pipeline.reading import NUMBER, Reading


class Percentile(Aggregate):
    """PostgreSQL's percentile_cont; cannot be added up, so it is computed for each scope."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: Expression, *, share: str, **extra: Any) -> None:
        super().__init__(expression, share=share, **extra)


class How(Enum):
    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    MEDIAN = "0.5"
    P75 = "0.75"


@dataclass(frozen=True, eq=False)
class Measure:
    """What is computed over the rows of a population.

    `value` is what each row brings in (None: the row itself is counted). `empty` is the answer
    over no rows: nothing sold is 0, but nothing recorded is unknown (None).
    """

    key: str
    label: Any
    of: Population
    how: How = How.COUNT
    value: Callable[[Reading], Expression] | None = None
    empty: Decimal | None = Decimal(0)

    @property
    def is_additive(self) -> bool:
        """Whether figures of parts add up to that of the whole."""
        return self.how in (How.COUNT, How.SUM)

    def expression(self, reading: Reading) -> Expression:
        """The aggregate over the population's rows, as a number."""
        if self.value is None:
            return Cast(Count("pk"), NUMBER)
        value = self.value(reading)
        if self.how is How.SUM:
            return Cast(Sum(value), NUMBER)
        if self.how is How.MEAN:
            return Cast(Avg(value), NUMBER)
        return Cast(Percentile(value, share=self.how.value), NUMBER)

    def contribution(self, reading: Reading) -> Expression:
        """What one row brings in: contributions of an additive measure add up to it."""
        return Constant(Decimal(1), NUMBER) if self.value is None else self.value(reading)


def _amount(reading: Reading) -> Expression:
    return reading.money()


def _weighted_amount(reading: Reading) -> Expression:
    return reading.money() * Coalesce(F("probability"), F("stage__probability"))


def _cycle_days(reading: Reading) -> Expression:
    """Days between the business dates of first contact (else creation) and the win."""
    began = Coalesce(reading.business_day("first_contact_at"), reading.business_day("created_at"))
    days = Func(F("on"), began, template="(%(expressions)s)", arg_joiner=" - ")
    return Cast(days, NUMBER)


WON_DEALS = Measure("won_deals", _("won deals"), populations.WON)
WON_AMOUNT = Measure("won_amount", _("amount won"), populations.WON, How.SUM, _amount)
WON_AMOUNT_MEDIAN = Measure(
    "won_amount_median", _("median amount of won deals"), populations.WON, How.MEDIAN, _amount, None
)
CYCLE_MEDIAN = Measure(
    "cycle_median",
    _("median days from first contact to won"),
    populations.WON,
    How.MEDIAN,
    _cycle_days,
    None,
)
CYCLE_MEAN = Measure(
    "cycle_mean",
    _("mean days from first contact to won"),
    populations.WON,
    How.MEAN,
    _cycle_days,
    None,
)
CYCLE_P75 = Measure(
    "cycle_p75",
    _("75th percentile of days from first contact to won"),
    populations.WON,
    How.P75,
    _cycle_days,
    None,
)
RESOLVED_DEALS = Measure("resolved_deals", _("won and lost deals"), populations.RESOLVED)
RESOLVED_AMOUNT = Measure(
    "resolved_amount", _("amount of won and lost deals"), populations.RESOLVED, How.SUM, _amount
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
OPEN_AMOUNT = Measure("open_amount", _("amount of open deals"), populations.OPEN, How.SUM, _amount)
OPEN_AMOUNT_ALL = Measure(
    "open_amount_all",
    _("amount of open deals, omitted ones included"),
    populations.OPEN_ALL,
    How.SUM,
    _amount,
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
    _amount,
)
WON_SO_FAR = Measure("won_so_far", _("amount won so far"), populations.WON_SO_FAR, How.SUM, _amount)
OVERDUE_DEALS = Measure(
    "overdue_deals", _("open deals whose expected close is past"), populations.OVERDUE
)
LEADS_CREATED = Measure("leads_created", _("leads created"), populations.LEADS)
LEADS_CONVERTED_SINCE = Measure(
    "leads_converted_since", _("of them converted so far"), populations.LEADS_CONVERTED_SINCE
)
LEADS_CONVERTED = Measure(
    "leads_converted", _("leads converted in the period"), populations.LEADS_CONVERTED
)
ACTIVE_AT_START = Measure(
    "active_at_start", _("customers active at the start"), populations.ACTIVE_AT_START
)
RETAINED = Measure("retained", _("of them active at the end"), populations.RETAINED)
BUYERS_AT_START = Measure(
    "buyers_at_start", _("customers who bought in the year before"), populations.BUYERS_AT_START
)
BUYERS_RETAINED = Measure(
    "buyers_retained", _("of them with a purchase in the last year"), populations.BUYERS_RETAINED
)
CONTRACTS_DUE = Measure("contracts_due", _("contracts due"), populations.DUE)
CONTRACTS_RENEWED = Measure("contracts_renewed", _("of them renewed"), populations.DUE_AND_RENEWED)
VALUE_DUE = Measure("value_due", _("value of contracts due"), populations.DUE, How.SUM, _amount)
VALUE_RENEWED = Measure(
    "value_renewed", _("value of those renewed"), populations.DUE_AND_RENEWED, How.SUM, _amount
)
ACQUISITION_COST = Measure(
    "acquisition_cost",
    _("marketing, sales and labour cost"),
    populations.ACQUISITION_COSTS,
    How.SUM,
    _amount,
    None,
)
