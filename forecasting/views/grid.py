"""The forecast's page: the grid of a scope, the periods to come, and one's own to submit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.scope import ScopeKind, reach
from forecasting.asking import Asked, all_periods
from forecasting.grid import CUMULATIVE, MODES, SINGLE, Grid, finding_of
from forecasting.members import Members
from forecasting.views.asking import asked_by, style_here
from forecasting.views.cell import of_person
from periods.labels import label

FACTS = "deal rate stage target submission adjustment membership team deadline"
MODE_LABELS = {CUMULATIVE: gettext_lazy("Cumulative"), SINGLE: gettext_lazy("By category")}


@dataclass(frozen=True)
class Tab:
    """A period, with its commit forecast."""

    label: str
    url: str
    current: bool
    figure: str


@require_safe
def forecast(request: HttpRequest) -> HttpResponse:
    """The grid of the chosen scope; its panel alone where the page asks for it again."""
    context = grid_context(request)
    inner = "HX-Request" in request.headers
    template = "forecasting/grid_panel.html" if inner else "forecasting/grid.html"
    return render(request, template, context)


def grid_context(request: HttpRequest) -> dict[str, Any]:
    """Everything that the grid's templates show."""
    asked, style = asked_by(request), style_here()
    mode = request.GET.get("mode", CUMULATIVE)
    mode = mode if mode in MODES else CUMULATIVE
    found = all_periods(asked)
    grids = [Grid(asked, each, style, mode) for each in found]
    shown = next(grid for grid in grids if grid.found.period == asked.period)
    whole, *rows = shown.rows()
    is_person = asked.scope.kind is ScopeKind.USER
    return {
        "grid": shown,
        "whole": whole,
        "rows": [] if is_person and len(rows) < 2 else rows,
        "tabs": [_tab(grid, asked, request) for grid in grids],
        "modes": [(MODE_LABELS[each], _with(request, mode=each), each == mode) for each in MODES],
        "crumbs": _crumbs(asked, request),
        "finding": finding_of(shown),
        "changes_url": changes_url(asked),
        "is_person": is_person,
        **(of_person(asked) if is_person else {}),
        "facts": FACTS,
        **_files(asked, mode),
    }


def changes_url(asked: Asked) -> str:
    """Where the line about the last week is read."""
    query = {"scope": asked.scope.code, "period": asked.period.code}
    if asked.as_of:
        query["as_of"] = asked.as_of.isoformat()
    if asked.structure:
        query["structure"] = asked.structure
    return f"{reverse('forecasting:changes-line')}?{urlencode(query)}"


def _tab(grid: Grid, asked: Asked, request: HttpRequest) -> Tab:
    period, root = grid.found.period, grid.found.forest.root
    return Tab(
        label(period, grid.style.language),
        _with(request, period=period.code),
        period == asked.period,
        grid.money(grid.found.calls.of(root).commit.base),
    )


def _with(request: HttpRequest, **changes: str) -> str:
    """This page with another choice."""
    query = {name: str(text) for name, text in request.GET.items()}
    return f"{reverse('forecasting:forecast')}?{urlencode({**query, **changes})}"


def _crumbs(asked: Asked, request: HttpRequest) -> list[tuple[str, str]]:
    """The scopes above, as far as the viewer sees them."""
    mine, tree = reach(asked.viewer), asked.tree
    above = tree.teams.get(asked.scope.id) if asked.scope.kind is ScopeKind.TEAM else None
    team = above.parent_id if above else None
    if asked.scope.kind is ScopeKind.USER and asked.scope.id != asked.viewer.pk:
        team = _home(asked)
    found: list[tuple[str, str]] = []
    while team is not None and (mine.everything or team in mine.team_ids):
        slug = tree.teams[team].slug
        found.append((tree.teams[team].name, _with(request, scope=f"team:{slug}")))
        team = tree.teams[team].parent_id
    if mine.everything and asked.scope.kind is not ScopeKind.COMPANY:
        found.append((_("Whole company"), _with(request, scope="company")))
    return found[::-1]


def _home(asked: Asked) -> int | None:
    day = asked.reading(asked.period).day
    return Members.of(asked.scope, day).homes.get(asked.scope.id)


def _files(asked: Asked, mode: str) -> dict[str, str]:
    query = {"scope": asked.scope.code, "period": asked.period.code, "mode": mode}
    if asked.as_of:
        query["as_of"] = asked.as_of.isoformat()
    return {
        f"{kind}_url": f"{reverse('forecast')}?{urlencode({**query, 'format': kind})}"
        for kind in ("csv", "xlsx")
    }
