"""What customers have bought and are about to buy, for some customers at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import Company, User
from accounts.scope import Scope, reach
from periods import YEARS, Period
from pipeline.measures import Measure
from pipeline.measures.deals import OPEN_AMOUNT_ALL, WON_AMOUNT
from pipeline.reading import Reading, known

FIRST_DAY, LAST_DAY = date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)


@dataclass(frozen=True)
class Purchases:
    """In the company's currency; None where an amount has no exchange rate."""

    won: Decimal | None = Decimal(0)
    open: Decimal | None = Decimal(0)


def purchases_of(
    customers: Collection[int], *, scope: Scope, viewer: User, at: datetime
) -> dict[int, Purchases]:
    """By customer, all that a scope's deals brought and may bring, as far as `viewer` sees."""
    company = Company.current()
    ever = Period(FIRST_DAY, LAST_DAY, None, company.calendar)
    reading = Reading(scope=scope, period=ever, at=at, currency=company.currency)
    found = {customer: Purchases() for customer in customers}
    for name, measure in (("won", WON_AMOUNT), ("open", OPEN_AMOUNT_ALL)):
        for customer, total in _sums(measure, reading, customers, viewer):
            found[customer] = replace(found[customer], **{name: known(total)})
    return found


def _sums(measure: Measure, reading: Reading, customers: Collection[int], viewer: User) -> Any:
    rows = measure.of.rows(reading).filter(reach(viewer).covers(), customer__in=customers)
    grouped = rows.values("customer").order_by("customer")
    return grouped.annotate(total=measure.expression(reading)).values_list("customer", "total")
