"""What the shared templates of cards and switches are given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from dashboards.look import Look
from kpis.cards import Card


@dataclass(frozen=True)
class Switch:
    """One choice of a card's own switch: the page with it, and the panel alone."""

    label: Any
    url: str
    panel_url: str
    current: bool


@dataclass(frozen=True)
class SwitchedCard(Card):
    """A card that offers other choices of what it draws, in one switch or two."""

    switches: list[Switch] = field(default_factory=list)
    more: list[Switch] = field(default_factory=list)


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
