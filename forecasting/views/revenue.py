"""The pages of the revenue forecast: its lines, what bookings become, and the rows behind each."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.roles import Permission, require
from accounts.selection import selection
from charts.numbers import Unit, write
from forecasting.revenue.asked_by import BY_TIME, BadRevenue, Look, by_of, filters_of
from forecasting.revenue.asking import DIMENSIONS
from forecasting.revenue.cards import revenue_card, steps_card
from forecasting.revenue.lines import ASIDE, LABELS, Expectations
from forecasting.revenue.reconciliation import STEPS, Reconciliation
from forecasting.revenue.rows import READERS, Behind, behind
from forecasting.revenue.shown import Shown, shown, told
from forecasting.revenue.tables import COLUMNS, TableRow, names_of, table, whole
from forecasting.revenue.terms import months_of
from forecasting.views.asking import style_here
from periods.labels import label
from pipeline.exports import FORMATS, export
from pipeline.models import Contract
from pipeline.views.asking import seen, viewer_of

FACTS = "contract deal customer rate stage"
PAGE = 50
NAMES: dict[str, Any] = {
    "month": gettext_lazy("By month"),
    "quarter": gettext_lazy("By quarter"),
    "customer": gettext_lazy("By customer"),
    "industry": gettext_lazy("By industry"),
    "size": gettext_lazy("By size"),
    "region": gettext_lazy("By region"),
}
HEADS: dict[str, Any] = {"total": gettext_lazy("Revenue"), **LABELS, **ASIDE}


@dataclass(frozen=True)
class Figure:
    """A cell: its figure, written, and where it opens."""

    text: str
    url: str
    is_zero: bool


@require_safe
def revenue(request: HttpRequest) -> HttpResponseBase:
    """The lines by period or part, and how bookings become revenue; a file with `export`."""
    look = look_of(request)
    expectations = Expectations.of(look.of_period)
    style = style_here()
    rows = table(look, expectations, style.language)
    if request.GET.get("export") in FORMATS:
        lines = ([row.label, *map(row.figure, COLUMNS)] for row in rows)
        header = [NAMES[look.by], *(HEADS[column] for column in COLUMNS)]
        return export("revenue", header, lines, file_format=request.GET["export"])
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    found = Reconciliation(look.of_period, expectations)
    by_time = look.by in BY_TIME
    context = {
        "card": revenue_card(rows, look, style, lambda row: _opened(row, request, look)),
        "heads": [HEADS[column] for column in COLUMNS],
        "rows": [(row, _figures(row, request, look)) for row in page],
        "page": page,
        "total": None if by_time else [_money(getattr(whole(rows), name)) for name in COLUMNS],
        "bys": [(NAMES[by], _with(request, by=by, page=""), by == look.by) for by in NAMES],
        "by_name": NAMES[look.by],
        "by_time": by_time,
        "period": label(look.of_period.periods[0], style.language),
        "only": _only(request, look),
        "steps": [
            (STEPS[step.key], _money(step.amount), _step_url(request, step.key), len(step.rows))
            for step in found.steps
        ],
        "steps_card": steps_card(found, style),
        "revenue": _money(found.revenue),
        "told": told(expectations, style),
        "here": "revenue",
        "facts": FACTS,
        **{f"{kind}_url": _with(request, export=kind, page="") for kind in FORMATS},
    }
    inner = "HX-Request" in request.headers
    template = "forecasting/revenue_panel.html" if inner else "forecasting/revenue.html"
    return render(request, template, context)


@require_safe
def rows(request: HttpRequest) -> HttpResponseBase:
    """The contracts and deals behind a line, or behind a step from bookings to revenue."""
    look, style = look_of(request), style_here()
    expectations = Expectations.of(look.of_period)
    name, found = _behind(request, look, expectations)
    if request.GET.get("export") in FORMATS:
        header = [_("Contract or deal"), _("Customer"), _("Amount")]
        lines = ([each.name, each.customer, each.amount] for each in shown(found))
        return export("revenue-rows", header, lines, file_format=request.GET["export"])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    known = [each.amount for each in found if each.amount is not None]
    total = sum(known, Decimal(0)) if len(known) == len(found) else None
    context = {
        "name": name,
        "period": label(look.of_period.periods[0], style.language),
        "only": _only(request, look),
        "lines": [(each, _money(each.amount, short=False), _row_url(each)) for each in shown(page)],
        "page": page,
        "total": _money(total, short=False),
        "back": _with(request, at="forecasting:revenue", line="", step="", page=""),
        **{f"{kind}_url": _with(request, export=kind, page="") for kind in FORMATS},
    }
    beside = "HX-Request" in request.headers
    template = "forecasting/revenue_rows_body.html" if beside else "forecasting/revenue_rows.html"
    return render(request, template, context)


@require_safe
def contract(request: HttpRequest, pk: int) -> HttpResponse:
    """How one contract is recognised, month by month, and what its renewals would bring."""
    look, style = look_of(request), style_here()
    found: Contract = seen(Contract.objects.select_related("customer", "deal"), request, pk)
    asked = look.over_time
    months = months_of(found, asked.periods, asked.today, replaced=found.renewals.exists())
    context = {
        "contract": found,
        "months": [
            (label(period, style.language), _own(found, agreed), _own(found, due))
            for period, agreed, due in months
            if agreed or due
        ],
    }
    return render(request, "forecasting/revenue_contract.html", context)


def look_of(request: HttpRequest) -> Look:
    """What the address names. PermissionDenied for who may not see revenue, BadRequest says why."""
    viewer, here = viewer_of(request), selection(request)
    require(viewer, Permission.VIEW_REVENUE)
    parameters = {name: str(text) for name, text in request.GET.items()}
    try:
        by, filters = by_of(parameters), filters_of(parameters)
    except BadRevenue as error:
        raise BadRequest(str(error)) from error
    return Look(viewer, here.scope, here.period, here.at, by, filters, here.as_of, here.known_at)


def _behind(
    request: HttpRequest, look: Look, expectations: Expectations
) -> tuple[Any, list[Behind]]:
    line, step = request.GET.get("line", ""), request.GET.get("step", "")
    if line in READERS:
        return HEADS[line], behind(line, look.of_period, expectations)
    if step in STEPS:
        steps = Reconciliation(look.of_period, expectations).steps
        return STEPS[step], next(each.rows for each in steps if each.key == step)
    raise Http404


def _figures(row: TableRow, request: HttpRequest, look: Look) -> list[Figure]:
    return [
        Figure(
            _money(row.figure(column)),
            _row_of(row, request, look, line=column) if column in READERS else "",
            is_zero=row.figure(column) == 0,
        )
        for column in COLUMNS
    ]


def _row_of(row: TableRow, request: HttpRequest, look: Look, *, line: str) -> str:
    part = {"period": row.key} if look.by in BY_TIME else {look.by: row.key}
    return _with(request, at="forecasting:revenue-rows", line=line, page="", **part)


def _opened(row: TableRow, request: HttpRequest, look: Look) -> str:
    """Where a bar leads: to its period, or its part over time."""
    if look.by in BY_TIME:
        return _with(request, period=row.key, page="")
    return _with(request, by="month", page="", **{look.by: row.key})


def _step_url(request: HttpRequest, step: str) -> str:
    return _with(request, at="forecasting:revenue-rows", step=step, by="", page="")


def _row_url(each: Shown) -> str:
    view = "pipeline:deal" if each.is_deal else "forecasting:revenue-contract"
    return reverse(view, args=[each.id])


def _only(request: HttpRequest, look: Look) -> list[tuple[str, str]]:
    """What the look is narrowed to, and the address without it."""
    return [
        (names_of(name, [value])[value], _with(request, without=name, page=""))
        for name, value in look.filters
    ]


def _with(
    request: HttpRequest, *, at: str = "forecasting:revenue", without: str = "", **changes: str
) -> str:
    """The page with another choice; an empty one is left out, but for a part that is not known."""
    query = {name: str(text) for name, text in request.GET.items() if name != without}
    query.pop("export", None)
    merged = {**query, **changes}
    kept = {name: text for name, text in merged.items() if text or name in DIMENSIONS}
    return f"{reverse(at)}?{urlencode(kept)}"


def _money(value: Decimal | None, *, short: bool = True) -> str:
    style = style_here()
    known = None if value is None or value.is_nan() else value
    return write(known, Unit.MONEY, language=style.language, currency=style.currency, short=short)


def _own(found: Contract, value: Decimal) -> str:
    """In the contract's own currency."""
    language = style_here().language
    return write(value, Unit.MONEY, language=language, currency=found.currency, short=False)
