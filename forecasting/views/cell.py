"""A cell of the grid, opened beside it: layers, forms, history, deals to edit in place."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import Permission, allowed
from accounts.scope import ScopeKind
from forecasting.actions.calls import Cell, Overtaken, adjust, submit
from forecasting.asking import Asked
from forecasting.cells import NoSuchMember, Opened, deals_behind, deals_of, history_of, opened
from forecasting.forms import AdjustForm, InPlaceForm, SubmitForm, initial_amount
from forecasting.grid import ALL_HEADS, CUMULATIVE, Grid, Head
from forecasting.models import Column
from forecasting.views.asking import asked_by, style_here
from periods.labels import label
from pipeline.actions.deals import edit_deal
from pipeline.models import Deal, Outcome
from pipeline.views.asking import seen, viewer_of
from pipeline.views.saving import saved

PAGE = 20


@require_safe
def cell(request: HttpRequest) -> HttpResponse:
    """A cell, beside the page when a script asks, else on a page of its own."""
    found, head = _opened(request)
    return _shown(request, found, head, {})


@require_POST
def submit_own(request: HttpRequest) -> HttpResponse:
    """The viewer's own forecast; what was typed stays where it is refused."""
    found, head = _opened(request)
    form, context = SubmitForm(request.POST), dict[str, Any]()
    if form.is_valid():
        try:
            submit(
                by=found.asked.viewer,
                period=found.found.period,
                commit=form.cleaned_data["commit"],
                best_case=form.cleaned_data["best_case"],
                note=form.cleaned_data["note"],
                at=timezone.now(),
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            return _done(request, _("Your forecast is submitted."))
    context |= {"submit_form": form, "status": HTTPStatus.UNPROCESSABLE_ENTITY}
    return _shown(request, found, head, context)


@require_POST
def adjust_member(request: HttpRequest) -> HttpResponse:
    """A lead's figures in place of a member's; of two at once the second sees both versions."""
    found, head = _opened(request)
    form, context = AdjustForm(request.POST), dict[str, Any]()
    context["status"] = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            adjust(
                by=found.asked.viewer,
                cell=_cell_of(found),
                period=found.found.period,
                changes=form.changes({each: found.figure(each).adjusted for each in Column}),
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
            )
        except ValidationError as error:
            form.refuse(error)
        except Overtaken as overtaken:
            form = _on_top_of(form, found)
            context |= {"theirs": overtaken.current, "status": HTTPStatus.CONFLICT}
        else:
            return _done(request, _("The adjustment is kept."))
    return _shown(request, found, head, {**context, "adjust_form": form})


@require_POST
def deal(request: HttpRequest, pk: int) -> HttpResponse:
    """A deal's category, amount and expected close, edited in place."""
    shown: Deal = seen(Deal.objects.for_listing(), request, pk)
    form = InPlaceForm(request.POST, instance=shown)
    context: dict[str, Any] = {}
    row = saved(
        form,
        lambda: edit_deal(
            deal=shown,
            by=viewer_of(request),
            revision=form.cleaned_data["revision"] or 0,
            changes=form.changes(),
        ),
        context,
    )
    if row is not None:
        fresh = Deal.objects.for_listing().get(pk=pk)
        form, context = InPlaceForm(instance=fresh), {"is_saved": True}
        shown = fresh
    status = context.get("status", HTTPStatus.OK)
    line = {"deal": shown, "form": form, **context}
    return render(request, "forecasting/deal.html", {"line": line}, status=status)


def of_person(asked: Asked) -> dict[str, Any]:
    """What a person's own page has besides the grid: their form, and open deals to work on."""
    found, head = opened(asked), ALL_HEADS["open_pipeline"]
    grid = Grid(asked, found.found, style_here(), CUMULATIVE)
    rows = Paginator(deals_behind(found, head), PAGE).get_page(1)
    may_work = allowed(asked.viewer, Permission.WORK_DEALS)
    address = _address(found, ALL_HEADS["commit_forecast"])
    form = {"opened": found, "submit_form": _submit_form(found), "address": address}
    return {
        "own": form if found.may_submit else None,
        "lines": [_line(each, worth, grid, may_work=may_work) for each, worth in deals_of(rows)],
        "deals": rows.paginator.count,
        "deals_url": grid.cell_url(head, found.found.forest.root),
    }


def _opened(request: HttpRequest) -> tuple[Opened, Head]:
    head = ALL_HEADS.get(request.GET.get("column", "commit_forecast"))
    if head is None:
        raise Http404
    try:
        return opened(asked_by(request), request.GET.get("team", "")), head
    except NoSuchMember as error:
        raise Http404 from error


def _cell_of(found: Opened) -> Cell:
    teams = found.asked.tree.teams
    within = teams[found.within] if found.within else None
    if found.is_person:
        return Cell(within, user=found.user)
    return Cell(within, child=found.team)


def _done(request: HttpRequest, said: str) -> HttpResponse:
    """The cell as it is now; the page around it reloads."""
    here = f"{reverse('forecasting:cell')}?{request.GET.urlencode()}"
    if "HX-Request" not in request.headers:
        messages.success(request, said)
        return HttpResponseRedirect(here)
    found, head = _opened(request)
    return _shown(request, found, head, {"done": said})


def _shown(
    request: HttpRequest, found: Opened, head: Head, context: dict[str, Any]
) -> HttpResponse:
    style = style_here()
    grid = Grid(found.asked, found.found, style, CUMULATIVE)
    rows = deals_behind(found, head)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    may_work = allowed(found.asked.viewer, Permission.WORK_DEALS)
    status = context.pop("status", HTTPStatus.OK)
    shown = {
        "opened": found,
        "head": head,
        "grid": grid,
        "name": found.asked.scope.label,
        "period": label(found.found.period, style.language),
        "figures": [(each.label, _layers(found, each, grid)) for each in Column],
        "total": grid.money(head.amount(found.node.amounts)),
        "history": [
            (each, grid.money(each.before), grid.money(each.after)) for each in history_of(found)
        ],
        "columns": dict(Column.choices),
        "page": page,
        "lines": [_line(each, worth, grid, may_work=may_work) for each, worth in deals_of(page)],
        "address": _address(found, head),
        "submit_form": _submit_form(found) if found.may_submit else None,
        "adjust_form": _adjust_form(found) if found.may_adjust else None,
        "is_adjusted": any(found.figure(each).adjusted is not None for each in Column),
        **context,
    }
    beside = "HX-Request" in request.headers
    template = "forecasting/cell_body.html" if beside else "forecasting/cell.html"
    return render(request, template, shown, status=status)


def _layers(found: Opened, column: Column, grid: Grid) -> dict[str, Any]:
    figure = found.figure(column)
    counts = figure.base if found.node is found.found.forest.root else figure.value
    return {
        "figure": figure,
        "counts": grid.money(counts),
        "system": grid.money(figure.system),
        "submitted": grid.money(figure.submitted) if figure.submitted is not None else "",
        "base": grid.money(figure.base),
        "adjusted": grid.money(figure.adjusted) if figure.adjusted is not None else "",
        "was": grid.money(figure.adjustment.base) if figure.adjustment else "",
    }


def _line(deal: Deal, worth: Any, grid: Grid, *, may_work: bool) -> dict[str, Any]:
    is_open = deal.outcome == Outcome.OPEN
    form = InPlaceForm(instance=deal) if is_open and may_work else None
    return {"deal": deal, "worth": grid.money(worth), "form": form}


def _submit_form(found: Opened) -> SubmitForm:
    """Filled with what was submitted last, else with the system's."""
    figures = {each.value: initial_amount(found.figure(each).base) for each in Column}
    return SubmitForm(initial=figures)


def _adjust_form(found: Opened) -> AdjustForm:
    numbers = {f"{each.value}_number": found.figure(each).number for each in Column}
    standing = {each.value: initial_amount(found.figure(each).adjusted) for each in Column}
    return AdjustForm(initial={**standing, **numbers})


def _on_top_of(form: AdjustForm, found: Opened) -> AdjustForm:
    """Sent again, it replaces what the other said."""
    fresh = opened(found.asked, found.team.slug if found.is_person and found.team else "")
    numbers = {f"{each.value}_number": str(fresh.figure(each).number) for each in Column}
    again = AdjustForm({**form.data.dict(), **numbers})  # type: ignore[attr-defined] # a query dict
    again.is_valid()
    return again


def _address(found: Opened, head: Head) -> str:
    """What names the cell in the addresses of its forms."""
    asked = found.asked
    team = found.team.slug if asked.scope.kind is ScopeKind.USER and found.team else ""
    named = {
        "scope": asked.scope.code,
        "team": team,
        "period": found.found.period.code,
        "column": head.key,
    }
    return urlencode({name: text for name, text in named.items() if text})
