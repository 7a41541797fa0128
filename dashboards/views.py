"""Pages that role homes are served by; what they show is the panels' business."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboards.homes import home_of
from dashboards.look import look
from dashboards.panel import draw


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The viewer's home, all its figures from one batch of questions."""
    here = look(request)
    headline, *panels = draw(home_of(here).panels, here)
    context = {"headline": headline, "panels": panels}
    return render(request, "dashboards/home.html", context)


@require_safe
def panel(request: HttpRequest, key: str) -> HttpResponse:
    """One panel of the viewer's home, by itself."""
    here = look(request)
    found = home_of(here).panel(key)
    if found is None:
        raise Http404
    (drawn,) = draw([found], here)
    return render(request, "components/panel.html", {"panel": drawn})
