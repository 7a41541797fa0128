"""What people call the contracts and deals behind a line, and what a forecast rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from charts.data import Style
from charts.numbers import Unit, write
from forecasting.revenue.curves import LEARNED_MONTHS
from forecasting.revenue.lines import Expectations
from forecasting.revenue.rows import DEAL, Behind
from periods.labels import label
from pipeline.models import Contract, Deal


@dataclass(frozen=True)
class Shown:
    """A contract or deal with what it brings in; "" where it has no customer."""

    id: int
    is_deal: bool
    name: str
    customer: str
    how: str
    amount: Decimal | None


def shown(found: Iterable[Behind]) -> list[Shown]:
    """With names, read for all of them at once."""
    rows = list(found)
    deals = _deals([row.id for row in rows if row.fact == DEAL])
    contracts = _contracts([row.id for row in rows if row.fact != DEAL])
    return [_shown(row, deals if row.fact == DEAL else contracts) for row in rows]


Names = dict[int, tuple[str, str, str]]


def _deals(ids: list[int]) -> Names:
    found = Deal.objects.filter(pk__in=ids).select_related("customer", "stage") if ids else []
    return {deal.pk: (deal.name, str(deal.customer or ""), str(deal.stage)) for deal in found}


def _contracts(ids: list[int]) -> Names:
    found = Contract.objects.filter(pk__in=ids).select_related("customer") if ids else []
    return {
        each.pk: (
            each.plan or each.start.isoformat(),
            str(each.customer),
            str(each.get_schedule_display()),
        )
        for each in found
    }


def _shown(row: Behind, names: Names) -> Shown:
    name, customer, how = names.get(row.id, (f"#{row.id}", "", ""))
    unknown = row.amount is None or row.amount.is_nan()
    return Shown(row.id, row.fact == DEAL, name, customer, how, None if unknown else row.amount)


def told(expectations: Expectations, style: Style) -> list[str]:
    """In sentences: how many contracts are renewed, and when deals become revenue."""
    return [_renewals(expectations, style), _deals_become(expectations, style)]


def _renewals(expectations: Expectations, style: Style) -> str:
    chances = expectations.chances
    if chances.company is None:
        return _(
            "No contract fell due in the last twelve months, so nobody knows how many are "
            "renewed: revenue is told without renewals."
        )
    return _(
        "Renewals: %(rate)s of what fell due in %(window)s was renewed, by value; each industry "
        "at its own rate, drawn to the company's as if ten more contracts had fallen due in it."
    ) % {
        "rate": _percent(chances.company, style),
        "window": label(chances.window, style.language),
    }


def _deals_become(expectations: Expectations, style: Style) -> str:
    usual = expectations.curves.usual
    if not expectations.curves.counts:
        return _("Deals: no contract tells yet how their worth is recognised, so it is at the win.")
    return _(
        "Deals: of what contracts of the deals won in the last %(months)s months are worth, "
        "%(first)s is recognised in the month of the win and %(year)s within a year; each kind "
        "of deal by its own contracts where there are ten of them."
    ) % {
        "months": LEARNED_MONTHS,
        "first": _percent(usual[0], style),
        "year": _percent(sum(usual[:12], Decimal(0)), style),
    }


def _percent(value: Decimal, style: Style) -> str:
    return write(value, Unit.PERCENT, language=style.language, currency="", places=0)
