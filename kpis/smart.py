"""Is a goal SMART? Each letter with its reason, while the goal is being written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.scope import Scope
from charts.numbers import Unit, write
from kpis.declarations import Kind, Kpi
from kpis.goal_rules import check_filters
from kpis.progress import may_see
from kpis.questions import Question
from kpis.registry import all_kpis
from kpis.track_record import FEWEST, Base, Record, track_record
from periods import Period, PeriodError
from periods.labels import label
from pipeline.models import Target


class Verdict(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    OPEN = "open"
    """Cannot be told yet."""


@dataclass(frozen=True)
class Finding:
    """One of the five letters."""

    letter: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True)
class Draft:
    """A goal as far as it is written."""

    kpi: str = ""
    scope: Scope | None = None
    period: Period | None = None
    value: Decimal | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    parent: Target | None = None

    @property
    def declared(self) -> Kpi | None:
        return all_kpis().get(self.kpi)


def check(draft: Draft, *, viewer: User, at: datetime, **past: Any) -> tuple[Finding, ...]:
    """The five findings, in order; the history is read in one batch.

    `past` says as of when, and by whose teams, as questions do.
    """
    record = _record(draft, viewer=viewer, at=at, **past)
    return (
        _specific(draft),
        _measurable(draft, record, viewer),
        _achievable(draft, record),
        _relevant(draft),
        _timely(draft, at),
    )


def _record(draft: Draft, *, viewer: User, at: datetime, **past: Any) -> Record | None:
    if draft.declared is None or draft.scope is None or draft.period is None:
        return None
    if not may_see(draft.kpi, viewer) or _filter_problem(draft):
        return None
    filters = tuple(sorted(draft.filters.items()))
    question = Question(draft.kpi, draft.scope, draft.period, filters=filters, **past)
    try:
        return track_record(question, viewer=viewer, at=at)
    except PeriodError:
        return None


def _filter_problem(draft: Draft) -> str:
    try:
        check_filters(draft.kpi, draft.filters)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _specific(draft: Draft) -> Finding:
    if not draft.kpi or draft.scope is None:
        return Finding("S", Verdict.FAIL, _("Name the KPI, and whose goal it is."))
    if problem := _filter_problem(draft):
        return Finding("S", Verdict.FAIL, problem)
    named = {
        "kpi": draft.declared.label if draft.declared else draft.kpi,
        "scope": draft.scope.label,
        "filters": ", ".join(f"{name} = {value}" for name, value in draft.filters.items()),
    }
    if draft.filters:
        return Finding("S", Verdict.OK, _("%(kpi)s of %(scope)s, only %(filters)s.") % named)
    return Finding("S", Verdict.OK, _("%(kpi)s of %(scope)s, without a filter.") % named)


def _measurable(draft: Draft, record: Record | None, viewer: User) -> Finding:
    if not draft.kpi:
        return Finding("M", Verdict.OPEN, _("Choose a KPI first."))
    if draft.declared is None:
        return Finding("M", Verdict.FAIL, _("This KPI is not in the catalog."))
    if not may_see(draft.kpi, viewer):
        return Finding("M", Verdict.FAIL, _("Your role does not open this KPI."))
    if record is None:
        return Finding("M", Verdict.OPEN, _("Choose whose goal it is, and a period."))
    if not record.has_data:
        return Finding("M", Verdict.WARN, _("It is in the catalog, but nothing was measured yet."))
    return Finding("M", Verdict.OK, _("It is in the catalog, and there is data for it."))


def _achievable(draft: Draft, record: Record | None) -> Finding:
    if draft.value is None or record is None:
        return Finding("A", Verdict.OPEN, _("Enter a value to see how it compares with history."))
    base = record.base
    if base is None:
        return Finding("A", Verdict.OPEN, _("There is no earlier figure to hold it against."))
    if _is_there(draft, record):
        said = _("The figure is there already: %(value)s.")
        return Finding("A", Verdict.WARN, said % {"value": _written(record.running, record.kpi)})
    if _is_worse(draft.value, base.value, record.kpi):
        return Finding("A", Verdict.WARN, _below(base, record.kpi))
    return _against_growth(draft.value, base, record)


def _is_there(draft: Draft, record: Record) -> bool:
    """Whether the goal is met as things stand: of a stock now, of a flow within its period."""
    now, value = record.running, draft.value
    within = record.ahead == 1 or record.kpi.kind is Kind.STOCK
    if now is None or value is None or not within:
        return False
    grows = record.kpi.basis().adds_up_over_time or record.kpi.kind is Kind.STOCK
    return grows and not _is_worse(now, value, record.kpi)


def _is_worse(value: Decimal, than: Decimal, kpi: Kpi) -> bool:
    return value < than if kpi.up_is_good else value > than


def _below(base: Base, kpi: Kpi) -> str:
    said = _("It asks for less than the present level: %(value)s in %(period)s.")
    return said % {"value": _written(base.value, kpi), "period": _period(base.period)}


def _against_growth(value: Decimal, base: Base, record: Record) -> Finding:
    growth, past = record.needed(base, value), record.growths
    if growth is None:
        return Finding("A", Verdict.OPEN, _("No growth leads to this value."))
    needs = _("It needs %(growth)s on %(period)s (%(value)s).") % {
        "growth": _growth(growth, record.kpi),
        "period": _period(base.period),
        "value": _written(base.value, record.kpi),
    }
    if len(past) < FEWEST:
        few = _("History is too short to say how plausible that is.")
        return Finding("A", Verdict.OPEN, f"{needs} {few}")
    verdict = Verdict.WARN if growth > record.top else Verdict.OK
    return Finding("A", verdict, f"{needs} {_rank(growth, record)}")


def _rank(growth: Decimal, record: Record) -> str:
    """ "More than 9 of 12 past growths: percentile 75." """
    below, count = record.share_below(growth), len(record.growths)
    said = ngettext(
        "More than %(less)s of %(count)s past growth: percentile %(rank)s.",
        "More than %(less)s of %(count)s past growths: percentile %(rank)s.",
        count,
    )
    return said % {"less": int(below * count), "count": count, "rank": round(below * 100)}


def _relevant(draft: Draft) -> Finding:
    if draft.parent is None:
        return Finding("R", Verdict.OK, _("It is a KGI: an end in itself, with no goal above it."))
    named = {"parent": title_of(draft.parent)}
    if draft.period is not None and _is_apart(draft.period, draft.parent):
        said = _("It contributes to %(parent)s, but lies outside its period.")
        return Finding("R", Verdict.WARN, said % named)
    return Finding("R", Verdict.OK, _("It contributes to %(parent)s.") % named)


def _is_apart(period: Period, parent: Target) -> bool:
    return period.start < parent.start or period.end > parent.end


def _timely(draft: Draft, at: datetime) -> Finding:
    if draft.period is None:
        return Finding("T", Verdict.FAIL, _("Choose a period."))
    named = {"period": _period(draft.period), "day": draft.period.last_day.isoformat()}
    if draft.period.is_over(at):
        return Finding("T", Verdict.FAIL, _("%(period)s ended on %(day)s.") % named)
    return Finding("T", Verdict.OK, _("Due by the end of %(period)s: %(day)s.") % named)


def title_of(goal: Target) -> str:
    """ "Won revenue – Seoul team 1"."""
    declared = all_kpis().get(goal.kpi)
    owner = goal.team or goal.user or Company.current().name
    return f"{declared.label if declared else goal.kpi} – {owner}"


def draft_of(goal: Target, scope: Scope, period: Period) -> Draft:
    """A saved goal, to be checked again."""
    return Draft(goal.kpi, scope, period, goal.value, goal.filters, goal.parent)


def _written(value: Decimal | None, kpi: Kpi) -> str:
    currency = Company.current().currency
    return write(value, kpi.unit, language=_language(), currency=currency)


def _growth(growth: Decimal, kpi: Kpi) -> str:
    unit = Unit.POINTS if kpi.unit is Unit.PERCENT else Unit.PERCENT
    return write(growth, unit, language=_language(), currency="", signed=True)


def _period(period: Period) -> str:
    return label(period, _language())


def _language() -> str:
    return get_language() or "en"
