"""A chart with its table, as pages of every app show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go
from django.utils.safestring import SafeString, mark_safe

from charts.canvas import to_json


@dataclass(frozen=True)
class Card:
    """A chart with its table, for components/chart_card.html; `empty` says why there is none."""

    id: str
    title: str
    figure: SafeString | str = ""
    header: list[Any] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    note: Any = ""
    summary: str = ""
    empty: Any = ""


def drawn(figure: go.Figure) -> SafeString:
    """A figure's specification for a <script type="application/json">."""
    return mark_safe(to_json(figure))  # noqa: S308 # to_json escapes "<"
