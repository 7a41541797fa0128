"""Where will we land: what is booked so far, and from today a fan to where the period may end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from charts.axes import column_axis, upright_axis
from charts.canvas import amount, canvas, measured, number, room_for, safe, words
from charts.data import Style
from charts.numbers import Unit
from charts.theme import Role, colour
from charts.words import word

HEIGHT = 300
_PLOT_HEIGHT, _LABEL_HEIGHT = 230, 16
_FADED = 0.22


@dataclass(frozen=True)
class Booked:
    """What is booked by the end of a step of the period; None for those to come."""

    label: str
    value: Decimal | None


@dataclass(frozen=True)
class Mark:
    """A call for the period's end, such as a lead's commit."""

    label: str
    value: Decimal


@dataclass(frozen=True)
class Landing:
    """Where the period may end, its target, and what people call."""

    low: Decimal
    middle: Decimal
    high: Decimal
    target: Decimal | None = None
    marks: Sequence[Mark] = ()


def fan(booked: Sequence[Booked], landing: Landing, unit: Unit, style: Style) -> go.Figure:
    """The fan over the steps of a period, the last of which is its end."""
    so_far = [point.value for point in booked]
    last = max((n for n, value in enumerate(so_far) if value is not None), default=0)
    now, end = so_far[last] if so_far else None, max(len(booked) - 1, last + 1)
    labels = [point.label for point in booked] + [""] * (end + 1 - len(booked))
    calls = [mark.value for mark in landing.marks]
    ends = [landing.low, landing.middle, landing.high]
    vertical, unit_name = upright_axis(
        measured([*so_far, *ends, landing.target, *calls]), unit, style
    )
    names = _names(landing, end, unit, style, vertical["range"])
    start = Decimal(0) if now is None else now
    return canvas(
        [
            *_target(landing, end, style),
            _band(start, last, end, landing, style),
            _middle(start, last, end, landing, unit, style),
            _line(so_far, booked, unit, style),
            _marks(landing, end, unit, style),
        ],
        style,
        height=HEIGHT,
        margin={"l": 8, "r": room_for([name["text"] for name in names]), "t": 32, "b": 8},
        xaxis=column_axis(labels, style),
        yaxis=vertical,
        annotations=[unit_name, *names],
    )


def _band(start: Decimal, last: int, end: int, landing: Landing, style: Style) -> go.Scatter:
    edges = [start, landing.high, landing.low, start]
    return go.Scatter(
        x=[last, end, end, last],
        y=list(map(number, edges)),
        mode="lines",
        fill="toself",
        fillcolor=colour(Role.FORECAST, style),
        opacity=_FADED,
        line={"width": 0},
        hoverinfo="skip",
    )


def _middle(
    start: Decimal, last: int, end: int, landing: Landing, unit: Unit, style: Style
) -> go.Scatter:
    text = f"P50 {amount(landing.middle, unit, style)}"
    return go.Scatter(
        x=[last, end],
        y=[number(start), number(landing.middle)],
        mode="lines",
        line={"color": colour(Role.FORECAST, style), "width": 2.5, "dash": "dot"},
        hovertext=["", text],
        hoverinfo="text",
    )


def _line(
    so_far: Sequence[Decimal | None], booked: Sequence[Booked], unit: Unit, style: Style
) -> go.Scatter:
    return go.Scatter(
        x=list(range(len(so_far))),
        y=list(map(number, so_far)),
        mode="lines+markers",
        line={"color": colour(Role.ACTUAL, style), "width": 2.5},
        marker={"size": 5, "color": colour(Role.ACTUAL, style)},
        hovertext=[safe(f"{each.label}: {amount(each.value, unit, style)}") for each in booked],
        hoverinfo="text",
    )


def _target(landing: Landing, end: int, style: Style) -> list[go.Scatter]:
    if landing.target is None:
        return []
    pen = {"color": colour(Role.TARGET, style), "width": 1.5, "dash": "dash"}
    across = [number(landing.target)] * 2
    return [go.Scatter(x=[0, end], y=across, mode="lines", line=pen, hoverinfo="skip")]


def _marks(landing: Landing, end: int, unit: Unit, style: Style) -> go.Scatter:
    sentences = [safe(f"{each.label}: {amount(each.value, unit, style)}") for each in landing.marks]
    return go.Scatter(
        x=[end] * len(landing.marks),
        y=[number(each.value) for each in landing.marks],
        mode="markers",
        marker={"symbol": "diamond", "size": 10, "color": colour(Role.TEXT, style)},
        hovertext=sentences,
        hoverinfo="text",
    )


def _names(
    landing: Landing, end: int, unit: Unit, style: Style, span: Sequence[float]
) -> list[dict[str, Any]]:
    """What stands beside the ends, from low to high, each clear of the one below."""
    told: list[tuple[str, Decimal, Role]] = [
        (f"P10 {amount(landing.low, unit, style)}", landing.low, Role.MUTED),
        (f"P50 {amount(landing.middle, unit, style)}", landing.middle, Role.TEXT),
        (f"P90 {amount(landing.high, unit, style)}", landing.high, Role.MUTED),
        *((safe(each.label), each.value, Role.MUTED) for each in landing.marks),
    ]
    if landing.target is not None:
        told.append((word("target", style.language), landing.target, Role.MUTED))
    scale = _PLOT_HEIGHT / (span[1] - span[0])
    names, floor = [], float("-inf")
    for text, value, role in sorted(told, key=lambda each: each[1]):
        height = max(float(value) * scale, floor)
        place = {"x": end, "y": float(value), "xanchor": "left", "xshift": 10}
        names.append(words(text, style, role, **place, yshift=round(height - float(value) * scale)))
        floor = height + _LABEL_HEIGHT
    return names
