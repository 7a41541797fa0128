"""The lines of tiles that take longer than the rest of a page."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from dashboards.look import Look, look
from dashboards.panels.tiles import is_slow, spark
from dashboards.trends import months_of
from kpis.evaluate import answer
from kpis.registry import all_kpis


@require_safe
def sparks(request: HttpRequest) -> HttpResponse:
    """Each to be put in its place: `?kpi=open_pipeline&kpi=…`."""
    drawn = lines(look(request), request.GET.getlist("kpi"))
    return render(request, "dashboards/sparks.html", {"sparks": drawn})


def lines(look: Look, keys: Sequence[str]) -> list[tuple[str, SafeString | str]]:
    """By KPI, from one statement; those that a viewer may not see are left out."""
    slow = [key for key in keys if key in all_kpis() and look.sees(key) and is_slow(key)]
    asked = [months_of(look.question(key)) for key in slow]
    found = answer(asked, viewer=look.viewer, at=look.at) if asked else []
    return [(each.kpi.key, spark(each)) for each in found]
