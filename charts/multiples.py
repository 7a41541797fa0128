"""What goes where over time: a small line for each part, all on one scale."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from charts.axes import value_axis
from charts.canvas import amount, canvas, marks, measured, name, nothing, number, safe, words
from charts.data import Series, Style
from charts.numbers import Unit
from charts.theme import Role, colour

ACROSS = 3
MOST = 12
ROOM = 124
"""The height in pixels of one small line with its name."""
GAP = 0.05
FOOT = 0.82
HEAD = 46 / ROOM
"""The share of that height which the name takes."""


def small_lines(series: Sequence[Series], unit: Unit, style: Style) -> go.Figure:
    """The first twelve in their order, three to a row: its name, its last value, its line.

    The running point is hollow, as in `trend.line`. All have as many points, of the same times.
    """
    shown = series[:MOST]
    seen = measured(point.value for each in shown for point in each.points)
    if not seen:
        return nothing(style)
    across = min(ACROSS, len(shown))
    down = -(-len(shown) // across)
    scale = value_axis(seen, unit, style)
    layout: dict[str, Any] = {"annotations": []}
    traces = []
    for place, each in enumerate(shown):
        number_of = "" if place == 0 else str(place + 1)
        layout |= _axes(place, number_of, (across, down), each, scale, style)
        layout["annotations"] += _names(each, number_of, unit, style)
        traces += _drawn(each, number_of, unit, style)
    margin = {"l": 8, "r": 8, "t": 8, "b": 8}
    return canvas(traces, style, height=down * ROOM + 16, margin=margin, **layout)


def _axes(
    place: int,
    number_of: str,
    grid: tuple[int, int],
    each: Series,
    scale: dict[str, Any],
    style: Style,
) -> dict[str, Any]:
    across, down = grid
    row, column = divmod(place, across)
    width, height = (1 - GAP * (across - 1)) / across, 1 / down
    left, top = column * (width + GAP), 1 - row * height
    horizontal = {
        "domain": [left, left + width],
        "anchor": f"y{number_of}",
        "range": [-0.5, len(each.points) - 0.5],
        **_ends(each, style),
    }
    upright = {
        "domain": [top - height * FOOT, top - height * HEAD],
        "anchor": f"x{number_of}",
        "range": scale["range"],
        "showticklabels": False,
        "fixedrange": True,
        "zeroline": True,
        "zerolinecolor": colour(Role.GRID, style),
        "showgrid": False,
    }
    return {f"xaxis{number_of}": horizontal, f"yaxis{number_of}": upright}


def _ends(each: Series, style: Style) -> dict[str, Any]:
    """The first and the last time, which all lines share."""
    ends = [0, len(each.points) - 1]
    return {
        "tickvals": ends,
        "ticktext": [safe(each.points[end].label) for end in ends],
        "tickfont": {"color": colour(Role.MUTED, style), "size": 11},
        "tickangle": 0,
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }


def _names(each: Series, number_of: str, unit: Unit, style: Style) -> Iterator[dict[str, Any]]:
    """What it is above its line, and what it came to last."""
    place: dict[str, Any] = {"yref": f"y{number_of} domain", "y": 1, "yanchor": "bottom"}
    place |= {"xref": f"x{number_of} domain", "yshift": 4, "align": "left"}
    last = next((point.value for point in reversed(each.points) if point.value is not None), None)
    text = f"{name(each.label)}<br><b>{amount(last, unit, style)}</b>"
    yield words(text, style, Role.TEXT, x=0, xanchor="left", **place)


def _drawn(each: Series, number_of: str, unit: Unit, style: Style) -> list[go.Scatter]:
    ink, hollow = colour(Role.ACTUAL, style), colour(Role.SURFACE, style)
    values: list[Decimal | None] = [point.value for point in each.points]
    return [
        go.Scatter(
            x=list(range(len(values))),
            y=list(map(number, values)),
            mode="lines+markers",
            line={"color": ink, "width": 2},
            marker={
                "size": 4,
                "color": [hollow if point.running else ink for point in each.points],
                "line": {"color": ink, "width": 1.5},
            },
            cliponaxis=False,
            xaxis=f"x{number_of}",
            yaxis=f"y{number_of}",
            **marks(each.points, unit, style),
        )
    ]
