"""Cohort tables as a page: months of entry, and how dark their shares are at each age."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from charts.numbers import Unit
from dashboards.look import Look
from dashboards.wording import exact, share
from kpis.cohorts import CohortTable, cohort_table
from kpis.spans import year_to
from periods.labels import label
from pipeline.cohorts import Cohort, Kind, average

LEVELS = 9
TITLES = {
    (Kind.CONVERSION, "cohort"): gettext_lazy("Leads that became deals, by month of entry"),
    (Kind.RETENTION, "purchase"): gettext_lazy("Customers who bought again, by first purchase"),
    (Kind.RETENTION, "contract"): gettext_lazy("Customers under contract, by first contract"),
}
NAMES = {
    (Kind.CONVERSION, "cohort"): gettext_lazy("Conversion"),
    (Kind.RETENTION, "purchase"): gettext_lazy("Purchases"),
    (Kind.RETENTION, "contract"): gettext_lazy("Contracts"),
}


@dataclass(frozen=True)
class Cell:
    text: str
    level: int = 0
    hint: str = ""


@dataclass(frozen=True)
class Line:
    label: str
    size: str
    cells: list[Cell]


@dataclass(frozen=True)
class Choice:
    """Another table."""

    label: Any
    url: str
    current: bool


@dataclass(frozen=True)
class Shown:
    """What templates/dashboards/cohorts.html shows."""

    caption: str
    note: str
    choices: list[Choice]
    header: list[str]
    rows: list[Line]
    foot: Line
    empty: str
    csv_url: str
    xlsx_url: str


def shown(look: Look) -> Shown:
    """The table that the page's address names, of the twelve months that end with its period."""
    kind, basis = _chosen(look)
    past = ("as_of", "known_at", "structure")
    known = {name: look.choices[name] for name in past if name in look.choices}
    asked = {"period": year_to(look.period).code, "scope": look.scope.code, "basis": basis}
    table = cohort_table(kind, known | asked, viewer=look.viewer, at=look.at)
    return Shown(
        caption=str(TITLES[kind, basis]),
        note=_("The share of those who entered, by months since then; the present month so far."),
        choices=[_choice(look, *each, current=each == (kind, basis)) for each in TITLES],
        header=[_("Month"), _("Entered"), *(_ordinal(age) for age in table.ages)],
        rows=list(_lines(table, look)),
        foot=_foot(table, look),
        empty="" if any(row.size for row in table.rows) else _("Nobody entered in these months."),
        csv_url=_export(kind, known | asked, "csv"),
        xlsx_url=_export(kind, known | asked, "xlsx"),
    )


def _export(kind: Kind, asked: dict[str, str], file_format: str) -> str:
    return f"{reverse('cohorts', args=[kind])}?{urlencode(asked | {'format': file_format})}"


def _chosen(look: Look) -> tuple[Kind, str]:
    offered = {f"{kind}-{basis}": (kind, basis) for kind, basis in TITLES}
    return offered[look.choice("table", tuple(offered))]


def _choice(look: Look, kind: Kind, basis: str, *, current: bool) -> Choice:
    query = urlencode({**look.choices, "table": f"{kind}-{basis}"})
    return Choice(NAMES[kind, basis], f"?{query}", current)


def _ordinal(age: int) -> str:
    return f"+{age}"


def _lines(table: CohortTable, look: Look) -> Iterator[Line]:
    known = (cohort.share(age) for cohort in table.rows for age in table.ages)
    highest = max(filter(None, known), default=Decimal(1))
    for cohort in table.rows:
        cells = [_cell(cohort, age, highest, look) for age in table.ages]
        yield Line(label(cohort.period, look.style.language), _count(cohort.size, look), cells)


def _cell(cohort: Cohort, age: int, highest: Decimal, look: Look) -> Cell:
    found = cohort.share(age)
    if found is None:
        return Cell("")
    hint = _("%(count)s of %(size)s") % {
        "count": _count(cohort.counts[age], look),
        "size": _count(cohort.size, look),
    }
    return Cell(share(found, look.style), int(found / highest * LEVELS), hint)


def _foot(table: CohortTable, look: Look) -> Line:
    shares = (average(table.rows, age) for age in table.ages)
    cells = [Cell("" if found is None else share(found, look.style)) for found in shares]
    total = sum(cohort.size for cohort in table.rows)
    return Line(_("All"), _count(total, look), cells)


def _count(count: int, look: Look) -> str:
    return exact(Decimal(count), Unit.COUNT, look.style)
