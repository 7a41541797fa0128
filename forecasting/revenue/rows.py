"""The very contracts and deals behind a line, which add up to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from forecasting.revenue import contracts, deals
from forecasting.revenue.asking import Asked
from forecasting.revenue.lines import Expectations
from pipeline.populations import Rows

CONTRACT, DEAL = "contract", "deal"


@dataclass(frozen=True)
class Behind:
    """What one contract or deal brings into a line; None where nobody knows how much."""

    fact: str
    id: int
    amount: Decimal | None


Reader = Callable[[Asked, Expectations], Iterator[Behind]]


def _agreed(asked: Asked, expectations: Expectations, *, is_past: bool) -> Iterator[Behind]:
    places = [
        place
        for place, (start, _end) in enumerate(asked.spans)
        if (start <= asked.today) == is_past
    ]
    for row in contracts.by_contract(asked, expectations.chances, places):
        yield Behind(CONTRACT, row.contract, row.agreed)


def _recognised(asked: Asked, expectations: Expectations) -> Iterator[Behind]:
    return _agreed(asked, expectations, is_past=True)


def _scheduled(asked: Asked, expectations: Expectations) -> Iterator[Behind]:
    return _agreed(asked, expectations, is_past=False)


def _of_renewals(
    asked: Asked, expectations: Expectations, amount: Callable[[contracts.Row], Decimal | None]
) -> Iterator[Behind]:
    for row in contracts.by_contract(asked, expectations.chances, range(len(asked.spans))):
        if row.due:
            yield Behind(CONTRACT, row.contract, amount(row))


def _due(asked: Asked, expectations: Expectations) -> Iterator[Behind]:
    return _of_renewals(asked, expectations, lambda row: row.due)


def _renewals(asked: Asked, expectations: Expectations) -> Iterator[Behind]:
    return _of_renewals(asked, expectations, lambda row: row.expected)


def _churn(asked: Asked, expectations: Expectations) -> Iterator[Behind]:
    return _of_renewals(asked, expectations, lost)


def lost(row: contracts.Row) -> Decimal | None:
    """What is due and expected not to be renewed."""
    return None if row.expected is None else row.due - row.expected


def of_deals(rows: Rows, asked: Asked, expectations: Expectations) -> Iterator[Behind]:
    """What each deal brings into the periods asked for."""
    brought: dict[int, Decimal] = defaultdict(Decimal)
    for pk, kind, month, worth in deals.valued(rows):
        for _place, amount in deals.by_place(kind, month, worth, asked, expectations.curves):
            brought[pk] += amount
    for pk, amount in brought.items():
        yield Behind(DEAL, pk, amount)


def _uncontracted(asked: Asked, expectations: Expectations) -> Iterator[Behind]:
    return of_deals(deals.uncontracted(asked), asked, expectations)


def _open_deals(asked: Asked, expectations: Expectations) -> Iterator[Behind]:
    return of_deals(deals.open_deals(asked), asked, expectations)


READERS: dict[str, Reader] = {
    "recognised": _recognised,
    "scheduled": _scheduled,
    "due": _due,
    "renewals": _renewals,
    "churn": _churn,
    "uncontracted": _uncontracted,
    "open_deals": _open_deals,
}


def behind(line: str, asked: Asked, expectations: Expectations) -> list[Behind]:
    """The rows of a line over the periods asked for, the largest first. KeyError: no such line."""
    return ordered(READERS[line](asked, expectations))


def ordered(found: Iterator[Behind]) -> list[Behind]:
    """Those that bring anything in, or take it away, the largest first."""
    return sorted(
        (each for each in found if each.amount is None or each.amount), key=_size, reverse=True
    )


def _size(each: Behind) -> tuple[Decimal, int]:
    known = each.amount is not None and not each.amount.is_nan()
    return (abs(each.amount or Decimal(0)) if known else Decimal("Infinity"), each.id)
