"""Where will we land: the model's fan, with the chance of reaching the target."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.look import Look
from dashboards.panel import Panel
from forecasting.landing import View, landing_card
from forecasting.model.told import told
from kpis.cards import Card
from kpis.questions import Answer

FACTS = ("deal", "rate", "target", "submission", "adjustment")


def landing(css: str) -> Panel:
    """For the period that is looked at, as it was last learned."""
    return Panel("landing", show=_show, css=css, facts=FACTS, is_slow=True)


def _show(look: Look, _answers: Sequence[Answer]) -> Card:
    found = told(look.scope, look.period, at=look.at)
    return landing_card(View(look.viewer, found, look.at, look.style))
