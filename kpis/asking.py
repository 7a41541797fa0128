"""Who may ask a question, and how the facts are read for it."""

from __future__ import annotations

from datetime import datetime

from accounts.instants import earlier_of
from accounts.models import User
from accounts.roles import require
from kpis.questions import PRESENT, Question
from pipeline.reading import Reading

Moment = tuple[datetime | None, datetime | None]


def check_rights(question: Question, viewer: User) -> None:
    """PermissionDenied for a KPI that the viewer may not see, or a target of such a one."""
    for kpi in (question.declared, question.measured):
        if kpi.needs is not None:
            require(viewer, kpi.needs)


def reading_of(question: Question, *, at: datetime, currency: str) -> Reading:
    """How the facts are read for a question that is asked at `at`."""
    known_at, past = earlier_of(question.as_of, question.known_at, at=at)
    return Reading(
        scope=question.scope,
        period=question.period,
        at=question.period.calendar.reached_by(past) if past else at,
        currency=currency,
        filters=question.filters,
        closing=question.closing,
        as_of=past,
        known_at=known_at,
        present_tree=question.structure == PRESENT,
    )


def moment_of(reading: Reading) -> Moment:
    """As of when, and as known when, targets are read beside facts."""
    return reading.as_of, reading.known_at
