"""What every figure is put together from: base layout, marks, words, and the JSON sent out."""

import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape
from typing import Any

import plotly.graph_objects as go

from charts import theme
from charts.data import Row, Style
from charts.numbers import Unit, write
from charts.theme import Role, colour
from charts.words import word

ROW_HEIGHT = 38
LABEL_LENGTH = 24
_TAGS = re.compile(r"<[^>]+>")


def canvas(traces: Sequence[Any], style: Style, **layout: Any) -> go.Figure:
    """A figure of these traces in the common layout, with `layout` on top of it."""
    # Checking every property against its schema takes most of the time of making a figure.
    return go.Figure(data=traces, layout={**theme.layout(style), **layout}, _validate=False)


def nothing(style: Style) -> go.Figure:
    """A figure without data, which says so politely."""
    hidden = {"visible": False, "fixedrange": True}
    note = words(word("nothing", style.language), style, Role.MUTED, x=0.5, y=0.5)
    note |= {"xref": "paper", "yref": "paper"}
    return canvas([], style, height=160, xaxis=hidden, yaxis=hidden, annotations=[note])


def number(value: Decimal | None) -> float | None:
    """The value as the plot places it; None stays a gap."""
    return None if value is None else float(value)


def safe(text: str) -> str:
    """Text that Plotly shows as it stands, even if a customer is called <b>."""
    return escape(text, quote=False)


def name(label: str) -> str:
    """A label for an axis, cut where it would take the room of the marks."""
    short = label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1] + "…"
    return safe(short)


def amount(value: Decimal | None, unit: Unit, style: Style, *, signed: bool = False) -> str:
    """The value as figures write it."""
    return write(value, unit, language=style.language, currency=style.currency, signed=signed)


def marks(rows: Sequence[Row], unit: Unit, style: Style) -> dict[str, Any]:
    """What a trace of one mark per row needs to be hovered over and opened."""
    return {
        "hovertext": [safe(row.hover) or _sentence(row, unit, style) for row in rows],
        "hoverinfo": "text",
        "customdata": [row.href for row in rows],
    }


def words(text: str, style: Style, role: Role = Role.MUTED, **place: Any) -> dict[str, Any]:
    """An annotation without an arrow; `text` must be safe."""
    return {"text": text, "showarrow": False, "font": {"color": colour(role, style)}, **place}


def measured(values: Iterable[Decimal | None]) -> list[Decimal]:
    """The values that are there."""
    return [value for value in values if value is not None]


def rows_high(count: int, *, head: int = 0) -> int:
    """The height in pixels of a figure with `count` horizontal rows."""
    return count * ROW_HEIGHT + 64 + head


def room_for(texts: Iterable[str]) -> int:
    """The margin in pixels that the longest of these texts needs; Hangul is wider than Latin."""
    return 16 + max(map(width_of, texts), default=0)


def width_of(text: str) -> int:
    """About how many pixels a line takes, without its marks of emphasis."""
    return sum(13 if sign > "\u1100" else 8 for sign in _TAGS.sub("", text))


def to_json(figure: go.Figure) -> str:
    """The compact specification that plotly.js draws; safe inside a script element."""
    spec = figure.to_plotly_json()
    spec["layout"].pop("template", None)
    text = json.dumps(spec, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _sentence(row: Row, unit: Unit, style: Style) -> str:
    return safe(f"{row.label}: {amount(row.value, unit, style)}")
