"""The lines of the revenue forecast: how certain what comes in is, by period and part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from forecasting.revenue import contracts, deals
from forecasting.revenue.asking import Asked
from forecasting.revenue.curves import Curves, curves
from forecasting.revenue.renewals import Chances, learned

LABELS = {
    "recognised": _("Recognised"),
    "scheduled": _("Scheduled"),
    "renewals": _("Renewals"),
    "uncontracted": _("Won without a contract"),
    "open_deals": _("Expected from open deals"),
}
"""What adds up to the revenue of a period, the most certain first."""

ASIDE = {"due": _("Due for renewal"), "churn": _("Expected churn")}
"""What is told beside it: renewals and churn make up what is due."""


@dataclass(frozen=True)
class Lines:
    """In the company's currency; NaN where an exchange rate is missing.

    `renewals` is None where it is not known how many contracts are renewed.
    """

    recognised: Decimal = Decimal(0)
    scheduled: Decimal = Decimal(0)
    due: Decimal = Decimal(0)
    renewals: Decimal | None = Decimal(0)
    uncontracted: Decimal = Decimal(0)
    open_deals: Decimal = Decimal(0)

    def __add__(self, other: Lines) -> Lines:
        names = [each.name for each in fields(self)]
        sums: dict[str, Any] = {
            name: _plus(getattr(self, name), getattr(other, name)) for name in names
        }
        return replace(self, **sums)

    @property
    def churn(self) -> Decimal | None:
        """What is due and expected not to be renewed."""
        return None if self.renewals is None else self.due - self.renewals

    @property
    def total(self) -> Decimal:
        """The revenue expected; without renewals where nobody knows how many there will be."""
        found = (getattr(self, name) for name in LABELS)
        return sum((each for each in found if each is not None), Decimal(0))


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other


@dataclass(frozen=True)
class Expectations:
    """What the company's own past leads to expect: of renewals, and of deals."""

    chances: Chances
    curves: Curves = field(default_factory=Curves)

    @classmethod
    def of(cls, asked: Asked) -> Expectations:
        return cls(learned(asked), curves(asked))


Cell = tuple[int, str]
"""The place of a period, and the key of a part."""


def lines(asked: Asked, expectations: Expectations, by: str = "") -> dict[Cell, Lines]:
    """The lines of every period, by part of a dimension where one is named."""
    found: dict[Cell, Lines] = defaultdict(Lines)
    for cell, brought in _all(asked, expectations, by):
        found[cell] = found[cell] + brought
    return dict(found)


def by_period(asked: Asked, expectations: Expectations) -> list[Lines]:
    """The lines of each of its periods, one after the other."""
    found = lines(asked, expectations)
    return [found.get((place, ""), Lines()) for place in range(len(asked.periods))]


def by_part(asked: Asked, expectations: Expectations, by: str) -> dict[str, Lines]:
    """The lines of each part over all of its periods, the largest first."""
    sums: dict[str, Lines] = defaultdict(Lines)
    for (_place, part), each in lines(asked, expectations, by).items():
        sums[part] = sums[part] + each
    return dict(sorted(sums.items(), key=lambda item: _size(item[1]), reverse=True))


def _size(found: Lines) -> Decimal:
    return Decimal("Infinity") if found.total.is_nan() else found.total


def _all(asked: Asked, expectations: Expectations, by: str) -> Iterator[tuple[Cell, Lines]]:
    starts = [first for first, _last in asked.spans]
    for row in contracts.by_part(asked, expectations.chances, by):
        start = starts[row.place]
        name = "recognised" if start <= asked.today else "scheduled"
        brought = Lines(due=row.due, renewals=row.expected)
        place = asked.place(start)
        assert place is not None
        yield (place, row.part), replace(brought, **{name: row.agreed})
    for name, rows in (
        ("uncontracted", deals.uncontracted(asked)),
        ("open_deals", deals.open_deals(asked)),
    ):
        for group in deals.grouped(rows, asked, by):
            each = deals.by_place(group.kind, group.month, group.worth, asked, expectations.curves)
            for place, amount in each:
                yield (place, group.part), replace(Lines(), **{name: amount})
