"""The rows behind a figure as a table for people: names, dates and amounts in their language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from django.db.models import Choices
from django.utils import timezone
from django.utils.translation import gettext as _

from charts.numbers import NOTHING, Unit, write
from dashboards.links import page_url
from dashboards.look import Look
from kpis.records import Column, Records
from pipeline.measures import How
from pipeline.models import CostKind, LeadStatus, SizeBand, Stage

# The amount carries its currency; teams follow from owners.
LEFT_OUT = {"currency", "team"}
CHOICES: dict[str, type[Choices]] = {"status": LeadStatus, "size": SizeBand, "kind": CostKind}
FIGURES = {"amount", "monthly_price"}
DATES = {"created_at", "closed_at", "expected_close", "converted_at"}


@dataclass(frozen=True)
class Cell:
    """`level`, from 0 to 9, is how dark it is."""

    text: str
    is_figure: bool = False
    url: str = ""
    level: int = 0


@dataclass(frozen=True)
class Table:
    """Heads and cells; the last column is what each row counts as, where that differs from 1."""

    heads: list[Cell]
    rows: list[list[Cell]]


def table_of(found: Records, rows: list[dict[str, Any]], look: Look) -> Table:
    """A page of rows, without columns that say nothing here."""
    shown = _columns(found, rows)
    stages = _stage_names() if any(column.key == "stage" for column in shown) else {}
    counts = found.measure.how is not How.COUNT
    heads = [Cell(_capital(column.label), column.key in FIGURES) for column in shown]
    return Table(
        heads=[*heads, *([Cell(_("Counts as"), True)] if counts else [])],
        rows=[_row(found, row, shown, stages, look, counts=counts) for row in rows],
    )


def _columns(found: Records, rows: list[dict[str, Any]]) -> list[Column]:
    """Those that are not empty on the whole page; of dates only the one that counts, if any."""
    dated_by = found.measure.of.dated_by
    others = DATES - {dated_by} if dated_by in DATES else set()
    return [
        column
        for column in found.columns
        if column.key not in LEFT_OUT | others
        and any(row[column.alias] is not None for row in rows)
    ]


def _row(
    found: Records,
    row: dict[str, Any],
    shown: list[Column],
    stages: dict[str, str],
    look: Look,
    *,
    counts: bool,
) -> list[Cell]:
    cells = [_cell(column, row, stages, look) for column in shown]
    url = _opens(found, row)
    if cells and url:
        cells[0] = Cell(cells[0].text, cells[0].is_figure, url)
    if counts:
        cells.append(Cell(_contribution(found, row, look), True))
    return cells


def _cell(column: Column, row: dict[str, Any], stages: dict[str, str], look: Look) -> Cell:
    value = row[column.alias]
    if column.key in FIGURES:
        currency = row.get("shown_currency") or look.style.currency
        text = write(
            value, Unit.MONEY, language=look.style.language, currency=currency, short=False
        )
        return Cell(text, is_figure=True)
    if column.key == "stage":
        return Cell(stages.get(value, value))
    return Cell(_text(column, value, look))


def _text(column: Column, value: Any, look: Look) -> str:
    if value is None or value == "":
        return NOTHING
    if column.key in CHOICES:
        return str(CHOICES[column.key](value).label)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        day = timezone.localtime(value).date() if isinstance(value, datetime) else value
        return str(format_date(day, "medium", locale=look.style.language))
    return str(value)


def _contribution(found: Records, row: dict[str, Any], look: Look) -> str:
    value = row["contribution"]
    number = None if value is None else Decimal(value)
    if number is None or number.is_nan():
        return NOTHING
    unit = found.measure.unit_within(found.answer.kpi.unit)
    style = look.style
    return write(number, unit, language=style.language, currency=style.currency, short=False)


def _opens(found: Records, row: dict[str, Any]) -> str:
    """The page of the fact itself, where there is one."""
    fact = str(found.measure.of.fact._meta.model_name)
    return page_url(f"pipeline:{fact}", row["record"])


def _stage_names() -> dict[str, str]:
    return {stage.name: stage.label for stage in Stage.objects.all()}


def _capital(label: Any) -> str:
    text = str(label)
    return text[:1].upper() + text[1:]
