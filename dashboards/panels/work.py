"""What to do today: next steps due, deals closing, stalled and slipped ones, waiting leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, QuerySet, When, Window
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from charts.numbers import Unit, write
from dashboards.links import page_url
from dashboards.look import Look
from dashboards.panel import Panel
from kpis.questions import Answer
from pipeline.dwell import usual_days
from pipeline.models import Deal, Lead, LeadStatus, SalesProcess
from pipeline.models.deals import DealQuerySet

MOST = 6
AHEAD = timedelta(days=7)
# Nobody has answered a new lead yet, and each day makes it colder.
NEWEST_FIRST = (Case(When(status=LeadStatus.NEW, then=0), default=1), "-created_at", "-pk")


@dataclass(frozen=True)
class Line:
    """One deal or lead; `when` is written by the template, `late` marks it in words.

    `lasting`, how long it has been so, stands in place of `when`.
    """

    title: str
    url: str
    note: str
    figure: str
    when: date | datetime | None
    owner: Any
    late: bool = False
    lasting: str = ""


@dataclass(frozen=True)
class Work:
    """The first few of a list, how many there are, and what it says when there are none."""

    id: str
    title: Any
    hint: Any
    count: int
    lines: list[Line]
    empty: Any
    url: str
    shows_owner: bool


@dataclass(frozen=True)
class Listing:
    """A list of work: what it is called, and which rows are in it, the most urgent first."""

    title: Any
    hint: Any
    empty: Any
    fact: str
    read: Callable[[Look], tuple[QuerySet[Any], Callable[[Any, Look], Line]]]


def work(key: str, css: str) -> Panel:
    """One list of work, by its key in the table below."""
    listing = LISTS[key]

    def show(look: Look, _answers: list[Answer]) -> Work:
        rows, line = listing.read(look)
        # The count comes with the rows, in the same query.
        found = list(rows.annotate(all=Window(Count("pk")))[:MOST])
        return Work(
            id=key,
            title=listing.title,
            hint=listing.hint,
            count=found[0].all if found else 0,
            lines=[line(row, look) for row in found],
            empty=listing.empty,
            url=page_url(f"pipeline:{listing.fact}s"),
            shows_owner=look.scope.code != f"user:{look.viewer.pk}",
        )

    return Panel(
        key, show=show, template="dashboards/panels/work.html", css=css, facts=(listing.fact,)
    )


def _open_deals(look: Look) -> DealQuerySet:
    deals: DealQuerySet = Deal.objects.all()
    return deals.open().visible_to(look.viewer).in_scope(look.scope).for_listing()


def _steps(look: Look) -> tuple[QuerySet[Any], Callable[[Any, Look], Line]]:
    return _open_deals(look).steps_due(look.today).order_by("next_step_on", "pk"), _step


def _closing(look: Look) -> tuple[QuerySet[Any], Callable[[Any, Look], Line]]:
    deals = _open_deals(look).closing(look.today, look.today + AHEAD)
    return deals.order_by("expected_close", "-amount"), _close


def _slipped(look: Look) -> tuple[QuerySet[Any], Callable[[Any, Look], Line]]:
    return _open_deals(look).slipped(look.today).order_by("expected_close", "-amount"), _close


def _stalled(look: Look) -> tuple[QuerySet[Any], Callable[[Any, Look], Line]]:
    usual: dict[int, int] = {}
    for process in SalesProcess.objects.all():
        usual |= usual_days(process, at=look.at)
    return _open_deals(look).stalled(look.at, usual).order_by("stage_since", "pk"), _stall


def _leads(look: Look) -> tuple[QuerySet[Any], Callable[[Any, Look], Line]]:
    leads = Lead.objects.visible_to(look.viewer).in_scope(look.scope)
    return leads.waiting().select_related("owner", "source").order_by(*NEWEST_FIRST), _lead


def _line(deal: Deal, note: str, when: date | datetime | None, *, late: bool, look: Look) -> Line:
    amount = write(deal.amount, Unit.MONEY, language=look.style.language, currency=deal.currency)
    url = page_url("pipeline:deal", deal.pk)
    return Line(deal.name, url, note, amount, when, deal.owner, late)


def _about(deal: Deal) -> str:
    return " · ".join(filter(None, (str(deal.customer or ""), deal.stage.label)))


def _step(deal: Deal, look: Look) -> Line:
    due = deal.next_step_on
    late = due is not None and due < look.today
    note = " · ".join(filter(None, (deal.next_step, str(deal.customer or ""))))
    return _line(deal, note, due, late=late, look=look)


def _close(deal: Deal, look: Look) -> Line:
    due = deal.expected_close
    late = due is not None and due < look.today
    return _line(deal, _about(deal), due, late=late, look=look)


def _stall(deal: Deal, look: Look) -> Line:
    line = _line(deal, _about(deal), None, late=False, look=look)
    days = deal.age_in_stage(look.at) or 0
    lasting = ngettext("for %(days)s day", "for %(days)s days", days) % {"days": days}
    return replace(line, lasting=lasting)


def _lead(lead: Lead, _look: Look) -> Line:
    contact = lead.name if lead.company_name else ""
    note = " · ".join(filter(None, (contact, str(lead.source or ""), lead.get_status_display())))
    return Line(
        str(lead), page_url("pipeline:lead", lead.pk), note, "", lead.created_at, lead.owner
    )


LISTS = {
    "steps": Listing(
        _("Next steps due"),
        _("What you promised to do by today"),
        _("No step is due today. Write a next step on a deal and it appears here."),
        "deal",
        _steps,
    ),
    "closing": Listing(
        _("Closing this week"),
        _("Expected to close within seven days"),
        _("No open deal is expected to close in the next seven days."),
        "deal",
        _closing,
    ),
    "slipped": Listing(
        _("Slipped"),
        _("Their expected close is past"),
        _("No deal is past its expected close."),
        "deal",
        _slipped,
    ),
    "stalled": Listing(
        _("Stalled"),
        _("In their stage for longer than three of four deals"),
        _("No deal has been in its stage for longer than is usual there."),
        "deal",
        _stalled,
    ),
    "leads": Listing(
        _("Waiting leads"),
        _("New ones first, then those in work, the latest on top"),
        _("No lead is waiting. New inquiries appear here."),
        "lead",
        _leads,
    ),
}
