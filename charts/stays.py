"""Where it hangs: a bar per stage for how long deals stay, with a line for how long they did."""

from collections.abc import Sequence

import plotly.graph_objects as go

from charts.axes import beside, row_axis, value_axis
from charts.canvas import amount, canvas, marks, measured, nothing, number, rows_high
from charts.data import Stay, Style
from charts.numbers import Unit
from charts.theme import Role, colour
from charts.words import word


def stay_bars(stays: Sequence[Stay], unit: Unit, style: Style) -> go.Figure:
    """The stages from first to last; the bottleneck is marked in words as well as in colour."""
    seen = measured(value for stay in stays for value in (stay.value, stay.before))
    if not seen:
        return nothing(style)
    ends = [max(measured([stay.value, stay.before]), default=None) for stay in stays]
    texts = [_text(stay, unit, style) for stay in stays]
    return canvas(
        [_bars(stays, unit, style), _before(stays, unit, style), _texts(stays, unit, style)],
        style,
        height=rows_high(len(stays)),
        bargap=0.45,
        xaxis=value_axis(seen, unit, style, reach=beside(ends, texts)),
        yaxis=row_axis([stay.label for stay in stays], style),
    )


def _bars(stays: Sequence[Stay], unit: Unit, style: Style) -> go.Bar:
    roles = [Role.BAD if stay.bottleneck else Role.ACTUAL for stay in stays]
    return go.Bar(
        x=[number(stay.value) for stay in stays],
        y=list(range(len(stays))),
        orientation="h",
        marker={"color": [colour(role, style) for role in roles]},
        **marks(stays, unit, style),
    )


def _before(stays: Sequence[Stay], unit: Unit, style: Style) -> go.Scatter:
    return go.Scatter(
        x=[number(stay.before) for stay in stays],
        y=list(range(len(stays))),
        mode="markers",
        marker={
            "symbol": "line-ns",
            "size": 22,
            "line": {"color": colour(Role.LAST_YEAR, style), "width": 3},
        },
        cliponaxis=False,
        **marks(stays, unit, style),
    )


def _texts(stays: Sequence[Stay], unit: Unit, style: Style) -> go.Scatter:
    """What is said of each bar, right of the bar and of the line."""
    ends = [measured([stay.value, stay.before]) for stay in stays]
    return go.Scatter(
        x=[number(max(end)) if end else None for end in ends],
        y=list(range(len(stays))),
        mode="text",
        text=[f" {_text(stay, unit, style)}" for stay in stays],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
    )


def _text(stay: Stay, unit: Unit, style: Style) -> str:
    value = amount(stay.value, unit, style)
    return f"{value} · <b>{word('bottleneck', style.language)}</b>" if stay.bottleneck else value
