"""Pages of the KPI explorer: the catalog, one KPI, its table as a file, the reference."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboards.doing import alert_url, goal_url
from dashboards.explorer import crossings, tables
from dashboards.explorer.catalog import (
    definitions,
    other_kpis,
    saved_links,
    step_with_values,
    steps,
)
from dashboards.explorer.controls import controls
from dashboards.explorer.notes import why_not
from dashboards.explorer.opening import Opened, asked, open_figure
from dashboards.explorer.pictures import picture
from dashboards.look import look
from dashboards.trends import trend as months
from kpis.questions import BadQuestion
from kpis.registry import all_kpis
from pipeline.exports import FORMATS, export


@require_safe
def catalog(request: HttpRequest) -> HttpResponse:
    """Every KPI by step of the customer's way; each step brings its values by itself."""
    here = look(request)
    context = {"steps": steps(here), "saved": saved_links(here)}
    return render(request, "explorer/list.html", context)


@require_safe
def step(request: HttpRequest, key: str) -> HttpResponse:
    """One step of that list, with values for the bar's scope and period."""
    found = step_with_values(look(request), key)
    if found is None:
        raise Http404
    return render(request, "explorer/step.html", {"step": found})


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Every definition, to read and to print."""
    return render(request, "explorer/reference.html", {"steps": definitions(look(request))})


@require_safe
def kpi(request: HttpRequest, key: str) -> HttpResponse:
    """One KPI as its query string asks: chart, table, definition, and the rows behind it."""
    page = _opened(request, key)
    context = {
        "page": page,
        "explained": page.explained,
        "controls": controls(page),
        "card": picture(page),
        "table": crossings.table(page) if page.question.grain else tables.table(page),
        "why_not": why_not(page.answer),
        "table_csv": _file_url(page, "csv"),
        "table_xlsx": _file_url(page, "xlsx"),
        "others": other_kpis(page.look),
        "saved": saved_links(page.look, key),
        "alert_url": alert_url(page.question, page.look),
        "new_goal_url": goal_url(page.question, page.look),
        "save_url": f"{reverse('explorer:save', args=[key])}?{urlencode(page.state)}",
    }
    return render(request, "explorer/kpi.html", context)


@require_safe
def trend(request: HttpRequest, key: str) -> HttpResponse:
    """The months of a figure, which its page and its explanation ask for when they are there."""
    here = look(request)
    if key not in all_kpis():
        raise Http404
    try:
        question = replace(asked(key, here), by="", grain="")
        shown = months(question, here)
    except BadQuestion as error:
        raise BadRequest(str(error)) from error
    if shown is None:
        raise Http404
    return render(request, "components/chart_card.html", {"shown": shown})


@require_safe
def table(request: HttpRequest, key: str) -> HttpResponseBase:
    """The table of the same page as a file."""
    page = _opened(request, key)
    file_format = request.GET.get("format", "csv")
    if file_format not in FORMATS:
        raise BadRequest(_("Use one of: %(choices)s.") % {"choices": ", ".join(FORMATS)})
    question = page.question
    name = f"{key}-{question.period.code.replace('..', '_')}"
    name += "".join(f"-by-{by}" for by in (question.by, question.grain) if by)
    header, lines = tables.header(page), tables.lines(page)
    if question.grain:
        header, lines = crossings.header(page), crossings.lines(page)
    return export(name, header, lines, file_format=file_format)


def _opened(request: HttpRequest, key: str) -> Opened:
    if key not in all_kpis():
        raise Http404
    try:
        return open_figure(key, look(request))
    except BadQuestion as error:
        raise BadRequest(str(error)) from error


def _file_url(page: Opened, file_format: str) -> str:
    address = reverse("explorer:table", args=[page.answer.kpi.key])
    return f"{address}?{urlencode({**page.state, 'format': file_format})}"
