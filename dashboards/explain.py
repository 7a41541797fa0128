"""Explain this number: value, formula with the numbers put in, and the very rows behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from charts.numbers import Unit
from dashboards.explorer.values import Values
from dashboards.explorer.words import SPLITS
from dashboards.look import Look
from dashboards.panels.tiles import Tile, tile
from dashboards.rows import Table, table_of
from dashboards.trends import Pace, pace_of, trend
from dashboards.wording import exact, restated_words, written
from kpis.cards import Card
from kpis.parameters import KNOWN
from kpis.questions import Answer, Question
from kpis.records import records
from kpis.restatement import moved_rows
from periods.labels import label
from pipeline.changes import Change
from pipeline.faults import Moment, counts, faults_for
from pipeline.measures import How, Measure

PAGE = 20
# How the figure stood at an earlier instant, and what was known of it by one.
PAST = {"as_of": gettext_lazy("As of"), "known_at": gettext_lazy("As known at")}


@dataclass(frozen=True)
class Choice:
    """Another basis of the figure, or another part whose rows are shown."""

    label: Any
    url: str
    current: bool
    value: str = ""


@dataclass(frozen=True)
class MovedRow:
    """A row that brings in something else than when the period closed, and who changed what."""

    record: str
    before: str
    after: str
    changes: Sequence[Change]


@dataclass(frozen=True)
class Explanation:
    """Everything that templates/dashboards/explain_body.html shows."""

    answer: Answer
    tile: Tile
    formula: str
    with_numbers: str
    facts: list[tuple[Any, Any]]
    bases: list[Choice]
    parts: list[Choice]
    table: Table
    page: Page[Any]
    total: str
    restated: str
    moved: list[MovedRow]
    csv_url: str
    xlsx_url: str
    explore_url: str
    trend_url: str
    trend: Card | None = None
    faults: tuple[Choice, ...] = ()


def explain(question: Question, look: Look) -> Explanation:
    """The figure of a question, opened, with its twelve months and what it cannot count."""
    shown = opened(question, look)
    quick = pace_of(question.measured) is Pace.QUICK
    months = trend(question, look) if quick else None
    return replace(shown, trend=months, faults=_faults(question, look))


def opened(question: Question, look: Look) -> Explanation:
    """The figure of a question with its rows. BadQuestion for a part that it does not have."""
    part = look.choices.get("part") or "numerator"
    found = records(question, viewer=look.viewer, at=look.at, part=part)
    ordered = found.rows.order_by("-contribution", "record")
    page = Paginator(ordered, PAGE).get_page(look.choices.get("page"))
    figure = found.answer
    return Explanation(
        answer=figure,
        tile=tile(figure, None, look),
        formula=formula_of(figure),
        with_numbers=with_numbers(figure, look, rows=page.paginator.count),
        facts=_facts(figure, look),
        bases=_bases(figure, look),
        parts=_parts(figure, part, look),
        table=table_of(found, list(page), look),
        page=page,
        total=exact(found.total, unit_of(found.measure, figure), look.style),
        restated=restated_words(figure, look.style),
        moved=_moved(question, figure, part, look),
        csv_url=_export(question, part, "csv", look),
        xlsx_url=_export(question, part, "xlsx", look),
        explore_url=f"{reverse('explorer:kpi', args=[question.kpi])}{_state(look)}",
        trend_url=_trend_url(question, look),
    )


def _faults(question: Question, look: Look) -> tuple[Choice, ...]:
    """The viewer's rows that the figure of today cannot count, by what they lack."""
    if question.as_of or question.known_at:
        return ()
    names = {question.kpi, question.measured.key}
    touching = [fault for fault in faults_for(look.viewer) if names & set(fault.left_out_of)]
    numbers = counts(touching, look.viewer, Moment.of(look.at))
    return tuple(
        Choice(fault.label, reverse("pipeline:fault", args=[fault.key]), False, str(number))
        for fault in touching
        if (number := numbers.get(fault.key))
    )


def _moved(question: Question, figure: Answer, part: str, look: Look) -> list[MovedRow]:
    """What made a closed period's figure another one."""
    if figure.restated is None:
        return []
    unit = unit_of(figure.question.declared_basis.measures[part], figure)
    return [
        MovedRow(
            row.record,
            exact(row.before, unit, look.style),
            exact(row.after, unit, look.style),
            row.changes,
        )
        for row in moved_rows(question, viewer=look.viewer, at=look.at, part=part)
    ]


def unit_of(measure: Measure, figure: Answer) -> Unit:
    """What a part of a figure is in."""
    return measure.unit_within(figure.kpi.unit)


def formula_of(figure: Answer) -> str:
    """In words; of a figure that is its one part, how the rows below make it."""
    basis = figure.basis
    if basis.denominator or basis.combine or basis.formula_text:
        return figure.formula
    what = {"what": basis.formula}
    if basis.numerator.how is How.COUNT:
        return _("%(what)s: the rows below, counted") % what
    if basis.numerator.how is How.SUM:
        return _("%(what)s: the rows below, added up") % what
    return basis.formula


def with_numbers(figure: Answer, look: Look, *, rows: int) -> str:
    """ "630 ÷ 1,000 = 63 %", or "71 rows → ₩1,534,400,806" where the figure is its one part."""
    if figure.basis.worked and figure.value is not None:
        return figure.basis.worked % _worked(figure, look)
    top, bottom = figure.result.numerator, figure.result.denominator
    if top is None:
        return ""
    if bottom is None:
        return _from_rows(figure, look, rows)
    value = written(figure.value, figure.kpi.unit, look.style)
    numbers = [
        exact(each, unit, look.style)
        for each, unit in zip((top, bottom), _units(figure), strict=True)
    ]
    return f"{numbers[0]} ÷ {numbers[1]} = {value}"


def _from_rows(figure: Answer, look: Look, rows: int) -> str:
    """How many rows make the figure; "" for one that says just that, or has no value."""
    if figure.value is None or figure.basis.numerator.how is How.COUNT:
        return ""
    count = exact(Decimal(rows), Unit.COUNT, look.style)
    text = ngettext("%(count)s row → %(value)s", "%(count)s rows → %(value)s", rows)
    return text % {"count": count, "value": exact(figure.value, figure.kpi.unit, look.style)}


def _worked(figure: Answer, look: Look) -> dict[str, str]:
    """The values of a figure's parts, and its own, for its formula."""
    style, measures = look.style, figure.question.declared_basis.measures
    parts = {
        name: exact(figure.parts.get(name), unit_of(measure, figure), style)
        for name, measure in measures.items()
    }
    goal = {
        "target": exact(figure.target, figure.question.measured.unit, style),
        "attained": written(figure.value + figure.expected, Unit.PERCENT, style)
        if figure.expected is not None and figure.value is not None
        else "",
        "expected": written(figure.expected, Unit.PERCENT, style),
    }
    return {**parts, **goal, "value": written(figure.value, figure.kpi.unit, style)}


def _units(figure: Answer) -> tuple[Unit, Unit]:
    basis = figure.basis
    if figure.kpi.of_other:
        unit = figure.question.measured.unit
        return unit, unit
    top = unit_of(basis.numerator, figure)
    # Without a denominator of its own the figure is over what remains of a target.
    return top, unit_of(basis.denominator, figure) if basis.denominator else top


def _facts(figure: Answer, look: Look) -> list[tuple[Any, Any]]:
    question, values = figure.question, Values(look.viewer)
    rows: list[tuple[Any, Any]] = [
        (_("For"), question.scope.label),
        (_("Period"), f"{label(question.period, look.style.language)} ({_days(question)})"),
        *((SPLITS[name], values.label(name, value).strip()) for name, value in question.filters),
        *((words, look.choices[name]) for name, words in PAST.items() if look.choices.get(name)),
    ]
    if figure.target is not None:
        unit = Unit.MONEY if figure.kpi.target_of else question.measured.unit
        note = _(" (sum of its parts)") if figure.target_is_sum else ""
        rows.append((_("Target"), exact(figure.target, unit, look.style) + note))
    compared = figure.comparison
    if compared and compared.value is not None:
        before = written(compared.value, figure.kpi.unit, look.style)
        rows.append(
            (_("Value before"), f"{before} ({label(compared.period, look.style.language)})")
        )
    return rows


def _days(question: Question) -> str:
    return f"{question.period.start.isoformat()} – {question.period.last_day.isoformat()}"


def _bases(figure: Answer, look: Look) -> list[Choice]:
    if len(figure.kpi.bases) == 1:
        return []
    return [
        Choice(basis.label, _here(look, basis=basis.key), basis.key == figure.basis.key)
        for basis in figure.kpi.bases
    ]


def _parts(figure: Answer, part: str, look: Look) -> list[Choice]:
    """Each part of the figure with its value; its rows open below."""
    return [
        Choice(
            measure.label,
            _here(look, part=name),
            name == part,
            exact(figure.parts.get(name), unit_of(measure, figure), look.style),
        )
        for name, measure in figure.question.declared_basis.measures.items()
    ]


def _state(look: Look) -> str:
    """What is asked, as any page about a KPI states it."""
    asked = {name: value for name, value in look.choices.items() if name in KNOWN}
    return f"?{urlencode(asked)}" if asked else ""


def _trend_url(question: Question, look: Look) -> str:
    """Where months come from that take a while; "" where there are none, or they are here."""
    if question.by or pace_of(question.measured) is not Pace.SLOW:
        return ""
    return f"{reverse('explorer:trend', args=[question.kpi])}{_state(look)}"


def _here(look: Look, **changes: str) -> str:
    """This explanation with another choice, from its first page."""
    kept = {name: value for name, value in look.choices.items() if name not in ("page", "part")}
    return f"?{urlencode(kept | changes)}"


def _export(question: Question, part: str, file_format: str, look: Look) -> str:
    filters = (name for name, _value in question.filters)
    known = ("basis", "closing", "of", *PAST, *filters)
    query = {name: look.choices[name] for name in known if look.choices.get(name)}
    query |= {"scope": question.scope.code, "period": question.period.code}
    query |= {"part": part, "format": file_format}
    return f"{reverse('kpi-records', args=[question.kpi])}?{urlencode(query)}"
