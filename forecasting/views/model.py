"""The page of the model forecast."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.models import Company
from accounts.scope import ScopeKind, visible_teams
from accounts.selection import Selection, selection
from charts.data import Style
from charts.numbers import Unit, write
from forecasting.accuracy.horizons import Horizon
from forecasting.accuracy.table import By, accuracy
from forecasting.landing import View, in_words, landing_card, share
from forecasting.model.deals import Weighed, weighed
from forecasting.model.told import told
from forecasting.models import ModelFigure
from forecasting.verdict import verdict_words
from pipeline.views.asking import viewer_of

PAGE = 50


@dataclass(frozen=True)
class TeamRow:
    """A team's landing, written."""

    name: str
    code: str
    booked: str
    low: str
    middle: str
    high: str
    target: str
    chance: str


@dataclass(frozen=True)
class DealRow:
    """A deal with its chance, written."""

    deal: Any
    chance: str
    worth: str
    expected: str
    reasons: list[Any]
    flags: list[Any]


@require_safe
def model(request: HttpRequest) -> HttpResponse:
    """Where the period lands, by team, and the chances of its deals."""
    viewer, here = viewer_of(request), selection(request)
    style = Style(get_language() or "en", Company.current().currency)
    found = told(here.scope, here.period, at=here.at)
    view = View(viewer, found, here.at, style)
    deals: list[Weighed] = []
    if found.run is not None and found.run.is_enough:
        deals = weighed(found.run, here.scope, here.period, viewer=viewer, at=here.at)
    page = Paginator(deals, PAGE).get_page(request.GET.get("page"))
    context = {
        "card": landing_card(view),
        "skill": verdict_words(accuracy(Horizon.START, here.scope, By.TEAM), style),
        "teams": _teams(view, here),
        "deals": [_row(each, view) for each in page],
        "page": page,
        "most": len(deals),
        "here": "model",
    }
    return render(request, "forecasting/model.html", context)


def _teams(view: View, here: Selection) -> list[TeamRow]:
    """The teams of the scope that the viewer sees, in the tree's order."""
    run = view.told.run
    if run is None or here.scope.kind is ScopeKind.USER:
        return []
    figures = {
        figure.team_id: figure for figure in run.figures.filter(team__isnull=False, user=None)
    }
    inside = here.scope.team_ids if here.scope.kind is ScopeKind.TEAM else None
    return [
        _team(team.name, f"team:{team.slug}", figures[team.pk], view)
        for team in visible_teams(view.viewer)
        if team.pk in figures and team.pk != here.scope.id
        if inside is None or team.pk in inside
    ]


def _team(name: str, code: str, figure: ModelFigure, view: View) -> TeamRow:
    chance = "–"
    if figure.chance is not None:
        chance = f"{share(figure.chance, view.style)} · {in_words(figure.chance)}"
    return TeamRow(
        name,
        code,
        booked=view.money(figure.booked),
        low=view.money(figure.p10),
        middle=view.money(figure.p50),
        high=view.money(figure.p90),
        target=view.money(figure.target),
        chance=chance,
    )


def _row(each: Weighed, view: View) -> DealRow:
    return DealRow(
        deal=each.deal,
        chance=share(Decimal(each.chance), view.style),
        worth=_money(each.worth, view),
        expected=_money(each.expected if each.worth is not None else None, view),
        reasons=each.reasons,
        flags=each.flags,
    )


def _money(value: float | None, view: View) -> str:
    amount = None if value is None else Decimal(round(value))
    style = view.style
    return write(amount, Unit.MONEY, language=style.language, currency=style.currency)
