"""What is it made of over time: a bar for each period, stacked by how certain its parts are."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import plotly.graph_objects as go

from charts.axes import column_axis, upright_axis
from charts.canvas import amount, canvas, measured, nothing, number, safe
from charts.data import Style
from charts.numbers import Unit
from charts.theme import Role, colour

HEIGHT = 340
# The surest first; what is a shade of another is the same thing, less sure.
LOOKS = (
    (Role.ACTUAL, 1.0),
    (Role.ACTUAL, 0.55),
    (Role.GOOD, 1.0),
    (Role.LAST_YEAR, 1.0),
    (Role.FORECAST, 1.0),
)


@dataclass(frozen=True)
class Stack:
    """A bar: its parts from zero up, None where nobody knows; a click leads to `href`."""

    label: str
    parts: Sequence[Decimal | None]
    href: str = ""


def stacked_bars(
    stacks: Sequence[Stack], names: Sequence[str], unit: Unit, style: Style
) -> go.Figure:
    """The bars in their order, with the names of their parts (at most five) above them."""
    totals = [sum(measured(stack.parts), Decimal(0)) for stack in stacks]
    if not any(totals):
        return nothing(style)
    vertical, unit_name = upright_axis(totals, unit, style)
    return canvas(
        [_layer(place, name, stacks, unit, style) for place, name in enumerate(names)],
        style,
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 64, "b": 8},
        barmode="stack",
        bargap=0.3,
        barcornerradius=0,
        xaxis=column_axis([stack.label for stack in stacks], style),
        yaxis=vertical,
        annotations=[unit_name],
        showlegend=True,
        legend={
            "orientation": "h",
            "traceorder": "normal",
            "x": 0,
            "xanchor": "left",
            "y": 1.12,
            "yanchor": "bottom",
            "itemclick": False,
            "itemdoubleclick": False,
        },
    )


def _layer(place: int, name: str, stacks: Sequence[Stack], unit: Unit, style: Style) -> go.Bar:
    role, opacity = LOOKS[place % len(LOOKS)]
    values = [stack.parts[place] for stack in stacks]
    return go.Bar(
        name=safe(name),
        x=list(range(len(stacks))),
        y=[number(value) for value in values],
        marker={"color": colour(role, style)},
        opacity=opacity,
        hovertext=[
            safe(f"{stack.label}: {name} {amount(value, unit, style)}")
            for stack, value in zip(stacks, values, strict=True)
        ],
        hoverinfo="text",
        customdata=[stack.href for stack in stacks],
    )
