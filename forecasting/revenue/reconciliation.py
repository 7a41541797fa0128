"""From the bookings of a period to its revenue, line by line, each with its rows.

Bookings and revenue are two things: they are led over into each other here, never summed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from forecasting.revenue import contracts, deals
from forecasting.revenue.asking import Asked, chosen, parameters
from forecasting.revenue.lines import Expectations
from forecasting.revenue.rows import CONTRACT, DEAL, Behind, lost, of_deals, ordered
from forecasting.revenue.statements import RATE, TERMS
from periods import Period
from periods.spans import months_after
from pipeline.populations import Rows

STEPS = {
    "won": _("Won in the period"),
    "expected": _("Open deals expected to close in it, weighted"),
    "overdue": _("Overdue: counted nowhere until they have a new date"),
    "renewal_deals": _("Open renewals: counted as contracts due"),
    "otherwise": _("Contracts worth another amount than their deals"),
    "elsewhere": _("Recognised in other periods"),
    "earlier": _("Recognised from other periods' bookings and contracts without a deal"),
    "due": _("Contracts due for renewal before or in it"),
    "churn": _("Expected churn"),
}
"""What leads from bookings to revenue, in this order; the first two are the bookings."""

BOOKINGS = ("won", "expected")
_LONG_AGO, _MONTHS_AHEAD = date(1900, 1, 1), 60


@dataclass(frozen=True)
class Step:
    """One line and what it is made of; the amount is None where nobody knows it."""

    key: str
    rows: list[Behind]

    @property
    def amount(self) -> Decimal | None:
        known = [each.amount for each in self.rows if each.amount is not None]
        return sum(known, Decimal(0)) if len(known) == len(self.rows) else None


# What the first term of each contract of these deals is worth, at the rate of the deal's day.
_WORTHS = f"""
SELECT term.deal_id, sum(term.amount * {RATE.format(row="term", day="booked.day")}),
    bool_or(term.is_running)
FROM ({TERMS}) term
JOIN unnest(%(deals)s::bigint[], %(days)s::date[]) AS booked (deal, day)
    ON booked.deal = term.deal_id
WHERE term.number = 0
GROUP BY term.deal_id
"""


@dataclass
class Reconciliation:
    """Of the bookings of `asked`'s one period with its revenue."""

    asked: Asked
    expectations: Expectations

    @property
    def period(self) -> Period:
        return self.asked.periods[0]

    @cached_property
    def steps(self) -> list[Step]:
        """Every line, with its rows."""
        readers: dict[str, Callable[[], list[Behind]]] = {
            "won": self._won,
            "expected": lambda: self._signed(self._expected, 1),
            "overdue": lambda: self._signed(self._overdue, -1),
            "renewal_deals": lambda: self._signed(self._renewing, -1),
            "otherwise": self._otherwise,
            "elsewhere": self._elsewhere,
            "earlier": self._earlier,
            "due": lambda: self._renewals(lambda row: row.due),
            "churn": lambda: self._renewals(_taken),
        }
        return [Step(key, ordered(iter(readers[key]()))) for key in STEPS]

    @property
    def bookings(self) -> Decimal | None:
        return _sum(step.amount for step in self.steps if step.key in BOOKINGS)

    @property
    def revenue(self) -> Decimal | None:
        """What the lines lead to: the revenue of the period, to the last digit."""
        return _sum(step.amount for step in self.steps)

    @cached_property
    def _contracts(self) -> list[contracts.Row]:
        places = range(len(self.asked.spans))
        return contracts.by_contract(self.asked, self.expectations.chances, places)

    @cached_property
    def _booked(self) -> dict[int, tuple[date, Decimal]]:
        """The day and worth of each deal won in the period."""
        rows = deals.won_deals(self.asked, self.period)
        return {pk: (day, worth) for pk, day, worth in deals.booked(rows)}

    @cached_property
    def _without_contract(self) -> dict[int, Decimal]:
        """What deals without a contract bring in in the period, whenever they were won."""
        return self._brought(deals.uncontracted(self.asked))

    @cached_property
    def _coming(self) -> dict[int, Decimal]:
        """What open deals bring in in the period, whenever they are expected to close."""
        return self._brought(deals.open_deals(self.asked))

    def _brought(self, rows: Rows) -> dict[int, Decimal]:
        found = of_deals(rows, self.asked, self.expectations)
        return {each.id: each.amount or Decimal(0) for each in found}

    @cached_property
    def _expected(self) -> dict[int, Decimal]:
        return self._weighted(Q())

    @cached_property
    def _overdue(self) -> dict[int, Decimal]:
        return self._weighted(Q(expected_close__lt=self.asked.today))

    @cached_property
    def _renewing(self) -> dict[int, Decimal]:
        still = Q(expected_close__gte=self.asked.today)
        return self._weighted(still & deals.will_renew(self.asked))

    def _weighted(self, which: Q) -> dict[int, Decimal]:
        rows = deals.expected(self.asked, self.period.covers_days("expected_close") & which)
        return {pk: worth for pk, _kind, _month, worth in deals.valued(rows)}

    def _signed(self, found: dict[int, Decimal], sign: int) -> list[Behind]:
        return [Behind(DEAL, pk, sign * worth) for pk, worth in found.items()]

    def _won(self) -> list[Behind]:
        return [Behind(DEAL, pk, worth) for pk, (_day, worth) in self._booked.items()]

    @cached_property
    def _worths(self) -> dict[int, Decimal]:
        """What the contracts of the deals won are worth; as the deal where it has no end."""
        given = {
            **parameters(self.asked, self.asked.spans),
            "deals": list(self._booked),
            "days": [day for day, _worth in self._booked.values()],
            "since": _LONG_AGO,
            "until": months_after(self.asked.end, _MONTHS_AHEAD),
        }
        theirs = f"contract.deal_id = ANY(%(deals)s) AND {chosen(self.asked)}"
        with connection.cursor() as cursor:
            cursor.execute(_WORTHS.format(chosen=theirs), given)
            return {
                deal: self._booked[deal][1] if is_running else worth
                for deal, worth, is_running in cursor.fetchall()
            }

    def _otherwise(self) -> list[Behind]:
        return [Behind(DEAL, pk, worth - self._booked[pk][1]) for pk, worth in self._worths.items()]

    def _elsewhere(self) -> list[Behind]:
        """Of what is booked in the period, what is not recognised in it."""
        recognised: dict[int, Decimal] = defaultdict(Decimal)
        for row in self._contracts:
            if row.deal in self._booked:
                recognised[row.deal] += row.agreed
        found = [
            Behind(DEAL, pk, self._inside(pk, recognised) - self._worths.get(pk, worth))
            for pk, (_day, worth) in self._booked.items()
        ]
        counted = self._expected.keys() - self._overdue.keys() - self._renewing.keys()
        return found + [
            Behind(DEAL, pk, self._coming.get(pk, Decimal(0)) - self._expected[pk])
            for pk in counted
        ]

    def _inside(self, deal: int, recognised: dict[int, Decimal]) -> Decimal:
        return recognised.get(deal, Decimal(0)) + self._without_contract.get(deal, Decimal(0))

    def _earlier(self) -> list[Behind]:
        """What is recognised in the period of what was or will be booked in others."""
        found = [
            Behind(CONTRACT, row.contract, row.agreed)
            for row in self._contracts
            if row.deal not in self._booked
        ]
        others = (
            (self._without_contract, self._booked.keys()),
            (self._coming, self._expected.keys()),
        )
        return found + [
            Behind(DEAL, pk, amount)
            for brought, here in others
            for pk, amount in brought.items()
            if pk not in here
        ]

    def _renewals(self, amount: Callable[[contracts.Row], Decimal | None]) -> list[Behind]:
        return [Behind(CONTRACT, row.contract, amount(row)) for row in self._contracts if row.due]


def _taken(row: contracts.Row) -> Decimal | None:
    away = lost(row)
    return None if away is None else -away


def _sum(amounts: Any) -> Decimal | None:
    found: Sequence[Decimal | None] = list(amounts)
    return None if None in found else sum((each or Decimal(0) for each in found), Decimal(0))
