"""What is in the pipeline: a bar per stage with amount, count and what passes on."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from charts.axes import beside, row_axis, value_axis
from charts.canvas import amount, canvas, marks, measured, nothing, number, rows_high, words
from charts.data import Stage, Style
from charts.numbers import Unit
from charts.theme import Role, colour
from charts.words import word


def stage_bars(stages: Sequence[Stage], unit: Unit, style: Style) -> go.Figure:
    """The stages from first to last; the bottleneck is marked in words as well as in colour."""
    seen = measured(stage.value for stage in stages)
    if not seen:
        return nothing(style)
    ends, texts = [stage.value for stage in stages], [_text(each, unit, style) for each in stages]
    return canvas(
        [_bars(stages, unit, style)],
        style,
        height=rows_high(len(stages)),
        bargap=0.45,
        xaxis=value_axis(seen, unit, style, reach=beside(ends, texts)),
        yaxis=row_axis([stage.label for stage in stages], style),
        annotations=_conversions(stages, style),
    )


def _bars(stages: Sequence[Stage], unit: Unit, style: Style) -> go.Bar:
    roles = [Role.BAD if stage.bottleneck else Role.ACTUAL for stage in stages]
    return go.Bar(
        x=[number(stage.value) for stage in stages],
        y=list(range(len(stages))),
        orientation="h",
        marker={"color": [colour(role, style) for role in roles]},
        text=[_text(stage, unit, style) for stage in stages],
        textposition="outside",
        cliponaxis=False,
        **marks(stages, unit, style),
    )


def _text(stage: Stage, unit: Unit, style: Style) -> str:
    parts = [amount(stage.value, unit, style)]
    if stage.count is not None:
        key = "deal" if stage.count == 1 else "deals"
        count = amount(Decimal(stage.count), Unit.COUNT, style)
        parts.append(word(key, style.language, count=count))
    if stage.bottleneck:
        parts.append(f"<b>{word('bottleneck', style.language)}</b>")
    return " · ".join(parts)


def _conversions(stages: Sequence[Stage], style: Style) -> list[dict[str, Any]]:
    """The share that passes on, between a stage and the next."""
    between = [
        (position + 0.5, stage.conversion)
        for position, stage in enumerate(stages[:-1])
        if stage.conversion is not None
    ]
    return [
        words(f"↓ {amount(share, Unit.PERCENT, style)}", style, x=0, xanchor="left", xshift=4, y=y)
        for y, share in between
    ]
