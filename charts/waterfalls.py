"""What changed: from a start to an end, each step of it a bar."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

import plotly.graph_objects as go

from charts.axes import column_axis, upright_axis
from charts.canvas import amount, canvas, marks, nothing
from charts.data import Step, Style
from charts.numbers import Unit
from charts.theme import Role, colour

HEIGHT = 320
# The share of the frame that a line of text takes.
ROOM = Decimal("0.1")


def waterfall(steps: Sequence[Step], unit: Unit, style: Style) -> go.Figure:
    """The steps in their order; totals stand on zero, changes hang on what came before."""
    if not steps:
        return nothing(style)
    reached = levels(steps)
    vertical, unit_name = upright_axis(
        reached, unit, style, room=ROOM, both=_hangs_low(steps, reached)
    )
    horizontal = column_axis([step.label for step in steps], style)
    return canvas(
        [_bars(steps, unit, style)],
        style,
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 32, "b": 8},
        xaxis=horizontal,
        yaxis=vertical,
        annotations=[unit_name],
    )


def levels(steps: Sequence[Step]) -> list[Decimal]:
    """Where each bar ends: a total at its value, a change that far from the one before."""
    return list(
        accumulate(
            steps[1:],
            lambda level, step: step.value if step.total else level + step.value,
            initial=steps[0].value,
        )
    )


def _hangs_low(steps: Sequence[Step], reached: Sequence[Decimal]) -> bool:
    """Whether a fall ends so near to zero that what is written under it would leave the frame."""
    near = max(reached) * ROOM
    falls = (step.value < 0 and not step.total for step in steps)
    return any(fall and level < near for fall, level in zip(falls, reached, strict=True))


def _bars(steps: Sequence[Step], unit: Unit, style: Style) -> go.Waterfall:
    return go.Waterfall(
        x=list(range(len(steps))),
        y=[float(step.value) for step in steps],
        measure=["absolute" if step.total else "relative" for step in steps],
        text=[amount(step.value, unit, style, signed=not step.total) for step in steps],
        textposition="outside",
        cliponaxis=False,
        increasing={"marker": {"color": colour(Role.GOOD, style)}},
        decreasing={"marker": {"color": colour(Role.BAD, style)}},
        totals={"marker": {"color": colour(Role.ACTUAL, style)}},
        connector={"line": {"color": colour(Role.LAST_YEAR, style), "width": 1}},
        **marks(steps, unit, style),
    )
