"""The funnel backwards: how many deals and inquiries a target takes, and by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from kpis.questions import Answer, Question
from periods import Period

RATES = ("average_deal_size", "lead_conversion_rate", "win_rate", "sales_cycle")


@dataclass(frozen=True)
class Funnel:
    """How inquiries turn into money: rates as fractions, the cycle in days; None: not known."""

    size: Decimal | None
    conversion: Decimal | None
    win_rate: Decimal | None
    cycle: Decimal | None = None

    @property
    def wins_of_an_inquiry(self) -> Decimal | None:
        """The share of inquiries that become won deals."""
        if self.conversion is None or self.win_rate is None:
            return None
        return self.conversion * self.win_rate

    @property
    def worth_of_an_inquiry(self) -> Decimal | None:
        """What one inquiry brings in the mean."""
        share = self.wins_of_an_inquiry
        return None if share is None or self.size is None else share * self.size

    def deals_for(self, money: Decimal) -> Decimal | None:
        """How many won deals bring so much."""
        return money / self.size if self.size else None

    def inquiries_for(self, money: Decimal) -> Decimal | None:
        """How many inquiries lead to so much."""
        deals, share = self.deals_for(money), self.wins_of_an_inquiry
        return None if deals is None or not share else deals / share

    def begun_by(self, won_by: date) -> date | None:
        """The day by which what is to be won on a day must have begun."""
        return None if self.cycle is None else won_by - timedelta(days=round(self.cycle))


@dataclass(frozen=True)
class Required:
    """What is still missing to a target, and what it takes; `by` is the latest day to begin."""

    funnel: Funnel
    missing: Decimal
    deals: int | None
    inquiries: int | None
    by: date | None


def funnel_questions(won: Question, window: Period) -> list[Question]:
    """What `required` needs: what has been won, and how deals went over a window."""
    return [won, *(replace(won, kpi=kpi, period=window) for kpi in RATES)]


def required(answers: Sequence[Answer]) -> Required | None:
    """From the answers to `funnel_questions`; None without a target or with an unknown actual."""
    won, *rates = answers
    if won.target is None or won.value is None:
        return None
    funnel = Funnel(*(answer.value for answer in rates))
    missing = max(won.target - won.value, Decimal(0))
    return closing(funnel, missing, won.question.period.last_day)


def closing(funnel: Funnel, missing: Decimal, won_by: date) -> Required:
    """What it takes to win so much by the end of a day."""
    return Required(
        funnel=funnel,
        missing=missing,
        deals=_whole(funnel.deals_for(missing)),
        inquiries=_whole(funnel.inquiries_for(missing)),
        by=funnel.begun_by(won_by),
    )


def _whole(count: Decimal | None) -> int | None:
    """There is no part of a deal; what only divisions left over is none either."""
    return None if count is None else int(round(count, 6).to_integral_value(ROUND_CEILING))
