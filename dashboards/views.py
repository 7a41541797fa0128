"""Pages that role homes are served by; what they show is the panels' business."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from dashboards import cohorts as tables
from dashboards import explain as explanation
from dashboards.doing import alert_url, goal_url
from dashboards.goals.comments import thread
from dashboards.homes import home_of
from dashboards.kept import kept
from dashboards.look import Look, look
from dashboards.panel import draw
from kpis.parameters import question_from
from kpis.questions import BadQuestion, Question
from kpis.registry import all_kpis


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The viewer's home, its figures from one batch of questions; slow panels come later."""
    here = look(request)
    title, head, grid = map(mark_safe, kept(here, lambda: _home_of(here)))
    return render(request, "dashboards/home.html", {"title": title, "head": head, "grid": grid})


def _home_of(here: Look) -> tuple[str, str, str]:
    """The title, head and grid of a home, in HTML."""
    placed = [(panel.later if panel.is_slow else panel, here) for panel in home_of(here).panels]
    headline, *panels = draw(placed, here)
    head = render_to_string("components/panel.html", {"panel": headline})
    grid = render_to_string("dashboards/home_panels.html", {"panels": panels})
    return escape(headline.shown.title), head, grid


@require_safe
def panel(request: HttpRequest, key: str) -> HttpResponse:
    """One panel of the viewer's home, by itself."""
    here = look(request)
    found = home_of(here).panel(key)
    if found is None:
        raise Http404
    (drawn,) = draw([(found, here)], here)
    return render(request, "components/panel.html", {"panel": drawn})


@require_safe
def panels(request: HttpRequest) -> HttpResponse:
    """Panels of the viewer's home, each to be put in its place: `?panel=trend?by=week&panel=…`.

    Each is named with its own choices; scope and period are the page's, stated once.
    """
    here = look(request)
    home, placed = home_of(here), []
    for address in request.GET.getlist("panel"):
        key, _, choices = address.partition("?")
        found = home.panel(key)
        if found is None:
            raise Http404
        placed.append((found, replace(here, choices=QueryDict(choices).dict())))
    drawn = draw(placed, here)
    return render(request, "dashboards/panels.html", {"panels": drawn})


@require_safe
def cohorts(request: HttpRequest) -> HttpResponse:
    """What became of those who entered in each month."""
    try:
        shown = tables.shown(look(request))
    except BadQuestion as error:
        raise BadRequest(str(error)) from error
    return render(request, "dashboards/cohorts.html", {"shown": shown})


@require_safe
def explain(request: HttpRequest, key: str) -> HttpResponse:
    """One figure, opened: beside the page when a script asks, else on a page of its own."""
    here = look(request)
    if key not in all_kpis():
        raise Http404
    try:
        question = _question(key, here)
        context = {"explained": explanation.explain(question, here)}
    except BadQuestion as error:
        raise BadRequest(str(error)) from error
    context |= _around(question, here)
    beside = request.headers.get("HX-Request") == "true"
    template = "dashboards/explain_body.html" if beside else "dashboards/explain.html"
    return render(request, template, context)


def _around(question: Question, here: Look) -> dict[str, Any]:
    """What was said about the figure, and what may be done about it."""
    scope, period, filters = question.scope, question.period, dict(question.filters)
    said = thread(here, scope, period, question.kpi, filters)
    doing = {"alert_url": alert_url(question, here), "new_goal_url": goal_url(question, here)}
    return {"thread": said, **doing}


def _question(key: str, here: Look) -> Question:
    parameters = {**here.choices, "compare": here.compare}
    return question_from(key, parameters, viewer=here.viewer, at=here.at)
