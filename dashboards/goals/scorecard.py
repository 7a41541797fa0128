"""A scorecard: the weighted goals of one person or team for one period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dashboards.goals.rows import GoalRow, Rows
from dashboards.look import Look
from dashboards.wording import share
from kpis.progress import Progress, progress_of
from pipeline.models import Target


@dataclass(frozen=True)
class Line:
    """A goal on the scorecard: its share of all weights, and what it brings to the total."""

    row: GoalRow
    weight: str
    points: str


@dataclass(frozen=True)
class Scorecard:
    """`score` is the mean attainment by weight; `unmeasured` goals do not count."""

    lines: list[Line]
    score: str
    unmeasured: int


def scorecard_of(look: Look) -> Scorecard:
    """The goals of just this scope and period, their figures from one batch."""
    goals = list(
        Target.objects.visible_to(look.viewer)
        .of(look.scope)
        .filter(start=look.period.start, end=look.period.end)
        .select_related("team", "user")
        .order_by("-weight", "kpi", "pk")
    )
    rows = Rows(look, goals)
    found = progress_of(goals, viewer=look.viewer, at=look.at, **look.past)
    weights = weighed(found)
    lines = [_line(each, rows, weights, look) for each in found]
    total = score(found)
    return Scorecard(
        lines=lines,
        score="–" if total is None else share(total, look.style),
        unmeasured=len(found) - len(weights),
    )


def weighed(found: Sequence[Progress]) -> dict[int, Decimal]:
    """Each measured goal's share of the weights of all that were measured, by its key."""
    measured = {each.goal.pk: each.goal.weight for each in found if each.attainment is not None}
    whole = sum(measured.values(), Decimal(0))
    return {key: weight / whole for key, weight in measured.items()} if whole else {}


def score(found: Sequence[Progress]) -> Decimal | None:
    """Mean attainment by weight; None where nothing was measured."""
    weights = weighed(found)
    parts = [
        each.attainment * weights[each.goal.pk]
        for each in found
        if each.attainment is not None and each.goal.pk in weights
    ]
    return sum(parts, Decimal(0)) if parts else None


def _line(each: Progress, rows: Rows, weights: dict[int, Decimal], look: Look) -> Line:
    weight = weights.get(each.goal.pk)
    counts = weight is not None and each.attainment is not None
    return Line(
        row=rows.row(each),
        weight="–" if weight is None else share(weight, look.style),
        points=share((each.attainment or Decimal(0)) * (weight or Decimal(0)), look.style)
        if counts
        else "–",
    )
