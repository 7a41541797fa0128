"""A goal split among what its scope is made of, by what each brought in last year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal

from django.db.models import Q

from accounts.models import Company, User
from accounts.scope import Scope, ScopeKind, person_scope, reach
from charts.numbers import Unit
from kpis.evaluate import answer
from kpis.progress import question_of
from kpis.questions import Question
from kpis.registry import all_kpis
from pipeline.models import Target

DIGITS = 4
"""How many digits of the whole the parts are rounded to."""


@dataclass(frozen=True)
class Share:
    """One part: what it had a year ago and its share of that, the value that follows, and its
    goal where it has one already."""

    scope: Scope
    last_year: Decimal | None
    share: Decimal | None
    value: Decimal
    goal: Target | None


def shares_of(goal: Target, *, viewer: User, at: datetime, today: date) -> list[Share]:
    """The parts of a goal that its viewer may set, with figures from one batch.

    A goal that does not add up, such as a rate, is every part's as it stands.
    """
    question = question_of(goal, viewer, Company.current())
    parts = parts_of(question.scope, viewer=viewer, on=max(goal.start, min(today, goal.end)))
    before = _last_year(question, parts, viewer=viewer, at=at)
    adds_up = all_kpis()[goal.kpi].basis().is_additive
    total = sum((value for value in before if value and value > 0), Decimal(0))
    weights = _weights(before, total)
    values = _spread(goal, weights) if adds_up else [goal.value] * len(parts)
    present = _present(goal, parts)
    return [
        Share(
            scope=part,
            last_year=last,
            share=weight if adds_up and total else None,
            value=value,
            goal=present.get((part.kind, part.id)),
        )
        for part, last, weight, value in zip(parts, before, weights, values, strict=True)
    ]


def parts_of(scope: Scope, *, viewer: User, on: date) -> list[Scope]:
    """The scopes directly below one: teams, or the people of a team that has none below it."""
    if scope.kind is ScopeKind.USER:
        return []
    tree = reach(viewer).tree
    teams = [team for team in tree.teams.values() if team.parent_id == (scope.id or None)]
    if teams:
        return [tree.scope(team) for team in sorted(teams, key=lambda team: team.name)]
    people = User.objects.get_queryset().of_teams(scope.team_ids, on=on)
    return [person_scope(person, viewer) for person in people]


def _last_year(
    question: Question, parts: Sequence[Scope], *, viewer: User, at: datetime
) -> list[Decimal | None]:
    asked = [replace(question, scope=part, period=question.period.year_ago()) for part in parts]
    return [each.value for each in answer(asked, viewer=viewer, at=at)] if asked else []


def _weights(before: Sequence[Decimal | None], total: Decimal) -> list[Decimal]:
    """Shares of last year; equal ones where there was nothing."""
    if not total:
        return [Decimal(1) / len(before) for _each in before]
    return [max(value or Decimal(0), Decimal(0)) / total for value in before]


def _spread(goal: Target, weights: Sequence[Decimal]) -> list[Decimal]:
    """Round parts that add up to the whole: what rounding leaves goes to the largest."""
    step = _step(goal)
    parts = [(goal.value * each / step).to_integral_value(ROUND_FLOOR) * step for each in weights]
    if parts:
        largest = max(range(len(parts)), key=lambda place: weights[place])
        parts[largest] += goal.value - sum(parts, Decimal(0))
    return parts


def _step(goal: Target) -> Decimal:
    step = Decimal(1).scaleb(goal.value.adjusted() - DIGITS + 1)
    whole = all_kpis()[goal.kpi].unit in (Unit.COUNT, Unit.MONEY)
    return max(step, Decimal(1)) if whole else step


def _present(goal: Target, parts: Sequence[Scope]) -> dict[tuple[ScopeKind, int], Target]:
    """The goals that the parts have already, for the same KPI, period and filter."""
    teams = [part.id for part in parts if part.kind is ScopeKind.TEAM]
    people = [part.id for part in parts if part.kind is ScopeKind.USER]
    same = Target.objects.filter(
        kpi=goal.kpi, start=goal.start, end=goal.end, filters=goal.filters
    ).filter(Q(team__in=teams) | Q(user__in=people))
    return {
        (ScopeKind.TEAM, row.team_id) if row.team_id else (ScopeKind.USER, row.user_id): row
        for row in same
    }
