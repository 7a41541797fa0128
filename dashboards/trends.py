"""Twelve months of a figure, with those of the year before."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from django.utils.translation import gettext as _

from charts.data import Point
from charts.trend import line
from dashboards.look import Look
from dashboards.wording import exact
from kpis.cards import Card, drawn
from kpis.declarations import Kpi
from kpis.evaluate import answer
from kpis.questions import Answer, Question
from kpis.spans import MONTHS, two_years_to


class Pace(Enum):
    """How soon the months of a figure are there."""

    QUICK = "quick"
    """Rows carry their own dates, so that all months are one reading."""
    SLOW = "slow"
    """Each month is a reading at its end: not worth waiting for with a whole page."""
    NEVER = "never"
    """Found by walking through all versions of deals, too slow for years."""


def pace_of(kpi: Kpi) -> Pace:
    read = [measure.of for measure in kpi.basis().measures.values()]
    if any(population.is_walked for population in read):
        return Pace.NEVER
    return Pace.QUICK if all(population.dated_by for population in read) else Pace.SLOW


def months_of(question: Question) -> Question:
    """The two years by month that end with the question's period."""
    return replace(
        question,
        period=two_years_to(question.period),
        by="month",
        grain="",
        compare="",
        against_close=False,
    )


def trend(question: Question, look: Look) -> Card | None:
    """Twelve months of the figure, in one statement; None where that takes too long."""
    if pace_of(question.measured) is Pace.NEVER:
        return None
    (months,) = answer([months_of(question)], viewer=look.viewer, at=look.at)
    return _card(months, look)


def _card(months: Answer, look: Look) -> Card:
    unit = months.kpi.unit
    before, now = months.rows[:MONTHS], months.rows[MONTHS:]
    points = [
        Point(
            label=row.label,
            value=row.result.value,
            last_year=earlier.result.value,
            running=row.period is not None and row.period.is_running(look.at),
        )
        for row, earlier in zip(now, before, strict=True)
    ]
    cells = [(point.label, point.value, point.last_year) for point in points]
    return Card(
        id="explain-trend",
        title=_("By month"),
        figure=drawn(line(points, unit, look.style)),
        header=[_("Month"), months.kpi.label, _("Last year")],
        rows=[
            [name, exact(value, unit, look.style), exact(earlier, unit, look.style)]
            for name, value, earlier in cells
        ],
    )
