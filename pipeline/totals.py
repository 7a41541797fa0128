"""What a list of deals adds up to, by outcome, in the company's currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, DateField, QuerySet, Sum
from django.db.models import Value as Constant
from django.db.models.functions import Cast, Coalesce

from pipeline.models import Outcome
from pipeline.reading import NUMBER, Reading


@dataclass(frozen=True)
class Total:
    """How many deals there are and what they come to; None where a rate is missing."""

    count: int
    amount: Decimal | None
    label: Any = ""


def totals_of(deals: QuerySet[Any], reading: Reading) -> list[Total]:
    """A total for each outcome that occurs: open, won, lost.

    Closed deals count at the rate of their close, open ones at that of the reading's day.
    """
    today = Cast(Constant(reading.day), DateField())
    dated = deals.order_by().annotate(on=Coalesce(reading.business_day("closed_at"), today))
    rows = dated.values("outcome").annotate(
        deals=Count("pk"), amount=Cast(Sum(reading.money()), NUMBER)
    )
    found = {row["outcome"]: row for row in rows}
    return [
        Total(found[outcome]["deals"], _known(found[outcome]["amount"]), outcome.label)
        for outcome in Outcome
        if outcome in found
    ]


def whole(totals: list[Total]) -> Total:
    """All of them together."""
    amounts = [total.amount for total in totals]
    known = [amount for amount in amounts if amount is not None]
    amount = sum(known, Decimal(0)) if len(known) == len(amounts) else None
    return Total(sum(total.count for total in totals), amount)


def _known(total: Decimal | None) -> Decimal | None:
    """Zero without any amount; None where some amount has no rate (NaN)."""
    if total is None:
        return Decimal(0)
    return None if total.is_nan() else total
