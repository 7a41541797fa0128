"""What deals without a contract bring in: by the usual curve of their kind, from their win on.

Open ones count at amount × probability from the month of their expected close. Left out are
omitted ones, those whose close is past or unknown, and renewals of what is expected to be
renewed anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DateField, Exists, F, OuterRef, Q, Sum, TextField
from django.db.models import Value as Constant
from django.db.models.functions import Cast, TruncMonth

from forecasting.revenue.asking import DIMENSIONS, LONGEST_CURVE, Asked
from forecasting.revenue.curves import Curves
from periods import Period
from periods.spans import days_after, months_after
from pipeline.measures.deals import WEIGHTED_AMOUNT
from pipeline.models import Contract, DealKind
from pipeline.populations import Rows
from pipeline.populations.deals import OPEN, WON
from pipeline.reading import NUMBER, Reading, row_key


@dataclass(frozen=True)
class Group:
    """Deals of a part that close in a month and are of a kind, with what they are worth."""

    kind: str
    month: date
    part: str
    worth: Decimal


def open_deals(asked: Asked) -> Rows:
    """Those that count, each with its weighted `worth` and the `month` of its expected close."""
    rows = expected(asked, Q(expected_close__gte=asked.today))
    return rows.exclude(will_renew(asked))


def expected(asked: Asked, which: Q) -> Rows:
    """Open deals with an amount and a date, each with its weighted `worth` and its `month`."""
    reading = asked.reading()
    rows = _filtered(OPEN.rows(_without_customer(reading)), asked).filter(which)
    found: Rows = rows.filter(amount__isnull=False, expected_close__isnull=False).annotate(
        worth=WEIGHTED_AMOUNT.contribution(reading),
        month=TruncMonth("expected_close", output_field=DateField()),
    )
    return found


def will_renew(asked: Asked) -> Q:
    """Whether an open deal is the renewal of a customer whose contracts count as due."""
    contracts = asked.reading().flow(Contract)
    paid = contracts.filter(
        customer=OuterRef("customer"), billing=Contract.Billing.RECURRING, is_trial=False
    )
    following = contracts.filter(renews=OuterRef(row_key(contracts)))
    ends = Q(auto_renew=False, end__gt=asked.today) & ~Exists(following)
    lasting = Q(auto_renew=True, end__isnull=True)
    return Q(kind=DealKind.RENEWAL) & Q(Exists(paid.filter(ends | lasting)))


def won_deals(asked: Asked, period: Period) -> Rows:
    """Those won in a period, each with its `worth` and the `month` of its win."""
    reading = asked.reading(period)
    rows = _filtered(WON.rows(_without_customer(reading)), asked).filter(amount__isnull=False)
    found: Rows = rows.annotate(
        worth=Cast(reading.money(), NUMBER), month=TruncMonth("on", output_field=DateField())
    )
    return found


def uncontracted(asked: Asked) -> Rows:
    """Deals won of which something may come in the months asked for, and that have no contract."""
    first, after = months_after(asked.start, -LONGEST_CURVE), days_after(asked.today, 1)
    period = Period(first, max(first, min(asked.end, after)), None, asked.calendar)
    rows = won_deals(asked, period)
    return rows.exclude(has_contract(asked, rows))


def has_contract(asked: Asked, rows: Rows) -> Exists:
    """Whether a deal has a contract of its own that is no trial."""
    contracts = asked.reading().flow(Contract).filter(is_trial=False)
    return Exists(contracts.filter(deal=OuterRef(row_key(rows))))


def grouped(rows: Rows, asked: Asked, by: str = "") -> list[Group]:
    """What deals are worth by kind, month and part of a dimension."""
    part: Any = Constant("", TextField())
    if by:
        part = Cast(asked.reading().column(rows, DIMENSIONS[by]), TextField())
    keys = ("kind", "month", "part")
    sums = rows.order_by().annotate(part=part).values(*keys).annotate(total=Sum("worth"))
    return [Group(kind, month, part or "", total) for kind, month, part, total in _listed(sums)]


def _listed(sums: Rows) -> Iterator[tuple[str, date, str, Decimal]]:
    yield from sums.values_list("kind", "month", "part", "total")


def by_place(
    kind: str, month: date, worth: Decimal, asked: Asked, curves: Curves
) -> Iterator[tuple[int, Decimal]]:
    """What comes in in each of the periods asked for of a deal that closes in a month."""
    for lag, share in enumerate(curves.of(kind)):
        place = asked.place(months_after(month, lag))
        if place is not None and share:
            yield place, worth * share


def valued(rows: Rows) -> Iterator[tuple[int, str, date, Decimal]]:
    """Each deal's id, kind, month and worth."""
    key = row_key(rows)
    yield from rows.order_by(key).annotate(key=F(key)).values_list("key", "kind", "month", "worth")


def booked(rows: Rows) -> Iterator[tuple[int, date, Decimal]]:
    """Each won deal's id, day and worth."""
    key = row_key(rows)
    yield from rows.order_by(key).annotate(key=F(key)).values_list("key", "on", "worth")


def _without_customer(reading: Reading) -> Reading:
    """Deals are no population split by customer: these are filtered here."""
    kept = tuple(each for each in reading.filters if each[0] != "customer")
    return replace(reading, filters=kept)


def _filtered(rows: Rows, asked: Asked) -> Rows:
    customer = dict(asked.filters).get("customer")
    return rows if customer is None else rows.filter(customer=customer)
