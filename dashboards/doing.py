"""What a person may do about a figure they look at: be told of it, set a goal for it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.urls import reverse

from accounts.roles import Permission, allowed
from alerts.forms import PERIODS, figure_code
from dashboards.look import Look
from kpis.questions import Question
from periods import Grain, Period


def alert_url(question: Question, look: Look) -> str:
    """The form of a rule on the figure; "" for what no rule watches: some filter, a past."""
    bare = not (question.filters or question.closing or question.as_of or question.known_at)
    if not bare or question.declared.of_other or not allowed(look.viewer, Permission.EDIT_ALERTS):
        return ""
    asked = {
        "figure": figure_code(question.kpi, question.basis),
        "scope": question.scope.code,
        "period": _rolling(question.period, look),
    }
    return (
        f"{reverse('alerts:new')}?{urlencode({key: code for key, code in asked.items() if code})}"
    )


def goal_url(question: Question, look: Look) -> str:
    """The form of a goal for the figure; "" for who sets none, and for what has no target."""
    may_set = allowed(look.viewer, Permission.EDIT_TARGETS)
    if not may_set or question.declared.of_other or question.period.is_over(look.at):
        return ""
    asked = {"kpi": question.kpi, "scope": question.scope.code, "period": question.period.code}
    return f"{reverse('dashboards:goal-new')}?{urlencode(asked | dict(question.filters))}"


def _rolling(period: Period, look: Look) -> str:
    """The name under which a period comes round; that of the present one of its length."""
    found = (code for code in _offered() if period.calendar.parse(code, at=look.at) == period)
    same = next(found, "")
    if same or period.grain is None or period.grain is Grain.DAY:
        return same
    return f"this-{period.grain}"


def _offered() -> Iterator[str]:
    for _label, codes in PERIODS:
        yield from codes
