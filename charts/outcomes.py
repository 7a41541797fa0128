"""How likely is each end: the outcomes of a period, and of others behind or beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from charts.axes import value_axis
from charts.canvas import amount, canvas, nothing, safe, words
from charts.data import Style
from charts.numbers import Unit, write
from charts.theme import Role, colour
from charts.words import word

HEIGHT = 300
BINS = 36
_LINE = 16
_FADED = 0.75
# Of several curves, in order; they differ by their dashes, too.
_PENS = (
    (Role.LAST_YEAR, "solid"),
    (Role.ACTUAL, "solid"),
    (Role.FORECAST, "dash"),
    (Role.GOOD, "dashdot"),
    (Role.BAD, "dot"),
)
# A few outcomes far out would press all others together.
_OUTERMOST = (0.002, 0.998)


@dataclass(frozen=True)
class Range:
    """What is marked in a distribution."""

    low: Decimal
    middle: Decimal
    high: Decimal
    target: Decimal | None = None


@dataclass(frozen=True)
class Curve:
    """The outcomes of one scenario."""

    label: str
    draws: NDArray[np.float64]


def distribution(
    draws: NDArray[np.float64],
    behind: NDArray[np.float64] | None,
    marked: Range,
    unit: Unit,
    style: Style,
) -> go.Figure:
    """How many of a hundred outcomes end where, with the outcomes `behind` as an outline."""
    shown = draws if behind is None else np.concatenate([draws, behind])
    low, high = np.quantile(shown, _OUTERMOST).tolist()
    edges = np.linspace(low, max(high, low + 1), BINS + 1)
    lines = [marked.low, marked.middle, marked.high, *_only(marked.target)]
    axis = value_axis(_span([low, high], lines), unit, style, from_zero=False)
    bars = _shares(draws, edges)
    outline = [] if behind is None else [_outline(_shares(behind, edges), edges, style)]
    return canvas(
        [_bars(bars, edges, unit, style), *outline, *_rules(marked, style)],
        style,
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 4 * _LINE, "b": 8},
        bargap=0.06,
        xaxis={**axis, "showgrid": False, "zeroline": False},
        yaxis={"visible": False, "fixedrange": True, "rangemode": "tozero"},
        yaxis2={"visible": False, "fixedrange": True, "range": [0, 1], "overlaying": "y"},
        annotations=_names(marked, unit, style),
    )


def reaching(
    curves: Sequence[Curve], target: Decimal | None, unit: Unit, style: Style
) -> go.Figure:
    """How likely each amount is reached or passed, a curve a scenario; the first is today's."""
    if not curves:
        return nothing(style)
    together = np.concatenate([curve.draws for curve in curves])
    ends = np.quantile(together, _OUTERMOST).tolist()
    axis = value_axis(_span(ends, _only(target)), unit, style, from_zero=False)
    rule = [] if target is None else [_rule(target, Role.TARGET, "dash", style)]
    ticks = [0, 0.25, 0.5, 0.75, 1]
    return canvas(
        [*(_curve(each, n, unit, style) for n, each in enumerate(curves)), *rule],
        style,
        height=HEIGHT + 40,
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        margin={"l": 8, "r": 16, "t": 48, "b": 8},
        xaxis={**axis, "showgrid": False, "zeroline": False},
        yaxis={
            "range": [0, 1.02],
            "tickvals": ticks,
            "ticktext": [_share(tick, style) for tick in ticks],
            "gridcolor": colour(Role.GRID, style),
            "fixedrange": True,
            "automargin": True,
        },
        yaxis2={"visible": False, "fixedrange": True, "range": [0, 1], "overlaying": "y"},
    )


def _only(value: Decimal | None) -> list[Decimal]:
    return [] if value is None else [value]


def _span(ends: Sequence[float], marks: Sequence[Decimal]) -> list[Decimal]:
    return [*(Decimal(round(end)) for end in ends), *marks]


def _shares(draws: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of the draws in each bin; those beyond the outermost edges are in the last ones."""
    held = np.clip(draws, edges[0], edges[-1])
    shares: NDArray[np.float64] = np.histogram(held, edges)[0] / max(len(draws), 1)
    return shares


def _bars(
    shares: NDArray[np.float64], edges: NDArray[np.float64], unit: Unit, style: Style
) -> go.Bar:
    middles = (edges[:-1] + edges[1:]) / 2
    sentences = [
        f"{_amount(low, unit, style)} – {_amount(high, unit, style)}: {_share(share, style)}"
        for low, high, share in zip(edges[:-1], edges[1:], shares, strict=True)
    ]
    return go.Bar(
        x=middles.tolist(),
        y=shares.tolist(),
        marker={"color": colour(Role.FORECAST, style)},
        opacity=_FADED,
        hovertext=sentences,
        hoverinfo="text",
    )


def _outline(shares: NDArray[np.float64], edges: NDArray[np.float64], style: Style) -> go.Scatter:
    heights = np.append(shares, 0.0)
    return go.Scatter(
        x=edges.tolist(),
        y=heights.tolist(),
        mode="lines",
        line={"color": colour(Role.LAST_YEAR, style), "width": 1.5, "shape": "hv"},
        hoverinfo="skip",
    )


def _rules(marked: Range, style: Style) -> list[go.Scatter]:
    rules = [
        _rule(marked.low, Role.MUTED, "dot", style),
        _rule(marked.middle, Role.TEXT, "solid", style),
        _rule(marked.high, Role.MUTED, "dot", style),
    ]
    if marked.target is not None:
        rules.append(_rule(marked.target, Role.TARGET, "dash", style))
    return rules


def _rule(value: Decimal, role: Role, dash: str, style: Style) -> go.Scatter:
    return go.Scatter(
        x=[float(value)] * 2,
        y=[0, 1],
        yaxis="y2",
        mode="lines",
        line={"color": colour(role, style), "width": 1.5, "dash": dash},
        hoverinfo="skip",
        showlegend=False,
    )


def _names(marked: Range, unit: Unit, style: Style) -> list[dict[str, Any]]:
    """What is written above the rules, on three lines so that none covers another."""
    told = [
        (f"P10 {amount(marked.low, unit, style)}", marked.low, Role.MUTED, 0),
        (f"<b>P50 {amount(marked.middle, unit, style)}</b>", marked.middle, Role.TEXT, 1),
        (f"P90 {amount(marked.high, unit, style)}", marked.high, Role.MUTED, 0),
    ]
    if marked.target is not None:
        text = f"{word('target', style.language)} {amount(marked.target, unit, style)}"
        told.append((text, marked.target, Role.TEXT, 2))
    place: dict[str, Any] = {"yref": "paper", "y": 1, "yanchor": "bottom"}
    return [
        words(text, style, role, x=float(value), yshift=line * _LINE, **place)
        for text, value, role, line in told
    ]


def _curve(curve: Curve, number: int, unit: Unit, style: Style) -> go.Scatter:
    role, dash = _PENS[number % len(_PENS)]
    ends = np.sort(curve.draws)
    # A point for each hundredth is as smooth as can be seen.
    shares = np.linspace(0, 1, 101)
    amounts = np.quantile(ends, 1 - shares)
    sentences = [
        f"{safe(curve.label)}: {_amount(end, unit, style)} – {_share(share, style)}"
        for end, share in zip(amounts, shares, strict=True)
    ]
    return go.Scatter(
        x=amounts.tolist(),
        y=shares.tolist(),
        name=safe(curve.label),
        mode="lines",
        line={"color": colour(role, style), "width": 2.5, "dash": dash},
        hovertext=sentences,
        hoverinfo="text",
    )


def _amount(value: float, unit: Unit, style: Style) -> str:
    return amount(Decimal(round(value)), unit, style)


def _share(value: float, style: Style) -> str:
    fraction = Decimal(str(round(value, 4)))
    return write(fraction, Unit.PERCENT, language=style.language, currency="", places=0)
