"""KPI tiles: the few figures that a role looks at first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from charts.sparkline import sparkline
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.spans import MONTHS, two_years_to
from dashboards.wording import (
    attainment,
    change,
    has_pace,
    pace_words,
    restated_words,
    target_words,
    why_nothing,
    written,
)
from kpis.declarations import Kpi
from kpis.questions import Answer, Question
from kpis.registry import all_kpis


@dataclass(frozen=True)
class Tile:
    """A figure for components/tile.html; words are ready to read."""

    key: str
    name: Any
    help: Any
    state: str
    value: str
    url: str
    why: str = ""
    target: str = ""
    meter: Decimal | None = None
    meter_mark: Decimal | None = None
    pace: str = ""
    pace_kind: str = ""
    change: str = ""
    change_basis: str = ""
    change_kind: str = ""
    spark: SafeString | str = ""
    restated: str = ""
    computed: str = ""


def tiles(*keys: str) -> Panel:
    """A row of tiles for these KPIs; those that a viewer may not see are left out."""

    def ask(look: Look) -> list[Question]:
        seen = [key for key in keys if look.sees(key)]
        return [each for key in seen for each in _questions(look, key)]

    return Panel("tiles", show=_show, ask=ask, template="dashboards/panels/tiles.html")


def _questions(look: Look, key: str) -> list[Question]:
    figure = look.question(key, compare=look.compare, against_close=True)
    if not has_trend(all_kpis()[key]):
        return [figure]
    return [figure, look.question(key, period=two_years_to(look.period), by="month")]


def has_trend(kpi: Kpi) -> bool:
    """Whether its months come from the rows' own dates, so that a trend costs one reading."""
    read = [measure.of for measure in kpi.basis().measures.values()]
    return all(population.dated_by and not population.is_walked for population in read)


def _show(look: Look, answers: list[Answer]) -> list[Tile]:
    trends = {answer.kpi.key: answer for answer in answers if answer.question.by}
    figures = [answer for answer in answers if not answer.question.by]
    return [tile(answer, trends.get(answer.kpi.key), look) for answer in figures]


def tile(answer: Answer, trend: Answer | None, look: Look) -> Tile:
    """A figure with everything that is said beside it."""
    moved = change(answer, look)
    reached = attainment(answer)
    pace, pace_kind = pace_words(answer, look)
    return Tile(
        key=answer.kpi.key,
        name=answer.kpi.label,
        help=answer.kpi.help,
        state="ok" if answer.value is not None else "nothing",
        value=written(answer.value, answer.kpi.unit, look.style),
        url=look.explain_url(answer.kpi),
        why="" if answer.value is not None else why_nothing(answer),
        target=target_words(answer, look.style),
        meter=_meter(answer, reached),
        meter_mark=look.period.share_gone(look.at) * 100 if has_pace(answer, look) else None,
        pace=pace,
        pace_kind=pace_kind,
        change=moved.words if moved else "",
        change_basis=moved.basis if moved else "",
        change_kind=moved.kind if moved else "",
        spark=spark(trend),
        restated=restated_words(answer, look.style),
    )


def _meter(answer: Answer, reached: Decimal | None) -> Decimal | None:
    """How full, in percent; rates do not fill up."""
    if reached is None or not answer.basis.is_additive:
        return None
    return min(reached, Decimal(1)) * 100


def spark(trend: Answer | None) -> SafeString | str:
    """Twelve months with the twelve before them in grey."""
    values: Sequence[Decimal | None] = [row.result.value for row in trend.rows] if trend else []
    drawing = sparkline(values[MONTHS:], values[:MONTHS])
    return mark_safe(drawing)  # noqa: S308 # an SVG of numbers only
