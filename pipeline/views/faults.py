"""Data faults: what there is, which rows, and mending many of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from accounts.roles import allowed
from accounts.selection import selection
from pipeline.actions.changing import Stale
from pipeline.actions.mending import Change, mend_rows
from pipeline.exports import FORMATS, export
from pipeline.faults import Fault, Moment, counts, faults_for, found
from pipeline.faults.finding import MOST_COUNTED
from pipeline.faults.mends import MENDS, Mend, MendForm, as_sent
from pipeline.faults.shown import SHOWN, Worth, worth
from pipeline.views.asking import viewer_of
from pipeline.views.listing import as_now, local, page_of
from pipeline.views.saving import Undo, done_with, told_apart


@require_GET
def faults(request: HttpRequest) -> HttpResponse:
    """Every fault that rows of the viewer have, with how many; the rest by name."""
    viewer, now = viewer_of(request), Moment.of(selection(request).at)
    declared = faults_for(viewer)
    numbers = counts(declared, viewer, now)
    some = [(fault, numbers[fault.key]) for fault in declared if numbers.get(fault.key)]
    none = [fault for fault in declared if not numbers.get(fault.key)]
    context = {"some": some, "none": none, "most": MOST_COUNTED}
    return render(request, "pipeline/faults/list.html", context)


@require_http_methods(["GET", "POST"])
def fault(request: HttpRequest, key: str) -> HttpResponseBase:
    """The rows of one fault; a file with `export=csv` or `xlsx`; sent, the chosen ones mended."""
    viewer, now = viewer_of(request), Moment.of(selection(request).at)
    try:
        declared, rows = found(key, viewer, now)
    except KeyError:
        raise Http404 from None
    if request.method == "POST":
        return _mend(request, declared, viewer, now.at)
    rows = rows.select_related(*SHOWN[declared.fact].reads)
    if request.GET.get("export") in FORMATS:
        lines = as_now(_lines(declared, rows))
        return export(key, _header(declared), lines, file_format=request.GET["export"])
    return render(request, "pipeline/faults/fault.html", _context(request, declared, rows, viewer))


def _context(
    request: HttpRequest, declared: Fault, rows: QuerySet[Any], viewer: User
) -> dict[str, Any]:
    page = page_of(request, rows)
    shown = SHOWN[declared.fact]
    return {
        "fault": declared,
        "page": page,
        "columns": [(label, of is worth) for label, of in shown.columns],
        "rows": [
            {
                "row": row,
                "url": reverse(shown.url_name, args=[row.pk]),
                "cells": [_read(of(row)) for _label, of in shown.columns],
            }
            for row in page.object_list
        ],
        "mends": [
            {"mend": mend, "field": MendForm(mend, viewer)[mend.field]}
            for mend in _mends_for(declared, viewer)
        ],
    }


def _mends_for(declared: Fault, viewer: User) -> list[Mend]:
    mends = (MENDS[name] for name in declared.mends)
    return [mend for mend in mends if allowed(viewer, mend.permission)]


def _mend(request: HttpRequest, declared: Fault, viewer: User, at: datetime) -> HttpResponse:
    back = f"{request.path}?{request.GET.urlencode()}"
    mends = {mend.field: mend for mend in _mends_for(declared, viewer)}
    mend = mends.get(request.POST.get("field", ""))
    if mend is None:
        raise Http404
    try:
        value = mend.read(request.POST.get(mend.field), viewer)
        changes = _chosen(request.POST.getlist("chosen"), declared, viewer, value)
        taken_back = mend_rows(field=mend.field, changes=changes, by=viewer, at=at)
    except Stale as stale:
        return told_apart(request, stale.current, back=back)
    except ValidationError as error:
        return done_with(request, " ".join(error.messages), back=back, failed=True)
    text = ngettext("%(count)s row mended", "%(count)s rows mended", len(changes))
    undo = _undo(declared, mend, taken_back) if mend.can_be_undone else None
    return done_with(request, text % {"count": len(changes)}, back=back, undo=undo)


def _chosen(texts: Sequence[str], declared: Fault, viewer: User, value: Any) -> list[Change]:
    """The rows that were ticked, each "id:revision"; others' are not found."""
    if not texts:
        raise ValidationError(_("Choose the rows to mend first."))
    try:
        revisions = {int(pk): int(revision) for pk, revision in (t.split(":") for t in texts)}
    except ValueError as error:
        raise BadRequest(str(error)) from error
    manager: Any = declared.fact._default_manager
    rows = manager.visible_to(viewer).filter(pk__in=revisions)
    found_rows = {row.pk: row for row in rows}
    if len(found_rows) != len(revisions):
        raise Http404
    return [Change(found_rows[pk], revision, value) for pk, revision in revisions.items()]


def _undo(declared: Fault, mend: Mend, changes: Sequence[Change]) -> Undo:
    rows = [
        {"id": change.row.pk, "revision": change.revision, "value": as_sent(change.value)}
        for change in changes
    ]
    url = reverse("fault-mend", args=[declared.key])
    return {"url": url, "body": {"field": mend.field, "rows": rows}}


def _header(declared: Fault) -> list[str]:
    return [_("name"), *(str(label) for label, _of in SHOWN[declared.fact].columns)]


def _lines(declared: Fault, rows: QuerySet[Any]) -> Iterator[list[Any]]:
    for row in rows.iterator(chunk_size=2000):
        cells = (_cell(of(row)) for _label, of in SHOWN[declared.fact].columns)
        yield [str(row), *cells]


def _read(value: Any) -> dict[str, Any]:
    """As a page shows it: an amount in its currency, a day or an instant, else words."""
    if isinstance(value, Worth):
        return {"worth": value}
    return {"at": value} if isinstance(value, date) else {"text": _cell(value)}


def _cell(value: Any) -> Any:
    """As spreadsheets show it: instants in the person's zone, rows by their name."""
    if isinstance(value, datetime):
        return local(value)
    if isinstance(value, Worth):
        return value.amount
    return str(value) if hasattr(value, "pk") else value
