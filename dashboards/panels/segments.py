"""Where does money come from: revenue and margin by segment, count and win rate in the table."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from charts.data import Segment
from charts.finding import concentration_finding
from charts.numbers import Unit
from charts.segments import segment_bars
from dashboards.cards import SwitchedCard, switches
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.wording import exact, written
from kpis.cards import drawn
from kpis.questions import Answer, Question, Row
from kpis.registry import all_kpis

DIMENSIONS = {
    "industry": gettext_lazy("Industry"),
    "size": gettext_lazy("Size"),
    "region": gettext_lazy("Region"),
    "product": gettext_lazy("Product"),
    "source": gettext_lazy("Source"),
}


RANKINGS = {"revenue": gettext_lazy("By revenue"), "margin": gettext_lazy("By margin")}
REVENUE, MARGIN = 0, 3


def segments(css: str) -> Panel:
    """The person switches between the dimensions and what segments are ranked by."""
    return Panel("segments", show=_show, ask=_ask, css=css)


def _ask(look: Look) -> list[Question]:
    by = look.choice("segment", tuple(DIMENSIONS))
    has_margin = look.sees("margin") and by in all_kpis()["margin"].basis().dimensions
    keys = ("won_revenue", "won_deals", "win_rate", *(["margin"] if has_margin else []))
    return [look.question(key, by=by) for key in keys]


def _show(look: Look, asked: list[Answer]) -> SwitchedCard:
    # Without any delivery cost a margin would be revenue by another name.
    answers = asked if asked[-1].parts.get("delivery", 1) else asked[:MARGIN]
    by, has_margin = asked[REVENUE].question.by, len(answers) > MARGIN
    ranking = look.choice("ranked", tuple(RANKINGS)) if has_margin else "revenue"
    ranked = answers[MARGIN if ranking == "margin" else REVENUE]
    found = _segments(answers, ranked, look)
    return SwitchedCard(
        id="segments",
        title=_finding(found, ranked, look) or _("Where does the money come from?"),
        note=_("Margin by segment") if ranking == "margin" else _("Won revenue by segment"),
        figure=drawn(segment_bars(found, Unit.MONEY, look.style)),
        header=[DIMENSIONS[by], *(answer.kpi.label for answer in answers)],
        rows=[_line(answers, row.key, row.label, look) for row in _in_order(ranked)],
        empty="" if found else _("Nothing was won in this period yet."),
        switches=switches(look, "segments", "segment", dict(DIMENSIONS), by),
        more=switches(look, "segments", "ranked", dict(RANKINGS), ranking) if has_margin else [],
    )


def _segments(answers: list[Answer], ranked: Answer, look: Look) -> list[Segment]:
    """What is drawn: the ranked figure as bars, margins beside revenue."""
    return [
        Segment(
            row.label,
            row.result.value,
            margin=_cell(answers[MARGIN], row.key)
            if ranked is answers[REVENUE] and len(answers) > MARGIN
            else None,
            hover=_sentence(answers, row.key, look),
        )
        for row in ranked.rows
        if row.result.value
    ]


def _finding(found: list[Segment], ranked: Answer, look: Look) -> str | None:
    """What stands out: how much the largest bring, or who leaves the most."""
    if ranked.kpi.key != "margin":
        return concentration_finding(found, look.style)
    best = max(found, key=lambda segment: segment.value or 0, default=None)
    if best is None or best.value is None or best.value <= 0:
        return None
    return _("%(segment)s leaves the most margin, %(margin)s") % {
        "segment": best.label,
        "margin": written(best.value, Unit.MONEY, look.style),
    }


def _in_order(ranked: Answer) -> list[Row]:
    """The largest first."""
    return sorted(ranked.rows, key=lambda row: -(row.result.value or 0))


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
        written(_cell(answer, key), answer.kpi.unit, look.style) for answer in answers[:MARGIN]
    )
    labels = {row.key: row.label for answer in answers for row in answer.rows}
    return _("%(segment)s: %(revenue)s from %(deals)s deals, win rate %(rate)s") % {
        "segment": labels[key],
        "revenue": revenue,
        "deals": deals,
        "rate": rate,
    }
