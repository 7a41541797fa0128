"""The deals behind one bar of the pipeline's waterfall, as a page."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from charts.numbers import Unit, write
from dashboards.links import page_url
from dashboards.look import Look, look
from dashboards.panels.changes import deals_url, past_of, window_of
from dashboards.rows import Cell
from dashboards.wording import exact
from periods.labels import label
from pipeline.waterfall import LABELS, Moved, Step, deals_behind, waterfall

PAGE = 20


@dataclass(frozen=True)
class Chip:
    """Another bar."""

    label: Any
    url: str
    current: bool
    value: str


@require_safe
def moved(request: HttpRequest, step: str) -> HttpResponse:
    """One bar, opened: its deals, what each brought in, and the other bars to go to."""
    if step not in tuple(Step):
        raise Http404
    here, chosen = look(request), Step(step)
    window = window_of(here)
    bars = {bar.step: bar for bar in waterfall(window).bars}
    rows = deals_behind(window, chosen)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "name": LABELS[chosen],
        "period": label(window.closing, here.style.language),
        "scope": window.scope.label,
        "total": exact(bars[chosen].value, Unit.MONEY, here.style),
        "chips": [
            Chip(
                LABELS[bar.step],
                deals_url(bar.step, here),
                bar.step is chosen,
                exact(bar.value, Unit.MONEY, here.style),
            )
            for bar in bars.values()
            if bar.deals or bar.step is chosen
        ],
        "rows": [_cells(each, here) for each in page],
        "page": page,
        "window": window,
        **_files(chosen, here),
    }
    return render(request, "dashboards/moved.html", context)


def _files(step: Step, look: Look) -> dict[str, str]:
    here = {"scope": look.scope.code, "closing": look.period.code, **past_of(look)}
    query = {**here, "step": step.value}
    address = reverse("waterfall-records")
    return {
        f"{name}_url": f"{address}?{urlencode({**query, 'format': name})}"
        for name in ("csv", "xlsx")
    }


def _cells(moved: Moved, look: Look) -> list[Cell]:
    money = [
        Cell(_money(amount, moved.currency, look), is_figure=True)
        for amount in (moved.amount_before, moved.amount_after)
    ]
    url = page_url("pipeline:deal", moved.deal) if moved.name else ""
    return [
        Cell(moved.name or _("Deleted deal %(id)s") % {"id": moved.deal}, url=url),
        Cell(moved.customer or ""),
        Cell(moved.owner or ""),
        *money,
        Cell(exact(moved.contribution, Unit.MONEY, look.style), is_figure=True),
    ]


def _money(amount: Decimal | None, currency: str, look: Look) -> str:
    return write(amount, Unit.MONEY, language=look.style.language, currency=currency, short=False)
