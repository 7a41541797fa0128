"""Where is it going: a line, last year in grey, the target dashed, the running part dotted."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from charts.axes import column_axis, upright_axis
from charts.canvas import amount, canvas, marks, measured, nothing, number, room_for, words
from charts.data import Point, Style
from charts.numbers import Unit
from charts.theme import Role, colour
from charts.words import word

HEIGHT = 280
PLOT_HEIGHT = 220
LABEL_HEIGHT = 16

Values = Sequence[Decimal | None]


def line(points: Sequence[Point], unit: Unit, style: Style, *, earlier: str = "") -> go.Figure:
    """A trend over `points` in their order, each line named at its end instead of in a legend.

    `earlier` names the grey line, where that is not last year.
    """
    last_year = [point.last_year for point in points]
    target = [point.target for point in points]
    seen = measured([point.value for point in points] + last_year + target)
    if not seen:
        return nothing(style)
    vertical, unit_name = upright_axis(seen, unit, style)
    before = earlier or word("last_year", style.language)
    names = _names(points, before, unit, style, vertical["range"])
    return canvas(
        [
            _stroke(last_year, style, Role.LAST_YEAR, width=1.5),
            _stroke(target, style, Role.TARGET, width=1.5, dash="dash"),
            _stroke(_running_part(points), style, Role.ACTUAL, width=2.5, dash="dot"),
            _stroke(_finished_part(points), style, Role.ACTUAL, width=2.5),
            _dots(points, unit, style),
        ],
        style,
        height=HEIGHT,
        margin={"l": 8, "r": room_for([name["text"] for name in names]), "t": 32, "b": 8},
        xaxis=column_axis([point.label for point in points], style),
        yaxis=vertical,
        annotations=[unit_name, *names],
    )


def _stroke(values: Values, style: Style, role: Role, **pen: Any) -> go.Scatter:
    return go.Scatter(
        x=list(range(len(values))),
        y=list(map(number, values)),
        mode="lines",
        line={"color": colour(role, style), **pen},
        hoverinfo="skip",
    )


def _dots(points: Sequence[Point], unit: Unit, style: Style) -> go.Scatter:
    ink, hollow = colour(Role.ACTUAL, style), colour(Role.SURFACE, style)
    fill = [hollow if point.running else ink for point in points]
    return go.Scatter(
        x=list(range(len(points))),
        y=[number(point.value) for point in points],
        mode="markers",
        marker={"size": 7, "color": fill, "line": {"color": ink, "width": 2}},
        **marks(points, unit, style),
    )


def _finished_part(points: Sequence[Point]) -> Values:
    return [None if point.running else point.value for point in points]


def _running_part(points: Sequence[Point]) -> Values:
    """The running points and the one before each, from which the dotted line starts."""
    following = [*points[1:], None]
    return [
        point.value if point.running or (after and after.running) else None
        for point, after in zip(points, following, strict=True)
    ]


def _names(
    points: Sequence[Point], before: str, unit: Unit, style: Style, span: Sequence[float]
) -> list[dict[str, Any]]:
    """The name or last value of each line at its height, kept apart from one another."""
    actual = [point.value for point in points]
    lines: list[tuple[str, Role, Values]] = [
        (before, Role.MUTED, [point.last_year for point in points]),
        (word("target", style.language), Role.MUTED, [point.target for point in points]),
        ("", Role.ACTUAL, actual),
    ]
    ends = [(text, role, end) for text, role, values in lines if (end := _end(values))]
    # Beyond the last of them, where no other line runs on through a name.
    edge = max(place for _text, _role, (place, _value) in ends)
    names = []
    for text, role, (_place, value) in ends:
        shown = text or f"<b>{amount(value, unit, style)}</b>"
        place = {"x": edge, "y": float(value), "xanchor": "left", "xshift": 8}
        names.append(words(shown, style, role, **place))
    return _apart(names, PLOT_HEIGHT / (span[1] - span[0]))


def _end(values: Values) -> tuple[int, Decimal] | None:
    measured_ones = [(x, value) for x, value in enumerate(values) if value is not None]
    return measured_ones[-1] if measured_ones else None


def _apart(names: list[dict[str, Any]], pixels_per_unit: float) -> list[dict[str, Any]]:
    """The names from low to high, each lifted until it clears the one below."""
    floor = float("-inf")
    for label in sorted(names, key=lambda label: label["y"]):
        height = max(label["y"] * pixels_per_unit, floor)
        label["yshift"] = round(height - label["y"] * pixels_per_unit)
        floor = height + LABEL_HEIGHT
    return names
