"""The customer's journey: the figures and goals of one scope, step by step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from dashboards.goals.rows import GoalRow, Rows
from dashboards.look import Look
from dashboards.wording import written
from kpis.declarations import Kpi
from kpis.evaluate import answer
from kpis.journeys import JOURNEYS
from kpis.progress import progress_of
from kpis.questions import Answer
from kpis.registry import all_kpis
from pipeline.models import Target


@dataclass(frozen=True)
class Figure:
    """A KPI of a step without a goal; `new_url` sets one ("" for who may not)."""

    kpi: Kpi
    value: str
    url: str
    new_url: str


@dataclass
class Step:
    """One step: its goals first, then the figures that have none."""

    name: Any
    goals: list[GoalRow] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)


def journey(look: Look, *, may_edit: bool) -> list[Step]:
    """The steps with the goals of just this scope and period; figures from two batches."""
    goals = list(
        Target.objects.visible_to(look.viewer)
        .of(look.scope)
        .filter(start=look.period.start, end=look.period.end)
        .select_related("team", "user")
    )
    rows = Rows(look, goals)
    steps = {key: Step(name) for key, name in JOURNEYS.items()}
    for progress in progress_of(goals, viewer=look.viewer, at=look.at, **look.past):
        if progress.kpi is not None:
            steps[progress.kpi.journey].goals.append(rows.row(progress))
    with_goal = {goal.kpi for goal in goals if not goal.filters}
    for each in _others(look, with_goal):
        steps[each.kpi.journey].figures.append(_figure(each, look, may_edit=may_edit))
    return list(steps.values())


def _others(look: Look, with_goal: set[str]) -> list[Answer]:
    keys = [
        kpi.key
        for kpi in all_kpis().values()
        if look.sees(kpi.key) and kpi.key not in with_goal and not kpi.of_other
    ]
    return answer([look.question(key) for key in keys], viewer=look.viewer, at=look.at)


def _figure(each: Answer, look: Look, *, may_edit: bool) -> Figure:
    chosen = look.selection.query(kpi=each.kpi.key) or f"?{urlencode({'kpi': each.kpi.key})}"
    return Figure(
        kpi=each.kpi,
        value=written(each.value, each.kpi.unit, look.style),
        url=look.explain_url(each.kpi),
        new_url=reverse("dashboards:goal-new") + chosen if may_edit else "",
    )
