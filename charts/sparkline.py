"""A line as small as a word, drawn as inline SVG that takes its colours from the page.

The page styles the classes `sparkline`, `sparkline-line`, `sparkline-last-year` and
`sparkline-dot`; unstyled, all are drawn in the text's colour.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

WIDTH, HEIGHT, MARGIN = 120, 32, 3
STEADY = 'vector-effect="non-scaling-stroke"'

Values = Sequence[Decimal | None]


@dataclass(frozen=True)
class _Frame:
    """Where a value at a position lies, in SVG units."""

    positions: int
    low: Decimal
    high: Decimal

    def x(self, position: int) -> float:
        inner = WIDTH - 2 * MARGIN
        return round(MARGIN + inner * position / max(self.positions - 1, 1), 1)

    def y(self, value: Decimal) -> float:
        if self.high == self.low:
            return HEIGHT / 2
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * float(share), 1)


def sparkline(values: Values, last_year: Values = ()) -> str:
    """An SVG element of 120 × 32, hidden from screen readers since the tile says it in words.

    It may be stretched: pens keep their width, and the dot is a stroke so that it stays round.

    Both lines share one scale; a None is a gap; without any value the answer is "".
    """
    seen = [value for value in (*values, *last_year) if value is not None]
    if not seen:
        return ""
    frame = _Frame(max(len(values), len(last_year)), min(seen), max(seen))
    drawn = [
        _path("sparkline-last-year", last_year, frame, 'stroke-width="1" opacity="0.4"'),
        _path("sparkline-line", values, frame, 'stroke-width="2"'),
        _dot(values, frame),
    ]
    return (
        f'<svg class="sparkline" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        f' preserveAspectRatio="none" aria-hidden="true" focusable="false">{"".join(drawn)}</svg>'
    )


def _path(name: str, values: Values, frame: _Frame, pen: str) -> str:
    strokes = "".join(_strokes(values, frame))
    if not strokes:
        return ""
    return (
        f'<path class="{name}" d="{strokes}" fill="none" stroke="currentColor" {pen}'
        f' stroke-linecap="round" stroke-linejoin="round" {STEADY}/>'
    )


def _strokes(values: Values, frame: _Frame) -> Iterator[str]:
    """A stroke per unbroken run; a run of one is a line of no length, which round caps show."""
    for there, run in groupby(enumerate(values), key=lambda item: item[1] is not None):
        if there:
            dots = [f"{frame.x(x)} {frame.y(value)}" for x, value in run if value is not None]
            yield f"M{'L'.join(dots)}" + ("h0" if len(dots) == 1 else "")


def _dot(values: Values, frame: _Frame) -> str:
    """The newest value, if there is one at the end."""
    if not values or values[-1] is None:
        return ""
    x, y = frame.x(len(values) - 1), frame.y(values[-1])
    return (
        f'<path class="sparkline-dot" d="M{x} {y}h0" stroke="currentColor" stroke-width="5"'
        f' stroke-linecap="round" {STEADY}/>'
    )
