"""Who may ask a question, and how the facts are read for it."""

from __future__ import annotations

from datetime import datetime

from accounts.instants import earlier_of
from accounts.models import User
from accounts.roles import require
from accounts.scope import Scope, ScopeKind, Tree
from kpis.questions import PRESENT, Question
from pipeline.reading import Reading

Moment = tuple[datetime | None, datetime | None]
NOBODY = Scope(ScopeKind.TEAM)


def check_rights(question: Question, viewer: User) -> None:
    """PermissionDenied for a KPI that the viewer may not see, or a target of such a one."""
    for kpi in (question.declared, question.measured):
        if kpi.needs is not None:
            require(viewer, kpi.needs)


def reading_of(question: Question, *, tree: Tree, at: datetime, currency: str) -> Reading:
    """How the facts are read for a question that is asked at `at`."""
    known_at, past = earlier_of(question.as_of, question.known_at, at=at)
    scope, within = _whose(question, tree)
    return Reading(
        scope=scope,
        period=question.period,
        at=question.period.calendar.reached_by(past) if past else at,
        currency=currency,
        filters=tuple(pair for pair in question.filters if pair[0] != "team"),
        closing=question.closing,
        as_of=past,
        known_at=known_at,
        present_tree=question.structure == PRESENT,
        within=within,
    )


def _whose(question: Question, tree: Tree) -> tuple[Scope, Scope | None]:
    """The scope, and the one that a filter by team keeps to: that team with those below it.

    So the figure of a part of a split by team is that of the filter which names it. Of the whole
    company that is the team's own scope.
    """
    key = dict(question.filters).get("team")
    if key is None:
        return question.scope, None
    team = tree.teams.get(int(key))
    kept = tree.scope(team) if team else NOBODY
    whole = question.scope.kind is ScopeKind.COMPANY
    return (kept, None) if whole else (question.scope, kept)


def moment_of(reading: Reading) -> Moment:
    """As of when, and as known when, targets are read beside facts."""
    return reading.as_of, reading.known_at
