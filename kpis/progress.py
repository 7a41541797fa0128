"""How far goals are: the figures of all of them in one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from accounts.models import Company, User
from accounts.roles import allowed
from accounts.scope import Scope, ScopeKind, person_scope, reach
from kpis.declarations import Kpi
from kpis.evaluate import answer
from kpis.pace import attained, limit_pace, linear_pace, used
from kpis.questions import Answer, BadQuestion, Question
from kpis.registry import all_kpis
from periods import Calendar, Grain, Period
from pipeline.models import Target


class Standing(StrEnum):
    """Where a goal stands; `UNKNOWN` where its KPI or filter is not in the catalog."""

    AHEAD = "ahead"
    BEHIND = "behind"
    REACHED = "reached"
    MISSED = "missed"
    OPEN = "open"
    """A rate that is not there yet, in a period that still runs."""
    FUTURE = "future"
    EMPTY = "empty"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Progress:
    """A goal with its figure at the instant `at`."""

    goal: Target
    scope: Scope
    period: Period
    kpi: Kpi | None
    answer: Answer | None
    at: datetime

    @property
    def value(self) -> Decimal | None:
        return self.answer.value if self.answer else None

    @property
    def attainment(self) -> Decimal | None:
        """Actual ÷ target, or target ÷ actual where down is good; never capped.

        None while a figure still grows towards its limit: it is not known yet whether it keeps it.
        """
        if self.kpi is None or self.used is not None:
            return None
        return attained(self.value, self.goal.value, up_is_good=self.kpi.up_is_good).value

    @property
    def _grows(self) -> bool:
        return self.answer is not None and self.answer.basis.adds_up_over_time

    @property
    def used(self) -> Decimal | None:
        """What share is used of the limit that a figure grows towards; None of all others."""
        is_limit = self.kpi is not None and not self.kpi.up_is_good
        if not is_limit or not self._grows or not self.period.is_running(self.at):
            return None
        return used(self.value, self.goal.value)

    @property
    def pace(self) -> Decimal | None:
        """Attainment less the share of the period gone; None where a figure does not grow."""
        if self.used is not None:
            return limit_pace(self.used, self.period, self.at)
        return linear_pace(self.attainment, self.period, self.at) if self._grows else None

    @property
    def standing(self) -> Standing:
        if self.answer is None:
            return Standing.UNKNOWN
        if self.period.is_future(self.at):
            return Standing.FUTURE
        if self.used is not None and self.used > 1:
            return Standing.MISSED
        return self._by_pace() if self.used is not None else self._by_attainment()

    def _by_attainment(self) -> Standing:
        if self.attainment is None:
            return Standing.EMPTY
        if self.attainment >= 1:
            return Standing.REACHED
        return self._by_pace() if self.period.is_running(self.at) else Standing.MISSED

    def _by_pace(self) -> Standing:
        if self.pace is None:
            return Standing.OPEN
        return Standing.AHEAD if self.pace >= 0 else Standing.BEHIND


def spanned(target: Target, calendar: Calendar) -> Period:
    """The period that a target is for: a whole unit of the calendar where it is one."""
    for grain in Grain:
        period = Period.containing(target.start, grain, calendar)
        if (period.start, period.end) == (target.start, target.end):
            return period
    return Period(target.start, target.end, None, calendar)


def scope_of(goal: Target, viewer: User) -> Scope:
    """Whose goal it is."""
    return _scope(goal, viewer, Company.current())


def _scope(goal: Target, viewer: User, company: Company) -> Scope:
    if goal.team_id is not None:
        tree = reach(viewer).tree
        return tree.scope(tree.teams[goal.team_id])
    if goal.user is not None:
        return person_scope(goal.user, viewer)
    return Scope(ScopeKind.COMPANY, label=company.name)


def question_of(goal: Target, viewer: User, company: Company) -> Question:
    """What a goal's figure is asked by. Reads nothing where its person was read with it."""
    period = spanned(goal, company.calendar)
    filters = tuple(sorted(goal.filters.items()))
    return Question(goal.kpi, _scope(goal, viewer, company), period, filters=filters)


def may_see(kpi: str, viewer: User) -> bool:
    """Whether a viewer's role opens a KPI; nobody is kept from one that is in no catalog."""
    declared = all_kpis().get(kpi)
    return declared is None or declared.needs is None or allowed(viewer, declared.needs)


def progress_of(
    goals: Sequence[Target], *, viewer: User, at: datetime, **past: Any
) -> list[Progress]:
    """The goals, in their order, with their figures, from one batch of questions.

    `past` says as of when, and by whose teams, as questions do.

    Those of KPIs that the viewer may not see are left out.
    """
    seen = [goal for goal in goals if may_see(goal.kpi, viewer)]
    company = Company.current()
    asked = [replace(question_of(goal, viewer, company), **past) for goal in seen]
    questions = [question for question in asked if _has_answer(question)]
    answers = answer(questions, viewer=viewer, at=at) if questions else []
    found = dict(zip(questions, answers, strict=True))
    return [
        Progress(
            goal=goal,
            scope=question.scope,
            period=question.period,
            kpi=all_kpis().get(goal.kpi),
            answer=found.get(question),
            at=at,
        )
        for goal, question in zip(seen, asked, strict=True)
    ]


def _has_answer(question: Question) -> bool:
    """Imported goals may name what the catalog does not have."""
    try:
        question.checked()
    except BadQuestion:
        return False
    return True
