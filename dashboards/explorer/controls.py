"""The choices of a KPI's page: only those that its declaration can answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from charts.data import Style
from dashboards.explorer.opening import Opened
from dashboards.explorer.values import Values
from dashboards.explorer.words import CONTROLS, SPLITS
from kpis.declarations import Kind
from kpis.questions import DIMENSIONS, GRAINS, LONGEST_CROSSING, LONGEST_SPLIT, Question
from kpis.registry import all_kpis
from periods import Grain
from periods.labels import named_label

CLOSING = ("this-month", "next-month", "this-quarter", "next-quarter", "this-year")


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    current: bool


@dataclass(frozen=True)
class Control:
    """A <select>; `name` is the query parameter that it sets."""

    name: str
    label: Any
    options: list[Option]

    @property
    def is_set(self) -> bool:
        return any(option.current and option.value for option in self.options)


@dataclass(frozen=True)
class Controls:
    """How the figure is parted and worked out, what it keeps to, and what else stays."""

    shape: list[Control]
    filters: list[Control]
    kept: list[tuple[str, str]]

    @property
    def are_filters_set(self) -> bool:
        return any(control.is_set for control in self.filters)


def controls(page: Opened) -> Controls:
    """The page's choices, as they are set."""
    question = page.question
    shape = list(_shape(page))
    filters = list(_filters(question, page.look.viewer))
    offered = {control.name for control in (*shape, *filters)}
    kept = [(name, value) for name, value in page.state.items() if name not in offered]
    return Controls(shape, filters, kept)


def _shape(page: Opened) -> Iterator[Control]:
    question, style = page.question, page.look.style
    yield _control("by", [("", _("No split")), *_splits(question)], question.by)
    if question.by in DIMENSIONS:
        yield _control(
            "grain", [("", _("The period as a whole")), *_grains(question)], question.grain
        )
    bases = question.declared.bases
    if len(bases) > 1:
        named = [(basis.key, basis.label) for basis in bases]
        yield _control("basis", named, page.answer.basis.key)
    if question.declared.of_other:
        yield _control("of", _with_targets(page), question.of)
    if question.measured.kind is Kind.STOCK:
        yield _control("closing", _closing(style), page.look.choices.get("closing", ""))


def _splits(question: Question) -> Iterator[tuple[str, Any]]:
    dimensions = question.declared_basis.dimensions
    for name, label in SPLITS.items():
        if name in dimensions or (name in GRAINS and _fits(question, Grain(name), LONGEST_SPLIT)):
            yield name, label


def _grains(question: Question) -> Iterator[tuple[str, Any]]:
    for name in GRAINS:
        if _fits(question, Grain(name), LONGEST_CROSSING):
            yield name, SPLITS[name]


def _fits(question: Question, grain: Grain, most: int) -> bool:
    """Whether the period has more than one part of this length, and not too many."""
    return 1 < len(question.period.split(grain)) <= most


def _with_targets(page: Opened) -> Iterator[tuple[str, Any]]:
    for kpi in all_kpis().values():
        if not kpi.of_other and page.look.sees(kpi.key):
            yield kpi.key, kpi.label


def _closing(style: Style) -> Iterator[tuple[str, Any]]:
    yield "", _("Any time")
    for code in CLOSING:
        yield code, named_label(code, style.language)


def _filters(question: Question, viewer: User) -> Iterator[Control]:
    """A choice of nothing but one value is none, unless it is made."""
    values = Values(viewer)
    chosen = dict(question.filters)
    for name in DIMENSIONS:
        if name not in question.declared_basis.dimensions:
            continue
        if name == "team" and name not in chosen:
            # The bar chooses a team with all below it; this one is of what is credited directly.
            continue
        control = _control(name, values.of(name), chosen.get(name, ""))
        if len(control.options) > 2 or control.is_set:
            yield control


def _control(name: str, offered: Iterable[tuple[Any, Any]], chosen: str) -> Control:
    """A choice from what is offered; one that is made stays even if it is not."""
    options = [
        Option(str(value), str(label), current=str(value) == chosen) for value, label in offered
    ]
    if chosen and not any(option.current for option in options):
        options.append(Option(chosen, chosen, current=True))
    return Control(name, CONTROLS[name], options)
