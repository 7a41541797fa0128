"""A figure by a dimension and by time at once: small lines, and a shaded table with totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from charts.data import Point, Series
from charts.multiples import MOST, small_lines
from dashboards.explorer.drilling import drill_url
from dashboards.explorer.opening import Opened
from dashboards.explorer.words import SPLITS
from dashboards.rows import Cell, Table
from dashboards.wording import written
from kpis.cards import Card, drawn
from kpis.questions import Row
from periods.labels import label

LEVELS = 9


def lines_of_parts(page: Opened) -> Card:
    """A small line for each part, the largest first."""
    ranked = sorted(page.answer.rows, key=lambda row: -(row.result.value or 0))
    series = [Series(row.label, [_point(page, row, cell) for cell in row.cells]) for row in ranked]
    measured = any(point.value is not None for each in series for point in each.points)
    return Card(
        id="figure",
        title=_title(page),
        note=_note(len(series)),
        figure=drawn(small_lines(series, page.answer.kpi.unit, page.look.style)),
        empty="" if measured else _("Nothing was measured in any of these parts."),
    )


def _point(page: Opened, row: Row, cell: Row) -> Point:
    query = drill_url(page, row, cell)
    return Point(
        label=cell.label,
        value=cell.result.value,
        running=cell.period is not None and cell.period.is_running(page.look.at),
        hover=f"{row.label}, {_name(page, cell)}: {_written(page, cell)}",
        href=page.path + query if query else "",
    )


def _title(page: Opened) -> str:
    question = page.question
    return _("%(kpi)s by %(what)s and %(grain)s") % {
        "kpi": page.answer.kpi.label,
        "what": str(SPLITS[question.by]).lower(),
        "grain": str(SPLITS[question.grain]).lower(),
    }


def _note(count: int) -> str:
    text = _("All on one scale; the largest first")
    if count <= MOST:
        return text
    return text + " · " + _("the first %(shown)s of %(all)s") % {"shown": MOST, "all": count}


def table(page: Opened) -> Table:
    """A row for each part, a column for each part of time, the period last, all of it below."""
    answer = page.answer
    highest = max((cell.result.value or Decimal(0) for cell in _cells(answer.rows)), default=None)
    heads = [Cell(name, is_figure=place > 0) for place, name in enumerate(header(page))]
    rows = [
        [
            Cell(row.label, url=drill_url(page, row)),
            *(_shaded(page, row, cell, highest) for cell in row.cells),
            Cell(_written(page, row), True),
        ]
        for row in answer.rows
    ]
    totals = [Cell(_written(page, cell), True) for cell in answer.over_time]
    whole = written(answer.value, answer.kpi.unit, page.look.style)
    return Table(heads, [*rows, [Cell(_("All together")), *totals, Cell(whole, True)]])


def header(page: Opened) -> list[str]:
    """The heads of that table."""
    times = [_name(page, cell) for cell in page.answer.over_time]
    whole = label(page.question.period, page.look.style.language)
    return [str(SPLITS[page.question.by]), *times, whole]


def lines(page: Opened) -> Iterator[list[Any]]:
    """The table for a file: numbers as they are, rates as fractions."""
    answer = page.answer
    for row in answer.rows:
        yield [row.label, *(cell.result.value for cell in row.cells), row.result.value]
    yield [_("All together"), *(cell.result.value for cell in answer.over_time), answer.value]


def _cells(rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        yield from row.cells


def _shaded(page: Opened, row: Row, cell: Row, highest: Decimal | None) -> Cell:
    """The larger, the darker."""
    value = cell.result.value
    level = int(value / highest * LEVELS) if value and highest and value > 0 else 0
    url = drill_url(page, row, cell) if value is not None else ""
    return Cell(_written(page, cell), True, url, level)


def _written(page: Opened, row: Row) -> str:
    return written(row.result.value, page.answer.kpi.unit, page.look.style)


def _name(page: Opened, cell: Row) -> str:
    return label(cell.period, page.look.style.language) if cell.period else cell.label
