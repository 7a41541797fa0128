"""The goals of a period as a tree: what they are made of, and where parts do not add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.scope import Scope, ScopeKind
from kpis.progress import Progress, progress_of
from kpis.registry import all_kpis
from periods import Period
from pipeline.models import Target

PLACES = (ScopeKind.COMPANY, ScopeKind.TEAM, ScopeKind.USER)


@dataclass(frozen=True)
class Sum:
    """What the parts of a goal come to, and by how much that is more than the goal."""

    total: Decimal
    difference: Decimal
    count: int


@dataclass
class Node:
    """A goal in the tree; `times` are its own parts by time, which are no nodes."""

    progress: Progress
    children: list[Node] = field(default_factory=list)
    times: list[Target] = field(default_factory=list)

    @property
    def goal(self) -> Target:
        return self.progress.goal

    @property
    def parts(self) -> Sum | None:
        """Teams or people of the same period against the goal; None for what does not add up."""
        same = [child.goal for child in self.children if _is_share(child.goal, self.goal)]
        return self._sum(same)

    @property
    def by_time(self) -> Sum | None:
        """Shorter periods of the same scope, where they cover all of the goal's."""
        days = sum((part.end - part.start).days for part in self.times)
        if days != (self.goal.end - self.goal.start).days:
            return None
        dated = self.progress.kpi is not None and self.progress.kpi.basis().adds_up_over_time
        return self._sum(self.times) if dated else None

    def _sum(self, parts: list[Target]) -> Sum | None:
        kpi = self.progress.kpi
        if not parts or kpi is None or not kpi.basis().is_additive:
            return None
        total = sum((part.value for part in parts), Decimal(0))
        return Sum(total, total - self.goal.value, len(parts))


def tree_of(scope: Scope, period: Period, *, viewer: User, at: datetime, **past: Any) -> list[Node]:
    """The goals of a scope and those below it that are for a period, with what contributes.

    The goals are read in one query and their figures in one batch, however many they are.
    """
    found = list(goals_within(scope, period, viewer=viewer))
    kept = _kept(found, period)
    nodes = {
        each.goal.pk: Node(each)
        for each in progress_of(list(kept.values()), viewer=viewer, at=at, **past)
    }
    for goal in found:
        above = nodes.get(goal.parent_id or 0)
        if above is not None and goal.pk not in kept and _is_time_part(goal, above.goal):
            above.times.append(goal)
    return _linked(nodes)


def goals_within(scope: Scope, period: Period, *, viewer: User) -> Iterable[Target]:
    """The goals that lie in a period, of a scope and those below it."""
    rows = Target.objects.visible_to(viewer).under(scope)
    inside = rows.filter(start__gte=period.start, end__lte=period.end)
    return inside.select_related("team", "user", "parent", "parent__team", "parent__user")


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Every node, each before its children."""
    for node in nodes:
        yield node
        yield from walk(node.children)


def _kept(goals: list[Target], period: Period) -> dict[int, Target]:
    """Those for just this period, and whatever contributes to one of them but a part of time."""
    kept = {goal.pk: goal for goal in goals if (goal.start, goal.end) == (period.start, period.end)}
    waiting = [goal for goal in goals if goal.pk not in kept]
    while waiting:
        more = [goal for goal in waiting if _joins(goal, kept)]
        if not more:
            break
        kept |= {goal.pk: goal for goal in more}
        waiting = [goal for goal in waiting if goal.pk not in kept]
    return kept


def _joins(goal: Target, kept: dict[int, Target]) -> bool:
    above = kept.get(goal.parent_id or 0)
    return above is not None and not _is_time_part(goal, above)


def _linked(nodes: dict[int, Node]) -> list[Node]:
    roots: list[Node] = []
    for node in nodes.values():
        above = nodes.get(node.goal.parent_id or 0)
        (above.children if above else roots).append(node)
    for node in nodes.values():
        node.children.sort(key=_place)
    return sorted(roots, key=lambda node: (not node.children, _place(node)))


def _place(node: Node) -> tuple[int, int, str, str]:
    order = list(all_kpis())
    kpi = order.index(node.goal.kpi) if node.goal.kpi in order else len(order)
    scope = node.progress.scope
    return PLACES.index(scope.kind), kpi, scope.label, str(node.goal.start)


def _is_share(goal: Target, above: Target) -> bool:
    """Whether a goal is another scope's part of the very same goal."""
    same = _line(goal) == _line(above) and _span(goal) == _span(above)
    return same and _owner(goal) != _owner(above)


def _is_time_part(goal: Target, above: Target) -> bool:
    """Whether a goal is the same goal for a part of the time."""
    same = _line(goal) == _line(above) and _owner(goal) == _owner(above)
    return same and _span(goal) != _span(above)


def _line(goal: Target) -> tuple[object, ...]:
    return goal.kpi, goal.filters


def _owner(goal: Target) -> tuple[int | None, int | None]:
    return goal.team_id, goal.user_id


def _span(goal: Target) -> tuple[object, object]:
    return goal.start, goal.end
