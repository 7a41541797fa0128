"""What a page of a KPI shows: its question, as far as it can be answered, and the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse

from dashboards.explain import Explanation, opened
from dashboards.explorer.words import CONTROLS
from dashboards.look import Look
from kpis.evaluate import answer
from kpis.parameters import KNOWN, question_from
from kpis.questions import DIMENSIONS, GRAINS, Answer, BadQuestion, Question

# Without one of these a figure is still the one that was asked for, only less narrow or parted.
SPARED = frozenset({"by", "grain", "basis", "of", "closing", *DIMENSIONS})


@dataclass(frozen=True)
class Refusal:
    """A choice that this figure does not have, and why."""

    choice: Any
    why: str


@dataclass(frozen=True)
class Opened:
    """A figure with its parts, definition and rows; `look` is without the refused choices."""

    look: Look
    explained: Explanation
    earlier: Answer | None
    refusals: list[Refusal]

    @property
    def answer(self) -> Answer:
        return self.explained.answer

    @property
    def question(self) -> Question:
        return self.explained.answer.question

    @property
    def facts(self) -> str:
        """The facts whose changes may change what is shown."""
        return " ".join(sorted(self.question.facts))

    @property
    def path(self) -> str:
        """The page's address."""
        return reverse("explorer:kpi", args=[self.answer.kpi.key])

    @property
    def state(self) -> dict[str, str]:
        """The page's choices, for links to it with another one."""
        return {name: value for name, value in self.look.choices.items() if name in KNOWN}


def open_figure(key: str, look: Look) -> Opened:
    """The figure that the look's choices ask for.

    Choices that it does not have are left out and said so. BadQuestion for what has no answer
    without them; PermissionDenied for a KPI that the viewer may not see.
    """
    refusals: list[Refusal] = []
    if look.choices.get("by", "") not in DIMENSIONS:
        # Over time, a figure that is not split by a dimension is split by time itself.
        look = _without(look, "grain")
    while True:
        try:
            question = asked(key, look)
            explained = opened(question, look)
        except BadQuestion as error:
            if error.field not in SPARED or not look.choices.get(error.field):
                raise
            refusals.append(Refusal(CONTROLS[error.field], str(error)))
            look = _without(look, error.field)
        else:
            return Opened(look, explained, earlier_parts(question, look), refusals)


def asked(key: str, look: Look) -> Question:
    """The question of a page's parameters; the comparison is the bar's."""
    parameters = {**look.choices, "compare": look.compare}
    return question_from(key, parameters, viewer=look.viewer, at=look.at)


def earlier_parts(question: Question, look: Look) -> Answer | None:
    """The same parts of time in the earlier period, where the figure is compared."""
    if question.by not in GRAINS or not question.compare:
        return None
    period = question.period
    before = period.previous() if question.compare == "previous" else period.year_ago()
    then = replace(question, period=before, compare="")
    (found,) = answer([then], viewer=look.viewer, at=look.at)
    return found


def _without(look: Look, name: str) -> Look:
    kept = {key: value for key, value in look.choices.items() if key != name}
    return replace(look, choices=kept)
