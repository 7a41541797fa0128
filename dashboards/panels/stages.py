"""What is in the pipeline: open deals by stage."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from charts.data import Stage
from charts.numbers import Unit
from charts.stages import stage_bars
from dashboards.cards import Card, drawn
from dashboards.links import page_url
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.wording import exact, share, written
from kpis.questions import Answer, Question, Row


def stages(css: str) -> Panel:
    """Every stage that holds open deals; they add up to the pipeline's own figure."""
    return Panel("stages", show=_show, ask=_ask, css=css)


def _ask(look: Look) -> list[Question]:
    return [
        look.question("open_pipeline", by="stage"),
        look.question("open_deals", by="stage"),
    ]


def _show(look: Look, answers: list[Answer]) -> Card:
    amounts, counts = answers
    by_key = {row.key: int(row.result.value or 0) for row in counts.rows}
    found = [_stage(row, by_key.get(row.key, 0), look) for row in amounts.rows]
    unit = Unit.MONEY
    return Card(
        id="stages",
        title=_title(amounts, found, look),
        note=_("Open deals by stage, with their amount"),
        figure=drawn(stage_bars(found, unit, look.style)),
        header=[_("Stage"), _("Amount"), _("Deals")],
        rows=[[each.label, exact(each.value, unit, look.style), str(each.count)] for each in found],
        empty="" if found else _("There are no open deals. New ones appear here by stage."),
    )


def _stage(row: Row, count: int, look: Look) -> Stage:
    deals = page_url("pipeline:deals")
    return Stage(
        label=row.label,
        value=row.result.value,
        count=count,
        href=f"{deals}{look.selection.query(stage=row.key)}" if deals else "",
    )


def _title(whole: Answer, found: list[Stage], look: Look) -> str:
    """The stage that holds the most, and how much of the whole that is."""
    largest = max(found, key=lambda stage: stage.value or Decimal(0), default=None)
    if largest is None or not largest.value or not whole.value:
        return _("What is in the pipeline?")
    return _("%(share)s of %(total)s in the pipeline is in “%(stage)s”") % {
        "share": share(largest.value / whole.value, look.style),
        "total": written(whole.value, Unit.MONEY, look.style),
        "stage": largest.label,
    }
