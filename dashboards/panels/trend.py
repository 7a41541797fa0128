"""Where is it going: won revenue by month, against last year and the target."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from charts.data import Point
from charts.finding import change_finding
from charts.numbers import Unit
from charts.trend import line
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.wording import exact, written
from kpis.cards import Card, drawn
from kpis.questions import Answer, Question, Row
from kpis.spans import year_to
from periods.labels import label

KPI = "won_revenue"


def trend(css: str) -> Panel:
    """The twelve months that end with the period."""
    return Panel("trend", show=_show, ask=_ask, css=css)


def _ask(look: Look) -> list[Question]:
    year = year_to(look.period)
    return [
        # Its parts are the actual figure and the target of each month.
        look.question("target_attainment", of=KPI, period=year, by="month"),
        look.question(KPI, period=year.year_ago(), by="month"),
        look.question(KPI, compare="year"),
    ]


def _show(look: Look, answers: list[Answer]) -> Card:
    months, last_year, now = answers
    points = [
        _point(row, before, look) for row, before in zip(months.rows, last_year.rows, strict=True)
    ]
    measured = any(point.value or point.last_year for point in points)
    return Card(
        id="trend",
        title=_title(now, look),
        note=_("Won revenue by month"),
        figure=drawn(line(points, Unit.MONEY, look.style)),
        header=[_("Month"), _("Won revenue"), _("Last year"), _("Target")],
        rows=[_line(row, point, look) for row, point in zip(months.rows, points, strict=True)],
        empty="" if measured else _("Nothing was won in these twelve months or the year before."),
    )


def _point(row: Row, before: Row, look: Look) -> Point:
    period = row.period
    begun = period is not None and not period.is_future(look.at)
    return Point(
        label=row.label,
        value=row.result.numerator if begun else None,
        last_year=before.result.value,
        target=row.result.denominator,
        running=period is not None and period.is_running(look.at),
        hover=_sentence(row, before, look),
    )


def _sentence(row: Row, before: Row, look: Look) -> str:
    return _("%(month)s: %(won)s won, %(before)s a year before") % {
        "month": row.label,
        "won": written(row.result.numerator, Unit.MONEY, look.style),
        "before": written(before.result.value, Unit.MONEY, look.style),
    }


def _line(row: Row, point: Point, look: Look) -> list[str]:
    name = label(row.period, look.style.language) if row.period else row.label
    values: list[Decimal | None] = [point.value, point.last_year, point.target]
    return [name, *(exact(value, Unit.MONEY, look.style) for value in values)]


def _title(now: Answer, look: Look) -> str:
    compared = now.comparison
    delta = compared.change if compared else None
    basis = _("last year")
    if compared and compared.like_for_like:
        basis = _("the same days of last year")
    found = change_finding(str(now.kpi.label), delta, basis, look.style)
    return found or _("Where is won revenue going?")
