"""Which picture answers a split figure: a line over time, bars of stages and of sums, dots."""

from __future__ import annotations

from itertools import zip_longest

import plotly.graph_objects as go
from django.utils.translation import gettext as _

from charts.comparison import dot_comparison
from charts.data import Dot, Point, Segment, Stage
from charts.finding import change_finding, comparison_finding, concentration_finding
from charts.segments import segment_bars
from charts.stages import stage_bars
from charts.trend import line
from dashboards.explorer.crossings import lines_of_parts
from dashboards.explorer.drilling import drill_url
from dashboards.explorer.notes import adds_up
from dashboards.explorer.opening import Opened
from dashboards.explorer.words import SPLITS
from dashboards.trends import Pace, pace_of, trend
from dashboards.wording import written
from kpis.cards import Card, drawn
from kpis.questions import GRAINS, Comparison, Row

MOST = 25
WHO = ("rep", "team")
ID = "figure"


def picture(page: Opened) -> Card | None:
    """The chart of a figure; unsplit it is that of its months, or None until they are there."""
    by = page.question.by
    if not by:
        return _whole(page)
    if page.question.grain:
        return lines_of_parts(page)
    measured = any(row.result.value is not None for row in page.answer.rows)
    figure, found = _drawing(page)
    return Card(
        id=ID,
        title=found or _question(page),
        note=_note(page) if found else "",
        figure=drawn(figure),
        summary=_question(page),
        empty="" if measured else _("Nothing was measured in any of these parts."),
    )


def _whole(page: Opened) -> Card | None:
    """Its months; None where they come later."""
    pace = pace_of(page.question.measured)
    if pace is Pace.SLOW:
        return None
    return trend(page.question, page.look) or _unsplit(page)


def _unsplit(page: Opened) -> Card:
    text = _("Choose above what to split it by, and its parts are drawn here.")
    return Card(id=ID, title=str(page.answer.kpi.label), empty=text)


def _drawing(page: Opened) -> tuple[go.Figure, str | None]:
    """The figure, and what it finds, if anything."""
    by = page.question.by
    if by in GRAINS:
        return _line(page)
    if by == "stage":
        return _stages(page)
    if by not in WHO and adds_up(page.answer):
        return _segments(page)
    return _dots(page)


def _line(page: Opened) -> tuple[go.Figure, str | None]:
    look, answer = page.look, page.answer
    before = page.earlier.rows if page.earlier else ()
    points = [
        Point(
            label=row.label,
            value=row.result.value,
            last_year=earlier.result.value if earlier else None,
            running=row.period is not None and row.period.is_running(look.at),
            hover=_sentence(page, row, earlier),
            href=_opens(page, row),
        )
        for row, earlier in zip_longest(answer.rows, before[: len(answer.rows)])
    ]
    named = "" if answer.question.compare == "year" else _("Period before")
    figure = line(points, answer.kpi.unit, look.style, earlier=named)
    compared = answer.comparison
    if compared is None:
        return figure, None
    name, against = str(answer.kpi.label), _against(compared)
    found = change_finding(name, compared.change, against, look.style, unit=compared.change_unit)
    return figure, found


def _against(compared: Comparison) -> str:
    """What a figure is held against, inside a sentence."""
    if compared.kind == "year":
        return _("the same days of last year") if compared.like_for_like else _("last year")
    if compared.like_for_like:
        return _("the same days of the period before")
    return _("the period before")


def _sentence(page: Opened, row: Row, earlier: Row | None) -> str:
    now = written(row.result.value, page.answer.kpi.unit, page.look.style)
    if earlier is None:
        return f"{row.label}: {now}"
    before = written(earlier.result.value, page.answer.kpi.unit, page.look.style)
    return _("%(part)s: %(now)s, %(before)s in %(earlier)s") % {
        "part": row.label,
        "now": now,
        "before": before,
        "earlier": earlier.label,
    }


def _stages(page: Opened) -> tuple[go.Figure, str | None]:
    stages = [
        Stage(label=row.label, value=row.result.value, href=_opens(page, row))
        for row in page.answer.rows
    ]
    return stage_bars(stages, page.answer.kpi.unit, page.look.style), None


def _segments(page: Opened) -> tuple[go.Figure, str | None]:
    segments = [
        Segment(row.label, row.result.value, href=_opens(page, row))
        for row in page.answer.rows
        if row.result.value
    ]
    found = concentration_finding(segments, page.look.style)
    return segment_bars(segments, page.answer.kpi.unit, page.look.style), found


def _dots(page: Opened) -> tuple[go.Figure, str | None]:
    """People and teams stand against their median, segments against the whole."""
    answer, style = page.answer, page.look.style
    down = not answer.kpi.up_is_good
    among = page.question.by in WHO
    dots = [
        Dot(row.label, row.result.value, ramping=row.is_ramping, href=_opens(page, row))
        for row in answer.rows
        if row.key or not among
    ]
    figure = dot_comparison(
        dots,
        answer.kpi.unit,
        style,
        down_is_good=down,
        most=MOST,
        whole=None if among else answer.value,
    )
    if not among:
        return figure, None
    return figure, comparison_finding(dots, answer.kpi.unit, style, down_is_good=down)


def _opens(page: Opened, row: Row) -> str:
    """As charts follow links: from the root."""
    query = drill_url(page, row)
    return page.path + query if query else ""


def _question(page: Opened) -> str:
    return _("%(kpi)s by %(what)s") % {
        "kpi": page.answer.kpi.label,
        "what": str(SPLITS[page.question.by]).lower(),
    }


def _note(page: Opened) -> str:
    text, count = _question(page), len(page.answer.rows)
    if page.question.by in GRAINS or adds_up(page.answer) or count <= MOST:
        return text
    return text + " · " + _("the first %(shown)s of %(all)s") % {"shown": MOST, "all": count}
