"""A panel: a part of a page that asks questions, shows the answers, and reloads by itself.

A page asks the questions of all its panels at once, and so do panels that reload together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from dashboards.look import Look
from kpis.evaluate import answer
from kpis.questions import Answer, Question

Ask = Callable[[Look], list[Question]]
Show = Callable[[Look, list[Answer]], Any]


def nothing_to_ask(_look: Look) -> list[Question]:
    """For a panel that reads lists instead of figures."""
    return []


@dataclass(frozen=True)
class Panel:
    """`facts` are those that it reads besides the ones of its KPIs; `css` is its place.

    What takes long (`is_slow`) is not in the page: it loads by itself when the page is there.
    """

    key: str
    show: Show
    ask: Ask = nothing_to_ask
    template: str = "components/chart_card.html"
    css: str = "span-12"
    facts: tuple[str, ...] = ()
    is_slow: bool = False

    @property
    def later(self) -> Panel:
        """What stands for it in a page until it has loaded."""
        return replace(self, show=lambda _look, _answers: None, ask=nothing_to_ask, template="")


@dataclass(frozen=True)
class Drawn:
    """A panel as the template components/panel.html takes it."""

    panel: Panel
    shown: Any
    url: str
    facts: str
    address: str
    together: str

    @property
    def id(self) -> str:
        return f"panel-{self.panel.key}"

    @property
    def css(self) -> str:
        return self.panel.css

    @property
    def template(self) -> str:
        return self.panel.template


def draw(placed: Sequence[tuple[Panel, Look]], here: Look) -> list[Drawn]:
    """The panels with what they show, each by its own look at what all look at: `here`.

    All their questions are answered in one go.
    """
    asked = [panel.ask(look) for panel, look in placed]
    questions = [question for each in asked for question in each]
    answers = iter(answer(questions, viewer=here.viewer, at=here.at)) if questions else iter(())
    return [
        _drawn(panel, look, each, list(islice(answers, len(each))))
        for (panel, look), each in zip(placed, asked, strict=True)
    ]


def _drawn(panel: Panel, look: Look, asked: list[Question], answers: list[Answer]) -> Drawn:
    facts = set(panel.facts).union(*(question.facts for question in asked))
    # Its whole query string, so that a reload shows the same choices.
    query = f"?{urlencode(look.choices)}" if look.choices else ""
    return Drawn(
        panel=panel,
        shown=panel.show(look, answers),
        url=reverse("dashboards:panel", args=[panel.key]) + query,
        facts=" ".join(sorted(facts)),
        address=panel.key + query,
        together=reverse("dashboards:panels") + look.selection.query(),
    )
