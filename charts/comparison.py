"""Who does what: dots sorted by value, with the team's median line."""

from collections.abc import Sequence
from decimal import Decimal
from statistics import median
from typing import Any

import plotly.graph_objects as go

from charts.axes import row_axis, value_axis
from charts.canvas import amount, canvas, marks, measured, nothing, number, rows_high, words
from charts.data import Dot, Style
from charts.numbers import NOTHING, Unit
from charts.theme import Role, colour
from charts.words import word


def dot_comparison(
    dots: Sequence[Dot],
    unit: Unit,
    style: Style,
    *,
    down_is_good: bool = False,
    most: int | None = None,
    whole: Decimal | None = None,
) -> go.Figure:
    """The best on top, those without a value below; new people are hollow dots and said so.

    At `most` so many are drawn. The line is the median of all; `whole`, where it is given,
    takes its place: the figure of everything that the dots are parts of.
    """
    middle = middle_of(dots) if whole is None else whole
    if middle is None or not measured(dot.value for dot in dots):
        return nothing(style)
    ranked = rank(dots, down_is_good=down_is_good)[:most]
    seen = [*measured(dot.value for dot in ranked), middle]
    return canvas(
        [_dots(ranked, middle, unit, style)],
        style,
        height=rows_high(len(ranked), head=16),
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        xaxis=value_axis(seen, unit, style, from_zero=False, room=Decimal("0.2")),
        yaxis=row_axis([_name(dot, style) for dot in ranked], style) | _guides(style),
        shapes=[_line(middle, style)],
        annotations=[_line_name("whole" if whole is not None else "median", middle, unit, style)],
    )


def rank(dots: Sequence[Dot], *, down_is_good: bool = False) -> list[Dot]:
    """Best first, equals by name, those without a value last."""

    def key(dot: Dot) -> tuple[bool, Decimal, str]:
        value = dot.value or Decimal(0)
        return dot.value is None, value if down_is_good else -value, dot.label

    return sorted(dots, key=key)


def middle_of(dots: Sequence[Dot]) -> Decimal | None:
    """The median of the values that are there; None without any."""
    values = measured(dot.value for dot in dots)
    return median(values) if values else None


def _dots(dots: Sequence[Dot], middle: Decimal, unit: Unit, style: Style) -> go.Scatter:
    ink, hollow = colour(Role.ACTUAL, style), colour(Role.SURFACE, style)
    fill = [hollow if dot.ramping else ink for dot in dots]
    return go.Scatter(
        x=[number(dot.value) for dot in dots],
        y=list(range(len(dots))),
        mode="markers+text",
        marker={"size": 12, "color": fill, "line": {"color": ink, "width": 2}},
        text=[amount(dot.value, unit, style) for dot in dots],
        textposition=[_away_from(middle, dot) for dot in dots],
        cliponaxis=False,
        **marks(dots, unit, style),
    )


def _away_from(middle: Decimal, dot: Dot) -> str:
    """Where a dot's figure stands, so that the line of the median does not cross it."""
    return "middle left" if dot.value is not None and dot.value < middle else "middle right"


def _name(dot: Dot, style: Style) -> str:
    label = word("ramping", style.language, name=dot.label) if dot.ramping else dot.label
    return label if dot.value is not None else f"{label} {NOTHING}"


def _guides(style: Style) -> dict[str, Any]:
    return {"showgrid": True, "gridcolor": colour(Role.GRID, style)}


def _line(middle: Decimal, style: Style) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": float(middle),
        "x1": float(middle),
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "line": {"color": colour(Role.LAST_YEAR, style), "width": 2},
    }


def _line_name(key: str, middle: Decimal, unit: Unit, style: Style) -> dict[str, Any]:
    text = word(key, style.language, value=amount(middle, unit, style))
    return words(text, style, x=float(middle), yref="paper", y=1, yanchor="bottom")
