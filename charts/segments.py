"""Where does money come from: the biggest segments, the rest folded, margin as a dot."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from charts.axes import row_axis, value_axis
from charts.canvas import amount, canvas, marks, measured, nothing, number, rows_high, words
from charts.data import Segment, Style
from charts.numbers import Unit
from charts.theme import Role, colour
from charts.words import word

MOST = 8


def segment_bars(segments: Sequence[Segment], unit: Unit, style: Style) -> go.Figure:
    """The segments by value, largest first; margins share the axis and stay out if unknown."""
    rows = fold(segments, style)
    seen = measured(value for row in rows for value in (row.value, row.margin))
    if not measured(row.value for row in rows):
        return nothing(style)
    return canvas(
        [_bars(rows, unit, style), _margins(rows, style)],
        style,
        height=rows_high(len(rows), head=16),
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        bargap=0.4,
        xaxis=value_axis(seen, unit, style, room=Decimal("0.2")),
        yaxis=row_axis([row.label for row in rows], style),
        annotations=_margin_name(rows, style),
    )


def fold(segments: Sequence[Segment], style: Style) -> list[Segment]:
    """The eight largest, and one row that adds up the others; a lone ninth stands for itself.

    What others bring together is unknown where that of one of them is.
    """
    ranked = sorted(segments, key=lambda segment: (-(segment.value or 0), segment.label))
    if len(ranked) <= MOST + 1:
        return ranked
    return [*ranked[:MOST], _others(ranked[MOST:], style)]


def _others(rest: Sequence[Segment], style: Style) -> Segment:
    return Segment(
        label=word("others", style.language, count=str(len(rest))),
        value=_total([segment.value for segment in rest]),
        margin=_total([segment.margin for segment in rest]),
    )


def _total(parts: Sequence[Decimal | None]) -> Decimal | None:
    """Their sum; with an unknown part it is unknown."""
    return None if None in parts else sum(measured(parts), Decimal(0))


def _bars(rows: Sequence[Segment], unit: Unit, style: Style) -> go.Bar:
    return go.Bar(
        x=[number(row.value) for row in rows],
        y=list(range(len(rows))),
        orientation="h",
        marker={"color": colour(Role.ACTUAL, style)},
        text=[amount(row.value, unit, style) for row in rows],
        textposition="outside",
        cliponaxis=False,
        **marks(rows, unit, style),
    )


def _margins(rows: Sequence[Segment], style: Style) -> go.Scatter:
    roles = [Role.BAD if (row.margin or 0) < 0 else Role.GOOD for row in rows]
    return go.Scatter(
        x=[number(row.margin) for row in rows],
        y=list(range(len(rows))),
        mode="markers",
        marker={
            "symbol": "diamond",
            "size": 12,
            "color": [colour(role, style) for role in roles],
            "line": {"color": colour(Role.SURFACE, style), "width": 2},
        },
        hoverinfo="skip",
    )


def _margin_name(rows: Sequence[Segment], style: Style) -> list[dict[str, Any]]:
    """What the diamonds are, said above the first one."""
    known = ((y, row.margin) for y, row in enumerate(rows) if row.margin is not None)
    text = f"◆ {word('margin', style.language)}"
    return [
        words(text, style, x=float(margin), y=y, yanchor="bottom", yshift=10)
        for y, margin in list(known)[:1]
    ]
