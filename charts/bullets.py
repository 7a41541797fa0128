"""How far to target: a bar for the actual value, marks for the target and for today's pace."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from charts.axes import row_axis, value_axis
from charts.canvas import (
    amount,
    canvas,
    marks,
    measured,
    nothing,
    number,
    room_for,
    rows_high,
    safe,
    words,
)
from charts.data import Bullet, Style
from charts.numbers import Unit
from charts.theme import Role, colour
from charts.words import word


def bullet(rows: Sequence[Bullet], unit: Unit, style: Style) -> go.Figure:
    """One row per goal, all in one unit and from zero; value and note stand at the right."""
    seen = measured(value for row in rows for value in (row.value, row.target, row.pace))
    if not seen:
        return nothing(style)
    values = [_value(row, unit, style) for row in rows]
    return canvas(
        [
            _bars(rows, unit, style),
            _ticks([row.pace for row in rows], style, Role.MUTED, size=14),
            _ticks([row.target for row in rows], style, Role.TARGET, size=20),
        ],
        style,
        height=rows_high(len(rows), head=16),
        margin={"l": 8, "r": room_for(values), "t": 28, "b": 8},
        xaxis=value_axis(seen, unit, style),
        yaxis=row_axis([row.label for row in rows], style),
        annotations=[*_names(rows, style), *_beside(values, style)],
    )


def _bars(rows: Sequence[Bullet], unit: Unit, style: Style) -> go.Bar:
    return go.Bar(
        x=[number(row.value) for row in rows],
        y=list(range(len(rows))),
        orientation="h",
        width=0.4,
        marker={"color": colour(Role.ACTUAL, style)},
        **marks(rows, unit, style),
    )


def _ticks(values: Sequence[Decimal | None], style: Style, role: Role, *, size: int) -> go.Scatter:
    ink = colour(role, style)
    return go.Scatter(
        x=list(map(number, values)),
        y=list(range(len(values))),
        mode="markers",
        marker={"symbol": "line-ns", "size": size, "line": {"color": ink, "width": 3}},
        hoverinfo="skip",
    )


def _names(rows: Sequence[Bullet], style: Style) -> list[dict[str, Any]]:
    """What the marks are, said above the first row; left and right, so as not to collide."""
    first = rows[0]
    sides = {"pace": (first.pace, "right"), "target": (first.target, "left")}
    if first.pace is not None and first.target is not None and first.pace > first.target:
        sides = {"pace": (first.pace, "left"), "target": (first.target, "right")}
    above: dict[str, Any] = {"yref": "paper", "y": 1, "yanchor": "bottom"}
    return [
        words(word(key, style.language), style, x=float(x), xanchor=side, **above)
        for key, (x, side) in sides.items()
        if x is not None
    ]


def _value(row: Bullet, unit: Unit, style: Style) -> str:
    return safe(" · ".join(filter(None, (amount(row.value, unit, style), row.note))))


def _beside(values: Sequence[str], style: Style) -> list[dict[str, Any]]:
    place: dict[str, Any] = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 8}
    return [words(text, style, Role.TEXT, y=y, **place) for y, text in enumerate(values)]
