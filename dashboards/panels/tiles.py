"""KPI tiles: the few figures that a role looks at first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from charts.sparkline import sparkline
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.trends import Pace, months_of, pace_of
from dashboards.wording import (
    change,
    filled,
    has_pace,
    pace_words,
    restated_words,
    target_words,
    why_nothing,
    written,
)
from kpis.questions import Answer, Question
from kpis.registry import all_kpis
from kpis.spans import MONTHS


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
    spark_is_later: bool = False
    restated: str = ""


@dataclass(frozen=True)
class Tiles:
    """Some tiles, and where the lines of those that take longer come from ("": of none)."""

    tiles: list[Tile]
    sparks_url: str


def tiles(*keys: str) -> Panel:
    """A row of tiles for these KPIs; those that a viewer may not see are left out."""

    def ask(look: Look) -> list[Question]:
        seen = [key for key in keys if look.sees(key)]
        return [each for key in seen for each in _questions(look, key)]

    return Panel("tiles", show=_show, ask=ask, template="dashboards/panels/tiles.html")


def _questions(look: Look, key: str) -> list[Question]:
    figure = look.question(key, compare=look.compare, against_close=True)
    if pace_of(all_kpis()[key]) is not Pace.QUICK:
        return [figure]
    return [figure, months_of(look.question(key))]


def _show(look: Look, answers: list[Answer]) -> Tiles:
    trends = {answer.kpi.key: answer for answer in answers if answer.question.by}
    figures = [answer for answer in answers if not answer.question.by]
    drawn = [tile(answer, trends.get(answer.kpi.key), look) for answer in figures]
    later = [each.key for each in drawn if each.spark_is_later]
    bar, asked = look.selection.query(), urlencode({"kpi": later}, doseq=True)
    query = f"{bar}&{asked}" if bar else f"?{asked}"
    return Tiles(drawn, reverse("dashboards:sparks") + query if later else "")


def is_slow(key: str) -> bool:
    """Whether the line of a KPI takes longer than its tile."""
    return pace_of(all_kpis()[key]) is Pace.SLOW


def tile(answer: Answer, trend: Answer | None, look: Look) -> Tile:
    """A figure with everything that is said beside it."""
    moved = change(answer, look)
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
        meter=_meter(answer, filled(answer)),
        meter_mark=look.period.share_gone(look.at) * 100 if has_pace(answer, look) else None,
        pace=pace,
        pace_kind=pace_kind,
        change=moved.words if moved else "",
        change_basis=moved.basis if moved else "",
        change_kind=moved.kind if moved else "",
        spark=spark(trend),
        spark_is_later=is_slow(answer.kpi.key),
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
