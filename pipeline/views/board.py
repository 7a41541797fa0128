"""The board's page, and its columns again when deals have changed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Company
from accounts.roles import Permission, allowed, require
from accounts.selection import selection
from pipeline.actions.processes import start_with_eight_steps
from pipeline.board import CARDS, Board
from pipeline.forms.filters import Closing, DealFilterForm
from pipeline.models import LostReason, Outcome, SalesProcess
from pipeline.reading import Reading
from pipeline.views.asking import viewer_of


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Open deals in columns by stage; the columns alone where a page asks for them again."""
    form = DealFilterForm(request.GET, viewer=viewer_of(request))
    processes = list(SalesProcess.objects.prefetch_related("stages"))
    process = _chosen(processes, request.GET.get("process", ""))
    if process is None:
        may_start = allowed(viewer_of(request), Permission.EDIT_SETTINGS)
        return render(request, "pipeline/board/none.html", {"may_start": may_start})
    shown = _board(request, process, form)
    context = {**_columns(shown), "request_path": request.get_full_path()}
    if request.headers.get("HX-Target") == "board":
        return render(request, "pipeline/board/panel.html", context)
    return render(
        request,
        "pipeline/board/page.html",
        {**context, "filters": form, "process": process, "processes": processes},
    )


@require_POST
def eight_steps(request: HttpRequest) -> HttpResponse:
    """Start with the eight steps, where there is no sales process yet."""
    require(viewer_of(request), Permission.EDIT_SETTINGS)
    start_with_eight_steps(name=_("Eight steps"))
    return redirect("pipeline:board")


def _chosen(processes: list[SalesProcess], slug: str) -> SalesProcess | None:
    named = (process for process in processes if process.slug == slug)
    return next(named, processes[0] if processes else None)


def _board(request: HttpRequest, process: SalesProcess, form: DealFilterForm) -> Board:
    looked_at = selection(request)
    reading = current_reading(request, form)
    today = reading.calendar.business_day(looked_at.at)
    return Board(
        viewer_of(request),
        process,
        reading,
        form.condition(today=today),
        shown_cards(request.GET.getlist("shown"), request.GET.get("more", "")),
    )


def current_reading(request: HttpRequest, form: DealFilterForm) -> Reading:
    """Open deals as they stand now, whichever period the bar shows."""
    looked_at = selection(request)
    company = Company.current()
    in_period = form.chosen().get("closing") == Closing.IN_PERIOD
    return Reading(
        scope=looked_at.scope,
        period=company.calendar.parse("today", at=looked_at.at),
        at=looked_at.at,
        currency=company.currency,
        filters=form.dimensions(),
        closing=looked_at.period if in_period else None,
    )


def shown_cards(stated: list[str], more: str) -> dict[int, int]:
    """How many cards stages show: "12:40" is forty of stage 12; `more` asks for some more."""
    pairs = (pair.partition(":") for pair in stated)
    shown = {int(stage): int(count) for stage, _sign, count in pairs if _are_numbers(stage, count)}
    if _are_numbers(more):
        shown[int(more)] = shown.get(int(more), CARDS) + CARDS
    return shown


def _are_numbers(*texts: str) -> bool:
    return all(text.isascii() and text.isdecimal() and len(text) < 10 for text in texts)


def _columns(shown: Board) -> dict[str, Any]:
    columns = shown.columns()
    stages = shown.stages()
    amounts = [column.totals for column in columns]
    return {
        "columns": columns,
        "won": next((stage for stage in stages if stage.outcome == Outcome.WON), None),
        "lost": next((stage for stage in stages if stage.outcome == Outcome.LOST), None),
        "stages": [stage for stage in stages if stage.outcome == Outcome.OPEN],
        "count": sum(total.count for total in amounts),
        "amount": _sum([total.amount for total in amounts]),
        "weighted": _sum([total.weighted for total in amounts]),
        "omitted": sum(total.omitted for total in amounts),
        "omitted_amount": _sum([total.omitted_amount for total in amounts]),
        "currency": shown.reading.currency,
        "may_move": allowed(shown.viewer, Permission.WORK_DEALS),
        "lost_reasons": LostReason.choices,
    }


def _sum(parts: list[Any]) -> Any:
    """The total; None where one of the parts is not known."""
    return None if None in parts else sum(parts)
