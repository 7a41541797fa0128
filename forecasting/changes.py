"""What changed in a forecast between two instants: its deals, and what people said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models import Value as Constant
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from accounts.models import User
from forecasting.models import Adjustment, Column, Submission
from kpis.parameters import window_from
from pipeline.waterfall import Window

A_WEEK = timedelta(days=7)


def window_asked(parameters: Mapping[str, str], *, viewer: User, at: datetime) -> Window:
    """The window that URL parameters name: of the target period from a week ago until now.

    BadQuestion names the parameter that is wrong; OutsideScope (403) a scope of others.
    """
    window = window_from(parameters, viewer=viewer, at=at)
    if parameters.get("start"):
        return window
    return replace(window, start=days_before(window, A_WEEK))


def days_before(window: Window, days: timedelta) -> datetime:
    """The end of the business day so long before the window's end."""
    calendar = window.closing.calendar
    return calendar.end_of(calendar.business_day(window.end) - days)


class Moved(NamedTuple):
    """A figure, and what it was before."""

    column: Column
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class CallChange:
    """One saying: who changed whose figures when, from what to what, and why."""

    at: datetime
    author: User
    whose: str
    what: Any
    moved: tuple[Moved, ...]
    why: str


class Key(NamedTuple):
    """Which saying: a submission or else an adjustment."""

    what: str
    pk: int
    at: datetime


SUBMITTED, ADJUSTED = "submitted", "adjusted"


def calls_between(window: Window) -> QuerySet[Any]:
    """The keys of all that was said of the period within the window, the newest first."""
    parts = [
        _said(model, window).values_list(Constant(name, CharField()), "pk", "at")
        for name, model in ((SUBMITTED, Submission), (ADJUSTED, Adjustment))
    ]
    found: QuerySet[Any] = parts[0].union(parts[1], all=True)
    return found.order_by("-at", "-pk")


def _said(model: type[Submission] | type[Adjustment], window: Window) -> QuerySet[Any]:
    """The scope's sayings, by the teams' tree of each one's date."""
    until = min(window.end, window.known_at or window.end)
    columns = {"owner": "user", "team": "team"}
    if window.present_tree:
        theirs = window.scope.covers(**columns)
    else:
        theirs = window.scope.covers_by_date("at", lambda edge: edge, **columns)
    rows: QuerySet[Any] = model.objects.of_periods([window.closing])
    return rows.filter(theirs, at__gt=window.start, at__lte=until).order_by()


def call_changes(keys: Sequence[Sequence[Any]]) -> list[CallChange]:
    """These sayings in their order, with what each replaced: a query for each kind."""
    wanted = [Key(*key) for key in keys]
    submitted = _with_earlier([each.pk for each in wanted if each.what == SUBMITTED])
    adjusted = _with_replaced([each.pk for each in wanted if each.what == ADJUSTED])
    return [
        _submission(submitted[key.pk]) if key.what == SUBMITTED else _adjustment(adjusted[key.pk])
        for key in wanted
    ]


def _same(*names: str) -> Q:
    """The same as the row outside in these columns, nothing being the same as nothing."""
    same = Q()
    for name in names:
        outer = OuterRef(name)
        same &= Q(**{name: outer}) | Q(IsNull(F(name), True), IsNull(outer, True))
    return same


def _with_earlier(keys: list[int]) -> Mapping[int, Any]:
    """Submissions, each with the figures of the person's one before it, else the system's."""
    span = {"start": OuterRef("start"), "end": OuterRef("end"), "user": OuterRef("user")}
    earlier = Submission.objects.filter(_same("team"), **span, at__lt=OuterRef("at"))
    last = earlier.order_by("-at", "-pk")
    rows = Submission.objects.filter(pk__in=keys).select_related("user")
    found: Mapping[int, Any] = rows.annotate(
        was_commit=Coalesce(Subquery(last.values("commit")[:1]), F("base_commit")),
        was_best_case=Coalesce(Subquery(last.values("best_case")[:1]), F("base_best_case")),
    ).in_bulk()
    return found


def _with_replaced(keys: list[int]) -> Mapping[int, Any]:
    """Adjustments, each with the value that stood in the cell until then."""
    span = {"start": OuterRef("start"), "end": OuterRef("end"), "column": OuterRef("column")}
    one_before = Adjustment.objects.filter(
        _same("team", "user", "child"), **span, number=OuterRef("number") - 1
    )
    rows = Adjustment.objects.filter(pk__in=keys).select_related("author", "user", "child")
    was = Coalesce(Subquery(one_before.values("value")[:1]), F("base"))
    found: Mapping[int, Any] = rows.annotate(was=was).in_bulk()
    return found


def _submission(said: Any) -> CallChange:
    figures = (
        Moved(Column.COMMIT, said.was_commit, said.commit),
        Moved(Column.BEST_CASE, said.was_best_case, said.best_case),
    )
    return CallChange(said.at, said.user, str(said.user), _("Submitted"), figures, said.note)


def _adjustment(said: Any) -> CallChange:
    what = _("Adjusted") if said.value is not None else _("Adjustment taken back")
    after = said.base if said.value is None else said.value
    figures = (Moved(Column(said.column), said.was, after),)
    whose = str(said.user or said.child)
    return CallChange(said.at, said.author, whose, what, figures, said.reason)


def all_calls(window: Window) -> Iterator[CallChange]:
    """Everything that was said in the window."""
    yield from call_changes(list(calls_between(window)))
