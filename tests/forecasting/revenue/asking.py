"""The revenue forecast of the cast's company, and the same worked out contract by contract."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.scope import Scope, resolve
from forecasting.revenue.asking import Asked
from forecasting.revenue.renewals import Chances
from forecasting.revenue.schedules import by_span
from forecasting.revenue.terms import terms_of
from periods import Grain, Period
from pipeline.models import Contract, Customer
from tests.cast import Cast, seoul

NOW = seoul(2026, 3, 16, 12)


def asked(
    cast: Cast,
    first: date = date(2026, 1, 1),
    count: int = 12,
    *,
    scope: str | Scope = "company",
    at: datetime = NOW,
    **more: Any,
) -> Asked:
    """What an executive, freshly signed in, asks about so many months."""
    viewer = User.objects.get(pk=cast.eunji.pk)
    found = [Period.containing(first, Grain.MONTH, cast.company.calendar)]
    while len(found) < count:
        found.append(found[-1].next())
    of = resolve(scope, viewer) if isinstance(scope, str) else scope
    return Asked(viewer, of, tuple(found), at, "KRW", **more)


def make_contract(
    customer: Customer, start: date, end: date | None = None, **more: Any
) -> Contract:
    return Contract.objects.create(customer=customer, start=start, end=end, **more)


def chances_of(question: Asked, company: str | None) -> Chances:
    """The same chance for everybody."""
    return Chances(question.periods[0], None if company is None else Decimal(company))


def naive(
    contracts: Iterable[Contract], question: Asked, chances: Chances
) -> dict[int, tuple[list[Decimal], list[Decimal], list[Decimal]]]:
    """By contract: what is agreed, what would come by renewals, and what of it is expected."""
    replaced = set(Contract.objects.filter(renews__isnull=False).values_list("renews", flat=True))
    found = {}
    for contract in contracts:
        terms = terms_of(
            contract,
            today=question.today,
            until=question.end,
            replaced=contract.pk in replaced,
        )
        nothing = [Decimal(0)] * len(question.spans)
        agreed, due, expected = list(nothing), list(nothing), list(nothing)
        for term in terms:
            for place, amount in enumerate(by_span([term.schedule], question.edges)):
                if term.rounds == 0:
                    agreed[place] += amount
                    continue
                due[place] += amount
                chance = chances.after(contract.customer.industry, term.rounds)
                expected[place] += amount * (chance or 0)
        found[contract.pk] = agreed, due, expected
    return found
