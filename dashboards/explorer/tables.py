"""The parts of a figure as a table: to read, and to take away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _

from charts.numbers import Unit
from charts.numbers import change as change_of
from dashboards.explain import unit_of
from dashboards.explorer.drilling import drill_url
from dashboards.explorer.notes import adds_up
from dashboards.explorer.opening import Opened
from dashboards.explorer.words import SPLITS
from dashboards.rows import Cell, Table
from dashboards.wording import exact
from kpis.comparing import change_between
from kpis.questions import GRAINS, Answer, Comparison, Row
from periods.labels import label


@dataclass(frozen=True)
class Part:
    """A row of the table: a part of the figure, or all of it."""

    name: str
    value: Decimal | None
    top: Decimal | None
    bottom: Decimal | None
    before: Decimal | None = None
    change: Decimal | None = None
    url: str = ""


@dataclass(frozen=True)
class Column:
    """One figure of every part; changes are written as such."""

    head: str
    unit: Unit
    of: Callable[[Part], Decimal | None]
    is_change: bool = False


def table(page: Opened) -> Table:
    """Every part, and all of it last, written in full."""
    shown = columns(page)
    heads = [Cell(part_name(page)), *(Cell(column.head, True) for column in shown)]
    return Table(heads, [_line(part, shown, page) for part in (*parts(page), whole(page))])


def columns(page: Opened) -> list[Column]:
    """What is said of each part of this figure."""
    return list(_columns(page))


def parts(page: Opened) -> list[Part]:
    """The rows in their order, those of a comparison of times beside one another."""
    before = page.earlier.rows if page.earlier else ()
    rows = page.answer.rows
    return [_part(page, row, then) for row, then in zip_longest(rows, before[: len(rows)])]


def whole(page: Opened) -> Part:
    """The figure itself."""
    answer = page.answer
    result = answer.result
    name = _("All together")
    compared = answer.comparison
    return Part(name, result.value, result.numerator, result.denominator, *_compared(compared))


def part_name(page: Opened) -> str:
    """What the parts are."""
    by = page.question.by
    return str(SPLITS[by]) if by else str(page.answer.kpi.label)


def _part(page: Opened, row: Row, then: Row | None) -> Part:
    named = label(row.period, page.look.style.language) if row.period else row.label
    result = row.result
    by_time = page.question.by in GRAINS
    compared = _then(page, row, then) if by_time else _compared(row.comparison)
    return Part(
        named,
        result.value,
        result.numerator,
        result.denominator,
        *compared,
        url=drill_url(page, row),
    )


def _compared(comparison: Comparison | None) -> tuple[Decimal | None, Decimal | None]:
    return (comparison.value, comparison.change) if comparison else (None, None)


def _then(page: Opened, row: Row, then: Row | None) -> tuple[Decimal | None, Decimal | None]:
    """Of a part that still runs the change is not known yet."""
    before = then.result.value if then else None
    if page.answer.comparison is None or row.period is None:
        return before, None
    if not row.period.is_over(page.look.at):
        return before, None
    in_points = page.answer.comparison.change_unit is Unit.POINTS
    return before, change_between(row.result.value, before, in_points=in_points)


def _columns(page: Opened) -> Iterator[Column]:
    answer = page.answer
    unit = answer.kpi.unit
    yield Column(str(answer.kpi.label), unit, lambda part: part.value)
    yield from _made_of(answer)
    if answer.comparison is not None:
        year = answer.comparison.kind == "year"
        head = _("A year before") if year else _("Period before")
        yield Column(head, unit, lambda part: part.before)
        yield Column(
            _("Change"), answer.comparison.change_unit, lambda part: part.change, is_change=True
        )
    if answer.value and _has_shares(answer):
        total = answer.value
        yield Column(
            _("Share"),
            Unit.PERCENT,
            lambda part: None if part.value is None else part.value / total,
        )


def _made_of(answer: Answer) -> Iterator[Column]:
    """Numerator and denominator, where the figure is one by the other."""
    basis = answer.question.declared_basis
    if answer.kpi.of_other:
        unit = answer.question.measured.unit
        actual, target = (_top, _bottom) if answer.question.measured.up_is_good else (_bottom, _top)
        yield Column(_("Actual"), unit, actual)
        yield Column(_("Target"), unit, target)
    elif basis.denominator is not None and basis.combine is None:
        for measure, of in ((basis.numerator, _top), (basis.denominator, _bottom)):
            yield Column(_capital(measure.label), unit_of(measure, answer), of)


def _top(part: Part) -> Decimal | None:
    return part.top


def _bottom(part: Part) -> Decimal | None:
    return part.bottom


def _has_shares(answer: Answer) -> bool:
    negative = any((row.result.value or 0) < 0 for row in answer.rows)
    return bool(answer.question.by) and adds_up(answer) and not negative


def _line(part: Part, shown: list[Column], page: Opened) -> list[Cell]:
    return [Cell(part.name, url=part.url), *(_cell(part, column, page) for column in shown)]


def _cell(part: Part, column: Column, page: Opened) -> Cell:
    value, style = column.of(part), page.look.style
    if column.is_change and value is not None:
        text = change_of(value, column.unit, language=style.language, currency=style.currency)
        return Cell(text, True)
    return Cell(exact(value, column.unit, style), True)


def lines(page: Opened) -> Iterator[list[Any]]:
    """The table for a file: numbers as they are, rates as fractions."""
    shown = columns(page)
    for part in (*parts(page), whole(page)):
        yield [part.name, *(column.of(part) for column in shown)]


def header(page: Opened) -> list[str]:
    """The heads of the same table."""
    return [part_name(page), *(column.head for column in columns(page))]


def _capital(text: Any) -> str:
    return str(text)[:1].upper() + str(text)[1:]
