"""What the shared templates of cards and switches are given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import plotly.graph_objects as go
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from charts.canvas import to_json
from dashboards.look import Look


@dataclass(frozen=True)
class Switch:
    """One choice of a card's own switch: the page with it, and the panel alone."""

    label: Any
    url: str
    panel_url: str
    current: bool


@dataclass(frozen=True)
class Card:
    """A chart with its table, for components/chart_card.html."""

    id: str
    title: str
    figure: SafeString | str = ""
    header: list[Any] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    note: Any = ""
    summary: str = ""
    empty: Any = ""
    switches: list[Switch] = field(default_factory=list)
    more: list[Switch] = field(default_factory=list)


def drawn(figure: go.Figure) -> SafeString:
    """A figure's specification for a <script type="application/json">."""
    return mark_safe(to_json(figure))  # noqa: S308 # to_json escapes "<"


def switches(
    look: Look, panel: str, name: str, offered: dict[str, Any], chosen: str
) -> list[Switch]:
    """The choices of one of a panel's switches."""
    return [
        _switch(look, panel, {name: key}, label, current=key == chosen)
        for key, label in offered.items()
    ]


def _switch(look: Look, panel: str, change: dict[str, str], label: Any, *, current: bool) -> Switch:
    query = f"?{urlencode({**look.choices, **change})}"
    return Switch(label, query, reverse("dashboards:panel", args=[panel]) + query, current)
