"""What is in the pipeline: open deals by stage."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from charts.data import Stage as Bar
from charts.numbers import Unit
from charts.stages import stage_bars
from dashboards.links import page_url
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.wording import exact, share, written
from kpis.cards import Card, drawn
from kpis.declarations import Result
from kpis.questions import Answer, Question, Row
from pipeline.models import Category, Stage


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
    found = [_stage(row, by_key.get(row.key, 0), look) for row in _with_empty(amounts.rows)]
    unit = Unit.MONEY
    return Card(
        id="stages",
        title=_title(amounts, found, look),
        note=_("Open deals by stage, with their amount; omitted ones left out"),
        figure=drawn(stage_bars(found, unit, look.style)),
        header=[_("Stage"), _("Amount"), _("Deals")],
        rows=[[each.label, exact(each.value, unit, look.style), str(each.count)] for each in found],
        empty="" if found else _("There are no open deals. New ones appear here by stage."),
    )


def _with_empty(rows: Sequence[Row]) -> list[Row]:
    """The rows, and the stages of the same processes that count but hold nothing now."""
    held = {row.key for row in rows}
    stages = list(Stage.objects.open().exclude(category=Category.OMITTED))
    processes = {stage.process_id for stage in stages if str(stage.pk) in held}
    empty = [
        _empty(stage)
        for stage in stages
        if stage.process_id in processes and str(stage.pk) not in held
    ]
    return sorted([*rows, *empty], key=lambda row: (row.position, row.label))


def _empty(stage: Stage) -> Row:
    nothing = Result(Decimal(0))
    return Row(key=str(stage.pk), label=stage.label, result=nothing, position=stage.position)


def _stage(row: Row, count: int, look: Look) -> Bar:
    deals = page_url("pipeline:deals")
    return Bar(
        label=row.label,
        value=row.result.value,
        count=count,
        href=f"{deals}{look.selection.query(stage=row.key)}" if deals else "",
    )


def _title(whole: Answer, found: list[Bar], look: Look) -> str:
    """The stage that holds the most, and how much of the whole that is."""
    largest = max(found, key=lambda stage: stage.value or Decimal(0), default=None)
    if largest is None or not largest.value or not whole.value:
        return _("What is in the pipeline?")
    return _("%(share)s of %(total)s in the pipeline is in “%(stage)s”") % {
        "share": share(largest.value / whole.value, look.style),
        "total": written(whole.value, Unit.MONEY, look.style),
        "stage": largest.label,
    }
