"""Axes: round ticks written by the rules of numbers, the unit named once."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import count, takewhile
from typing import Any

from charts.canvas import name, safe, width_of, words
from charts.data import Style
from charts.numbers import Unit, axis_scale
from charts.theme import Role, colour

TICKS = 4
MOST_LABELS = 12
# Pixels of a frame on a phone, and the share of it that words beside a bar may take from the bars.
NARROW = 200
MOST_BESIDE = Decimal("0.55")


def value_axis(
    values: Iterable[Decimal],
    unit: Unit,
    style: Style,
    *,
    from_zero: bool = True,
    room: Decimal = Decimal(0),
    both: bool = False,
    reach: Decimal = Decimal(0),
) -> dict[str, Any]:
    """The axis along which `values` are read.

    It starts at zero unless told otherwise, since the length of a bar is read from zero; `room`
    leaves a share of its span free beyond the outermost values, for what is written there (below
    zero, where nothing lies below it, only for `both`). It goes on to `reach` at least.
    """
    seen = [*values, Decimal(0)] if from_zero else list(values)
    ticks = round_ticks(min(seen), max(seen), unit)
    scale = axis_scale(max(map(abs, ticks)), unit, language=style.language, currency=style.currency)
    spare = (ticks[-1] - ticks[0]) * room
    below = 0 if from_zero and min(seen) >= 0 and not both else spare
    return {
        "range": [float(ticks[0] - below), float(max(ticks[-1] + spare, reach))],
        "tickvals": list(map(float, ticks)),
        "ticktext": [scale.tick(tick) for tick in ticks],
        "title": {"text": scale.unit, "standoff": 6, "font": {"size": 12}},
        "gridcolor": colour(Role.GRID, style),
        "zeroline": from_zero,
        "zerolinecolor": colour(Role.LAST_YEAR, style),
        **_quiet(style),
    }


def upright_axis(
    values: Iterable[Decimal],
    unit: Unit,
    style: Style,
    *,
    room: Decimal = Decimal(0),
    both: bool = False,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A value axis that stands upright, and the name of its unit, to be read level above it."""
    axis = value_axis(values, unit, style, room=room, both=both)
    place: dict[str, Any] = {"xref": "paper", "x": 0, "xanchor": "left", "xshift": -16}
    place |= {"yref": "paper", "y": 1, "yanchor": "bottom", "yshift": 8}
    return axis, words(axis.pop("title")["text"], style, **place)


def row_axis(labels: Sequence[str], style: Style) -> dict[str, Any]:
    """A vertical axis of rows, the first on top; marks are placed by position, not by name."""
    return {
        "range": [len(labels) - 0.5, -0.5],
        "tickvals": list(range(len(labels))),
        "ticktext": list(map(name, labels)),
        **_bare(style),
    }


def column_axis(labels: Sequence[str], style: Style) -> dict[str, Any]:
    """A horizontal axis of columns, with no more labels than fit."""
    step = -(-len(labels) // MOST_LABELS)
    shown = range(len(labels) - 1, -1, -step)[::-1] if labels else range(0)
    return {
        "range": [-0.5, len(labels) - 0.5],
        "tickvals": list(shown),
        "ticktext": [safe(labels[position]) for position in shown],
        **_bare(style),
    }


def beside(ends: Sequence[Decimal | None], texts: Sequence[str]) -> Decimal:
    """How far an axis from zero must go, so that what is written beside each bar is not cut."""
    needed = (
        end / (1 - min(Decimal(width_of(text)) / NARROW, MOST_BESIDE))
        for end, text in zip(ends, texts, strict=True)
        if end is not None
    )
    return max(needed, default=Decimal(0))


def round_ticks(low: Decimal, high: Decimal, unit: Unit) -> list[Decimal]:
    """About four round steps of 1, 2 or 5 that enclose low and high; whole ones for counts."""
    step = _step(high - low or abs(high) or Decimal(1))
    if unit is Unit.COUNT:
        step = max(step, Decimal(1))
    first = (low / step).to_integral_value("ROUND_FLOOR")
    last = (high / step).to_integral_value("ROUND_CEILING")
    if first == last:
        last += 1
    return [tick * step for tick in takewhile(lambda tick: tick <= last, _from(first))]


def _step(span: Decimal) -> Decimal:
    rough = span / TICKS
    base = Decimal(10) ** rough.adjusted()
    return next(base * factor for factor in (1, 2, 5, 10) if base * factor >= rough)


def _from(first: Decimal) -> Iterator[Decimal]:
    return (first + offset for offset in count())


def _quiet(style: Style) -> dict[str, Any]:
    return {
        "fixedrange": True,
        "automargin": True,
        "ticklabelstandoff": 4,
        "tickfont": {"color": colour(Role.MUTED, style), "size": 12},
    }


def _bare(style: Style) -> dict[str, Any]:
    return {"showgrid": False, "zeroline": False, **_quiet(style)}
