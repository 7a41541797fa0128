"""The catalog for people: every KPI with its present value, and every definition on paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.explorer.words import KINDS, SPLITS
from dashboards.look import Look
from dashboards.panels.tiles import Tile, tile
from kpis.declarations import Basis, Kpi
from kpis.evaluate import answer
from kpis.journeys import JOURNEYS
from kpis.models import SavedView
from kpis.questions import DIMENSIONS
from kpis.registry import all_kpis


@dataclass(frozen=True)
class Entry:
    """A KPI of the list: the address of its page and, once it is worked out, its tile's words."""

    kpi: Kpi
    url: str
    tile: Tile | None = None


@dataclass(frozen=True)
class Step:
    """The KPIs of one step on the customer's way."""

    key: str
    label: Any
    entries: list[Any]
    facts: str = ""


@dataclass(frozen=True)
class Definition:
    """A KPI as the reference prints it."""

    kpi: Kpi
    better: str
    behaviour: Any
    bases: list[tuple[Basis, str]]
    address: str


@dataclass(frozen=True)
class SavedLink:
    """A saved view of the list; its address keeps to what the viewer may see."""

    view: SavedView
    kpi: Any
    url: str
    is_mine: bool


def steps(look: Look) -> list[Step]:
    """Every KPI that the viewer may see, without values: those take a statement a step."""
    return _steps([(kpi, Entry(kpi, kpi_url(kpi.key, look))) for kpi in _seen(look)])


def step_with_values(look: Look, key: str) -> Step | None:
    """The KPIs of one step with their values; None where the viewer sees none."""
    found = next((step for step in steps(look) if step.key == key), None)
    if found is None:
        return None
    asked = [look.question(entry.kpi.key, compare=look.compare) for entry in found.entries]
    answers = answer(asked, viewer=look.viewer, at=look.at)
    entries = [
        replace(entry, tile=tile(each, None, look))
        for entry, each in zip(found.entries, answers, strict=True)
    ]
    facts = set[str]().union(*(question.facts for question in asked))
    return replace(found, entries=entries, facts=" ".join(sorted(facts)))


def definitions(look: Look) -> list[Step]:
    """The definition of every KPI that the viewer may see."""
    return _steps([(kpi, _definition(kpi)) for kpi in _seen(look)])


def other_kpis(look: Look) -> list[Step]:
    """Label and address of every KPI, for going from one to another."""
    return _steps([(kpi, (kpi.label, kpi_url(kpi.key, look))) for kpi in _seen(look)])


def kpi_url(key: str, look: Look) -> str:
    """A KPI's page for the bar's scope, period and comparison."""
    return reverse("explorer:kpi", args=[key]) + look.selection.query()


def saved_links(look: Look, kpi: str = "") -> list[SavedLink]:
    """The views that the viewer may open, of one KPI or of all."""
    views = SavedView.objects.visible_to(look.viewer).for_listing()
    if kpi:
        views = views.filter(kpi=kpi)
    kpis = all_kpis()
    return [
        SavedLink(view, kpis[view.kpi].label, _opens(view), view.owner_id == look.viewer.pk)
        for view in views
        if view.kpi in kpis
    ]


def _opens(view: SavedView) -> str:
    return reverse("explorer:view", args=[view.pk])


def _seen(look: Look) -> list[Kpi]:
    return [kpi for kpi in all_kpis().values() if look.sees(kpi.key)]


def _steps(entries: list[tuple[Kpi, Any]]) -> list[Step]:
    """By step, in its order on the customer's way."""
    found = [
        Step(step.value, words, [each for kpi, each in entries if kpi.journey is step])
        for step, words in JOURNEYS.items()
    ]
    return [step for step in found if step.entries]


def _definition(kpi: Kpi) -> Definition:
    period = urlencode({"period": "this-quarter"})
    return Definition(
        kpi=kpi,
        better=_("Higher is better") if kpi.up_is_good else _("Lower is better"),
        behaviour=KINDS[kpi.kind],
        bases=[(basis, _splits(basis)) for basis in kpi.bases],
        address=f"GET {reverse('kpi', args=[kpi.key])}?{period}",
    )


def _splits(basis: Basis) -> str:
    names = [str(SPLITS[name]) for name in DIMENSIONS if name in basis.dimensions]
    return ", ".join(names)
