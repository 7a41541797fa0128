"""Where does it hang: median days by stage against the period before, and what passes on."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from charts.data import Stay
from charts.finding import bottleneck_finding
from charts.numbers import Unit
from charts.stays import stay_bars
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.wording import exact, written
from kpis.cards import Card, drawn
from kpis.questions import Answer, Question, Row
from periods.labels import label

Values = dict[str, Decimal | None]


def dwell(css: str) -> Panel:
    """The visits that ended in the period; the stage with the most days is the bottleneck."""
    return Panel("dwell", show=_show, ask=_ask, css=css, is_slow=True)


def _ask(look: Look) -> list[Question]:
    before = look.period.previous()
    return [
        look.question("stage_dwell", by="stage"),
        look.question("stage_dwell", by="stage", period=before),
        look.question("stage_dwell", by="stage", basis="total"),
        look.question("stage_dwell", by="stage", basis="open"),
        look.question("stage_conversion", by="stage"),
    ]


def _show(look: Look, answers: list[Answer]) -> Card:
    median, before, total, waiting, conversion = answers
    stages = _stages(answers)
    values = [_by_key(answer) for answer in (before, total, waiting, conversion)]
    stays = [_stay(row, median, values, look) for row in stages]
    period = label(before.question.period, look.style.language)
    return Card(
        id="dwell",
        title=bottleneck_finding(stays, look.style) or _("Where does it hang?"),
        note=_("Median days by stage; the grey line is %(period)s") % {"period": period},
        figure=drawn(stay_bars(stays, Unit.DAYS, look.style)),
        header=[_("Stage"), _("Days"), period, _("Total days"), _("Open, so far"), _("Passes on")],
        rows=[_line(row, stay, values, look) for row, stay in zip(stages, stays, strict=True)],
        empty="" if stays else _("No deal has left a stage in this period yet."),
    )


def _stages(answers: list[Answer]) -> list[Row]:
    """Every stage that deals left now or before, from first to last."""
    median, before, *_others = answers
    found = {row.key: row for answer in (before, median) for row in answer.rows}
    return sorted(found.values(), key=lambda row: (row.position, row.label))


def _by_key(answer: Answer) -> Values:
    return {row.key: row.result.value for row in answer.rows}


def _stay(row: Row, median: Answer, values: list[Values], look: Look) -> Stay:
    before, total, *_others = values
    now = _by_key(median).get(row.key)
    most = max((days for days in total.values() if days), default=None)
    return Stay(
        label=row.label,
        value=now,
        before=before.get(row.key),
        bottleneck=most is not None and total.get(row.key) == most,
        hover=_("%(stage)s: %(days)s, before that %(before)s")
        % {
            "stage": row.label,
            "days": written(now, Unit.DAYS, look.style),
            "before": written(before.get(row.key), Unit.DAYS, look.style),
        },
        href=look.explain_url(median.kpi, stage=row.key),
    )


def _line(row: Row, stay: Stay, values: list[Values], look: Look) -> list[str]:
    before, total, waiting, conversion = (value.get(row.key) for value in values)
    days = [exact(each, Unit.DAYS, look.style) for each in (stay.value, before, total, waiting)]
    return [row.label, *days, exact(conversion, Unit.PERCENT, look.style)]
