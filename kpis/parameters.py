"""A question from the parameters of a URL: the one form that pages and the API share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.instants import BadInstant, earlier_of, instant_of
from accounts.models import Company, User
from accounts.scope import BadScope, Scope, home_scope, resolve
from kpis.questions import DIMENSIONS, PRESENT, BadQuestion, Question
from periods import Calendar, Period, PeriodError
from pipeline.waterfall import Window

DEFAULT_PERIOD = "this-quarter"
OTHERS = (
    "scope",
    "period",
    "basis",
    "by",
    "grain",
    "compare",
    "of",
    "closing",
    "as_of",
    "known_at",
    "structure",
)
KNOWN = frozenset({*OTHERS, *DIMENSIONS})


def question_from(
    kpi: str, parameters: Mapping[str, str], *, viewer: User, at: datetime
) -> Question:
    """The question that URL parameters ask, at the viewer's own scope by default.

    BadQuestion names the parameter that is wrong; OutsideScope (403) a scope of others.
    """
    calendar = Company.current().calendar
    as_of = _instant("as_of", parameters.get("as_of", ""), calendar)
    known_at = _instant("known_at", parameters.get("known_at", ""), calendar)
    at = earlier_of(as_of, known_at, at=at)[1] or at
    return Question(
        kpi=kpi,
        scope=_scope(parameters.get("scope", ""), viewer),
        period=_period("period", parameters.get("period") or DEFAULT_PERIOD, calendar, at),
        basis=parameters.get("basis", ""),
        by=parameters.get("by", ""),
        grain=parameters.get("grain", ""),
        compare=parameters.get("compare", ""),
        of=parameters.get("of") or "won_revenue",
        closing=_closing(parameters.get("closing", ""), calendar, at),
        filters=tuple((name, parameters[name]) for name in DIMENSIONS if parameters.get(name)),
        as_of=as_of,
        known_at=known_at,
        structure=parameters.get("structure", ""),
        against_close=True,
    ).checked()


def window_from(parameters: Mapping[str, str], *, viewer: User, at: datetime) -> Window:
    """The window that URL parameters name: of the target period from its start until now.

    BadQuestion names the parameter that is wrong; OutsideScope (403) a scope of others.
    """
    company = Company.current()
    calendar = company.calendar
    as_of = _instant("as_of", parameters.get("as_of", ""), calendar)
    known_at = _instant("known_at", parameters.get("known_at", ""), calendar)
    known_at, past = earlier_of(as_of, known_at, at=at)
    present = past or at
    code = parameters.get("closing") or parameters.get("period") or DEFAULT_PERIOD
    closing = _period("closing", code, calendar, present)
    asked = _instant("end", parameters.get("end", ""), calendar)
    end = min(asked or closing.last_instant, present)
    start = _instant("start", parameters.get("start", ""), calendar) or begin_of(closing, end)
    if start > end:
        raise BadQuestion("start", _("The start lies after the end."))
    return Window(
        scope=_scope(parameters.get("scope", ""), viewer),
        closing=closing,
        start=start,
        end=end,
        currency=company.currency,
        known_at=known_at,
        present_tree=parameters.get("structure") == PRESENT,
    )


def begin_of(closing: Period, end: datetime) -> datetime:
    """The eve of the target period, or of the present quarter while that is yet to come."""
    if closing.starts_at < end:
        return closing.eve
    return closing.calendar.parse(DEFAULT_PERIOD, at=end).eve


def _scope(code: str, viewer: User) -> Scope:
    try:
        return resolve(code, viewer) if code else home_scope(viewer)
    except BadScope as error:
        raise BadQuestion("scope", str(error)) from error


def _period(name: str, code: str, calendar: Calendar, at: datetime) -> Period:
    try:
        return calendar.parse(code, at=at)
    except PeriodError as error:
        raise BadQuestion(name, str(error)) from error


def _closing(code: str, calendar: Calendar, at: datetime) -> Period | None:
    return _period("closing", code, calendar, at) if code else None


def _instant(name: str, text: str, calendar: Calendar) -> datetime | None:
    try:
        return instant_of(text, calendar)
    except BadInstant as error:
        raise BadQuestion(name, str(error)) from error
