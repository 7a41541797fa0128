"""Where does money come from: won revenue by segment, with count and win rate in the table."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from charts.data import Segment
from charts.finding import concentration_finding
from charts.numbers import Unit
from charts.segments import segment_bars
from dashboards.cards import Card, drawn, switches
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.wording import exact, written
from kpis.questions import Answer, Question

DIMENSIONS = {
    "industry": gettext_lazy("Industry"),
    "size": gettext_lazy("Size"),
    "region": gettext_lazy("Region"),
    "product": gettext_lazy("Product"),
    "source": gettext_lazy("Source"),
}


def segments(css: str) -> Panel:
    """The person switches between the dimensions."""
    return Panel("segments", show=_show, ask=_ask, css=css)


def _ask(look: Look) -> list[Question]:
    by = look.choice("segment", tuple(DIMENSIONS))
    return [look.question(key, by=by) for key in ("won_revenue", "won_deals", "win_rate")]


def _show(look: Look, answers: list[Answer]) -> Card:
    revenue = answers[0]
    by = revenue.question.by
    found = [
        Segment(row.label, row.result.value, hover=_sentence(answers, row.key, look))
        for row in revenue.rows
        if row.result.value
    ]
    return Card(
        id="segments",
        title=concentration_finding(found, look.style) or _("Where does the money come from?"),
        note=_("Won revenue by segment"),
        figure=drawn(segment_bars(found, Unit.MONEY, look.style)),
        header=[DIMENSIONS[by], *(answer.kpi.label for answer in answers)],
        rows=[_line(answers, row.key, row.label, look) for row in revenue.rows],
        empty="" if found else _("Nothing was won in this period yet."),
        switches=switches(look, "segments", "segment", dict(DIMENSIONS), by),
    )


def _line(answers: list[Answer], key: str, label: str, look: Look) -> list[str]:
    cells = [_cell(answer, key) for answer in answers]
    return [
        label,
        *(
            exact(cell, answer.kpi.unit, look.style)
            for cell, answer in zip(cells, answers, strict=True)
        ),
    ]


def _cell(answer: Answer, key: str) -> Decimal | None:
    return next((row.result.value for row in answer.rows if row.key == key), None)


def _sentence(answers: list[Answer], key: str, look: Look) -> str:
    revenue, deals, rate = (
        written(_cell(answer, key), answer.kpi.unit, look.style) for answer in answers
    )
    label = next(row.label for row in answers[0].rows if row.key == key)
    return _("%(segment)s: %(revenue)s from %(deals)s deals, win rate %(rate)s") % {
        "segment": label,
        "revenue": revenue,
        "deals": deals,
        "rate": rate,
    }
