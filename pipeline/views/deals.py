"""The list of deals: filtered, sorted, paged, and taken away as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Company
from accounts.selection import selection
from pipeline.dwell import usual_days
from pipeline.exports import FORMATS, export
from pipeline.forms.filters import Closing, DealListForm
from pipeline.models import Deal, Outcome, SalesProcess
from pipeline.reading import Reading
from pipeline.risks import risks_of
from pipeline.totals import totals_of, whole
from pipeline.views.asking import viewer_of
from pipeline.views.listing import (
    MOST_COUNTED,
    as_now,
    list_context,
    local,
    ordered,
    page_of,
)

SORTS = {
    "name": "name",
    "customer": "customer__name",
    "stage": "stage__position",
    "amount": "amount",
    "close": "expected_close",
    "closed": "closed_at",
    "owner": "owner__name",
    "age": "stage_since",
}
# Read the other way round: the longer ago a deal came, the older it is.
REVERSED = frozenset({"age"})


@require_GET
def deals(request: HttpRequest) -> HttpResponseBase:
    """Deals of the bar's scope, open and closed; a file with `export=csv` or `xlsx`."""
    form = DealListForm(request.GET, viewer=viewer_of(request))
    rows = ordered(request, _found(request, form), SORTS, "-pk", reverse=REVERSED)
    if request.GET.get("export") in FORMATS:
        return export("deals", _header(), as_now(_lines(rows)), file_format=request.GET["export"])
    page = page_of(request, rows)
    new_row = ("pipeline:deal-new", _("New deal"))
    context = {
        **list_context(request, page, form, name="deals", title=_("Deals"), new=new_row),
        "rows": _with_risks(request, page.object_list),
        "totals": _totals(request, rows, page.paginator.count),
        "currency": Company.current().currency,
    }
    return render(request, "pipeline/deals/list.html", context)


def _totals(request: HttpRequest, rows: QuerySet[Any], count: int) -> dict[str, Any] | None:
    """What the deals found add up to; None where they are more than are counted."""
    if count >= MOST_COUNTED:
        return None
    looked_at = selection(request)
    company = Company.current()
    today = company.calendar.parse("today", at=looked_at.at)
    reading = Reading(looked_at.scope, today, looked_at.at, company.currency)
    by_outcome = totals_of(rows, reading)
    return {"whole": whole(by_outcome), "by_outcome": by_outcome}


def _found(request: HttpRequest, form: DealListForm) -> QuerySet[Any]:
    looked_at = selection(request)
    today = looked_at.period.calendar.business_day(looked_at.at)
    chosen = form.chosen()
    named = {
        name: chosen[name]
        for name in ("owner", "kind", "source", "outcome", "stage")
        if name in chosen
    }
    condition = form.condition(today=today) & _of_closing(request, chosen.get("closing", ""))
    seen = Deal.objects.visible_to(viewer_of(request)).in_scope(looked_at.scope)
    return seen.for_listing().filter(condition, **named)


def _of_closing(request: HttpRequest, choice: str) -> Q:
    """Open deals by their expected close, closed ones by their close."""
    if choice == Closing.IN_PERIOD:
        period = selection(request).period
        still_open = period.covers_days("expected_close") & Q(outcome=Outcome.OPEN)
        return still_open | (period.covers("closed_at") & ~Q(outcome=Outcome.OPEN))
    return Q(outcome=Outcome.OPEN) if choice else Q()


def _with_risks(request: HttpRequest, found: Any) -> list[dict[str, Any]]:
    looked_at = selection(request)
    today = looked_at.period.calendar.business_day(looked_at.at)
    usual: dict[int, int] = {}
    for process in SalesProcess.objects.all():
        usual |= usual_days(process, at=looked_at.at)
    return [
        {
            "deal": deal,
            "age": deal.age_in_stage(looked_at.at),
            "usual": usual.get(deal.stage_id),
            "risks": risks_of(deal, today=today, at=looked_at.at, usual=usual.get(deal.stage_id)),
        }
        for deal in found
    ]


def _header() -> list[str]:
    return [
        _("Deal"),
        _("Customer"),
        _("Stage"),
        _("Outcome"),
        _("Amount"),
        _("Currency"),
        _("Expected close"),
        _("Closed on"),
        _("Owner"),
        _("Team"),
        _("Kind"),
        _("Source"),
        _("Created"),
        _("Next step"),
    ]


def _lines(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    for deal in rows.iterator(chunk_size=2000):
        yield [
            deal.name,
            deal.customer and deal.customer.name,
            deal.stage.label,
            deal.get_outcome_display(),
            deal.amount,
            deal.currency,
            deal.expected_close,
            local(deal.closed_at),
            str(deal.owner),
            deal.team and deal.team.name,
            deal.get_kind_display(),
            deal.source and deal.source.label,
            local(deal.created_at),
            deal.next_step,
        ]
