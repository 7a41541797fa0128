"""The page that plays with rates: levers, the outcomes under them, and what closes the gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.selection import selection
from forecasting.models import Scenario
from forecasting.views.asking import style_here
from forecasting.whatif.asking import Asked, what_if
from forecasting.whatif.forms import LeverForm
from forecasting.whatif.levers import LEAST, MOST, NAMES, TODAY, Levers
from forecasting.whatif.shown import LABELS, Shown, card, sentences, table
from pipeline.exports import FORMATS, export
from pipeline.forms.editing import without_zeros
from pipeline.views.asking import viewer_of


@dataclass(frozen=True)
class Slider:
    """A lever as the page shows it."""

    name: str
    label: Any
    value: str
    said: str


@require_safe
def page(request: HttpRequest) -> HttpResponseBase:
    """The outcomes of the chosen scope and period under the levers of the address."""
    form = LeverForm(request.GET)
    levers = form.levers
    shown = Shown(asked_by(request), what_if(asked_by(request), levers), style_here())
    if request.GET.get("format") in FORMATS and shown.found.scenes:
        header, rows = table(shown, [_("Scenario")])
        return export("what-if", header, rows, file_format=request.GET["format"])
    inner = "HX-Request" in request.headers
    template = "forecasting/what_if_result.html" if inner else "forecasting/what_if.html"
    context = _context(request, shown, form, levers)
    response = render(request, template, context)
    if inner:
        response["HX-Replace-Url"] = address(request, levers, **context["opened_by"])
    return response


def asked_by(request: HttpRequest) -> Asked:
    """Whose period the page's address names."""
    here = selection(request)
    return Asked(viewer_of(request), here.scope, here.period, here.at, here.as_of)


def address(request: HttpRequest, levers: Levers, name: str = "what-if", **more: str) -> str:
    """A page of what-if in this state: only levers that are moved are told."""
    query = dict(selection(request).stated) | as_told(levers) | more
    path = reverse(f"forecasting:{name}")
    return f"{path}?{urlencode(query)}" if query else path


def as_told(levers: Levers) -> dict[str, str]:
    """The moved levers as an address tells them."""
    return {name: str(without_zeros(percent)) for name, percent in levers.moved.items()}


def _context(request: HttpRequest, shown: Shown, form: LeverForm, levers: Levers) -> dict[str, Any]:
    viewer = viewer_of(request)
    scenarios = Scenario.objects.visible_to(viewer).for_listing()
    opened = scenarios.filter(pk=_number(request.GET.get("scenario", ""))).first()
    kept = {"scenario": str(opened.pk)} if opened else {}
    return {
        "card": card(shown),
        "sentences": sentences(shown),
        "problems": form.problems,
        "sliders": [_slider(name, form, shown) for name in NAMES],
        "bounds": {"least": LEAST, "most": MOST},
        "opened_by": kept,
        "kept": [*selection(request).stated, *kept.items()],
        "scenarios": [(each, each.owner_id == viewer.pk) for each in scenarios],
        "opened": opened if opened and opened.owner_id == viewer.pk else None,
        "save_url": address(request, levers, "scenario-new"),
        "edit_query": urlencode(as_told(levers) | {"moved": "1"}),
        "reset_url": address(request, Levers()),
        "is_moved": bool(levers.moved),
        "csv_url": address(request, levers, format="csv"),
        "xlsx_url": address(request, levers, format="xlsx"),
        "inner": "HX-Request" in request.headers,
        "here": "what-if",
    }


def _slider(name: str, form: LeverForm, shown: Shown) -> Slider:
    typed = form[name].value()
    value = str(typed if typed not in (None, "") else TODAY)
    return Slider(name, LABELS[name], value, shown.said(name))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
