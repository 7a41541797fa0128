"""The forecast on the homes: the grid of a lead's team, and what a rep is to submit."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from dashboards.look import Look
from dashboards.panel import Panel
from forecasting.asking import Asked
from forecasting.cells import opened
from forecasting.forecasts import forecast as forecast_of
from forecasting.grid import CUMULATIVE, Grid, finding_of
from forecasting.rights import is_called
from forecasting.views.grid import changes_url
from kpis.questions import Answer

FACTS = (
    "deal",
    "rate",
    "stage",
    "target",
    "submission",
    "adjustment",
    "membership",
    "team",
    "deadline",
)


def forecast(css: str) -> Panel:
    """The members of a scope as rows: target, closed, commit, best case, gap, last change."""
    return Panel(
        "forecast", show=_grid, template="dashboards/panels/forecast.html", css=css, facts=FACTS
    )


def my_forecast(css: str) -> Panel:
    """A person's own figures, and whether they are still to submit them."""
    template = "dashboards/panels/my_forecast.html"
    return Panel("my-forecast", show=_own, template=template, css=css, facts=FACTS)


def asked_by(look: Look) -> Asked:
    """The forecast of what a look is about."""
    return Asked(
        viewer=look.viewer,
        scope=look.scope,
        period=look.period,
        at=look.at,
        as_of=look.selection.as_of,
        structure=look.selection.structure,
    )


def _grid(look: Look, _answers: list[Answer]) -> dict[str, Any]:
    asked = asked_by(look)
    found = forecast_of(asked.reading(asked.period), asked.tree, everybody=True)
    grid = Grid(asked, found, look.style, CUMULATIVE)
    whole, *rows = grid.rows()
    return {
        "grid": grid,
        "whole": whole,
        "rows": rows,
        "finding": finding_of(grid),
        "page_url": _page(look),
        "changes_url": changes_url(asked),
    }


def _own(look: Look, _answers: list[Answer]) -> dict[str, Any]:
    asked = asked_by(look)
    found = opened(asked)
    grid = Grid(asked, found.found, look.style, CUMULATIVE)
    whole = grid.rows()[0]
    called = found.called
    duty = grid.duties.get(look.viewer.pk)
    return {
        "due": "" if duty is None or duty.is_done else duty.in_words(look.at),
        "is_late": duty is not None and duty.missed is not None,
        "whole": whole,
        "finding": finding_of(grid),
        "submission": called.submission,
        "may_submit": found.may_submit,
        "is_called": is_called(look.period, look.at),
        "commit": grid.money(called.commit.base),
        "best_case": grid.money(called.best_case.base),
        "adjusted": [
            (cell.head.label, grid.money(figure.adjusted), figure.adjustment)
            for cell in whole.cells
            if cell.head.column and (figure := called.of(cell.head.column)).adjusted is not None
        ],
        "page_url": _page(look),
    }


def _page(look: Look) -> str:
    query = {"scope": look.scope.code, "period": look.selection.period_code}
    if look.selection.as_of:
        query["as_of"] = look.choices.get("as_of", "")
    return f"{reverse('forecasting:forecast')}?{urlencode(query)}"
