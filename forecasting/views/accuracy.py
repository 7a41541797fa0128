"""The page that says how right forecasts have been."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Company
from accounts.scope import ScopeKind
from accounts.selection import Selection, selection
from charts.data import Style
from charts.numbers import Unit, write
from forecasting.accuracy.horizons import Horizon
from forecasting.accuracy.scores import Score
from forecasting.accuracy.table import Accuracy, By, Method, accuracy
from forecasting.verdict import NAMES, percent, verdict_words
from periods import Grain, Period
from periods.labels import label

_HORIZONS: dict[str, Any] = {
    Horizon.START: gettext_lazy("Start"),
    Horizon.MIDDLE: gettext_lazy("Half-way"),
    Horizon.MINUS14: gettext_lazy("14 days before end"),
}
_BYS: dict[str, Any] = {
    By.TEAM: gettext_lazy("By team"),
    By.REP: gettext_lazy("By rep"),
    By.WHOLE: gettext_lazy("As a whole"),
}


@dataclass(frozen=True)
class Choice:
    """One knob of a switch."""

    label: Any
    url: str
    current: bool


@dataclass(frozen=True)
class Line:
    """A method's score, written."""

    name: Any
    cells: list[str]
    is_model: bool = False


@dataclass(frozen=True)
class Part:
    """A part's errors by method, each with its bias, written."""

    name: Any
    cells: list[tuple[str, str]]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every method's bias and error at a horizon, by method, quarter and node."""
    here = selection(request)
    style = Style(get_language() or "en", Company.current().currency)
    horizon = _chosen(request, "horizon", tuple(Horizon))
    by = _chosen(request, "by", tuple(By))
    found = accuracy(Horizon(horizon), here.scope, By(by))
    context = {
        "skill": verdict_words(found, style),
        "methods": _methods(found, style),
        "quarters": _parts(found.split(lambda row: row.start), style, _quarter_name),
        "nodes": _nodes(found, style),
        "names": [NAMES[method] for method in Method],
        "horizons": _choices(here, "horizon", _HORIZONS, horizon, {"by": by}),
        "bys": _choices(here, "by", _BYS, by, {"horizon": horizon}),
        "is_person": here.scope.kind is ScopeKind.USER,
        "count": found.quarters,
        "here": "accuracy",
    }
    return render(request, "forecasting/accuracy.html", context)


def _chosen(request: HttpRequest, name: str, choices: tuple[str, ...]) -> str:
    value = request.GET.get(name) or choices[0]
    if value not in choices:
        offered = ", ".join(choices)
        raise BadRequest(_("Use one of: %(choices)s.") % {"choices": offered})
    return value


def _choices(
    here: Selection, name: str, labels: Mapping[str, Any], chosen: str, others: dict[str, str]
) -> list[Choice]:
    stated = dict(here.stated) | others
    return [
        Choice(text, f"?{urlencode(stated | {name: key})}", key == chosen)
        for key, text in labels.items()
    ]


def _methods(found: Accuracy, style: Style) -> list[Line]:
    return [
        Line(NAMES[method], _score(score, style), method is Method.MODEL)
        for method, score in found.scores.items()
    ]


def _score(score: Score, style: Style) -> list[str]:
    error, bias = _missed(score, style)
    return [error, bias, percent(score.coverage, style), str(score.cases)]


def _missed(score: Score, style: Style) -> tuple[str, str]:
    """How far off it was in all, and to which side."""
    bias = write(
        score.bias,
        Unit.PERCENT,
        language=style.language,
        currency="",
        places=0,
        signed=True,
    )
    return percent(score.wape, style), bias


def _quarter_name(start: Any, style: Style) -> str:
    calendar = Company.current().calendar
    return label(Period.containing(start, Grain.QUARTER, calendar), style.language)


def _nodes(found: Accuracy, style: Style) -> list[Part]:
    if found.by is By.WHOLE:
        return []
    split = found.split(lambda row: row.user or row.team)
    return _parts(split, style, lambda node, _style: str(node))


def _parts(split: Mapping[Any, Mapping[Method, Score]], style: Style, name: Any) -> list[Part]:
    return [
        Part(name(key, style), [_missed(score, style) for score in scores.values()])
        for key, scores in split.items()
    ]
