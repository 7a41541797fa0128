"""How likely contracts are renewed: the renewal rate by value, by industry.

An industry's rate is drawn to the company's as if ten more contracts of the usual worth had
fallen due in it and been renewed as all are, so that few contracts say little.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from accounts.scope import COMPANY
from forecasting.revenue.asking import Asked
from kpis.evaluate import answer
from kpis.questions import Question
from periods import Period
from periods.spans import days_after, year_before

RATE_OF = "renewal_rate"
SEGMENT = "industry"
DOUBT = 10
_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Chances:
    """The chance that a contract is renewed once, of the company and by segment.

    None where nothing fell due in the `window` they were learned from.
    """

    window: Period
    company: Decimal | None
    by_segment: Mapping[str, Decimal] = field(default_factory=dict)

    def after(self, segment: str, rounds: int) -> Decimal | None:
        """The chance of so many renewals, one after the other, rounded to a millionth."""
        once = self.by_segment.get(segment, self.company)
        return None if once is None else (once**rounds).quantize(_PLACES, ROUND_HALF_UP)


def learned(asked: Asked) -> Chances:
    """From the contracts of the whole company that fell due in the twelve months before."""
    after = days_after(asked.today, 1)
    window = Period(year_before(after), after, None, asked.calendar)
    by_value, by_count = (
        Question(
            RATE_OF,
            COMPANY,
            window,
            basis=basis,
            by=SEGMENT,
            as_of=asked.as_of,
            known_at=asked.known_at,
        )
        for basis in ("value", "count")
    )
    worth, number = answer([by_value, by_count], viewer=asked.viewer, at=asked.at)
    company, count = worth.result.value, number.result.denominator
    if company is None or not count:
        return Chances(window, None)
    doubt = DOUBT * (worth.result.denominator or Decimal(0)) / count
    parts = {
        row.key: drawn(row.result.numerator, row.result.denominator, company, doubt)
        for row in worth.rows
    }
    return Chances(window, company.quantize(_PLACES, ROUND_HALF_UP), parts)


def drawn(renewed: Decimal | None, due: Decimal | None, usual: Decimal, doubt: Decimal) -> Decimal:
    """A segment's rate, with so much worth of doubt at the usual one."""
    if due is None or renewed is None or due + doubt == 0:
        return usual.quantize(_PLACES, ROUND_HALF_UP)
    rate = (renewed + usual * doubt) / (due + doubt)
    return rate.quantize(_PLACES, ROUND_HALF_UP)
