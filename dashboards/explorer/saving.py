"""Saved views over HTTP: open, keep, rename, share, delete."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.scope import OutsideScope, resolve
from dashboards.explorer.forms import NewViewForm, SavedViewForm
from dashboards.explorer.words import SPLITS
from kpis.actions.saved_views import delete_view, edit_view, save_view
from kpis.models import SavedView
from kpis.registry import all_kpis
from pipeline.actions.changing import Stale
from pipeline.views.asking import seen, viewer_of
from pipeline.views.saving import form_page


@require_safe
def view(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that was kept; for a scope that is not the viewer's, of their own instead."""
    found: SavedView = seen(SavedView.objects, request, pk)
    if found.kpi not in all_kpis():
        raise Http404
    state = dict(parse_qsl(found.query))
    if not _may_see(state.get("scope", ""), viewer_of(request)):
        del state["scope"]
        messages.info(request, _("This view was kept of others' figures; these are your own."))
    return redirect(_page(found.kpi, urlencode(state)))


@require_http_methods(["GET", "POST"])
def save(request: HttpRequest, key: str) -> HttpResponse:
    """Keep what a page of a KPI shows, as the query string here states it."""
    viewer = viewer_of(request)
    if key not in all_kpis():
        raise Http404
    start = {"state": request.GET.urlencode(), "name": _suggested(key, request.GET.get("by", ""))}
    form = NewViewForm(request.POST or None, viewer=viewer, initial=start)

    def act() -> SavedView:
        said = form.cleaned_data
        state = QueryDict(said["state"]).dict()
        kept = {"kpi": key, "state": state, "name": said["name"], "team": said["team"]}
        made = save_view(by=viewer, at=timezone.now(), **kept)
        messages.success(request, _("The view is saved."))
        return made

    state = str(form["state"].value() or "")
    return form_page(request, form, act, _opens, title=_("Save this view"), back=_page(key, state))


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename or share one's own view."""
    viewer, found = viewer_of(request), _own(request, pk)
    form = SavedViewForm(request.POST or None, viewer=viewer, instance=found)

    def act() -> SavedView:
        said = form.cleaned_data
        revision = said["revision"] or 0
        kept = {"name": said["name"], "team": said["team"]}
        edited = edit_view(view=found, by=viewer, revision=revision, **kept)
        messages.success(request, _("The change is saved."))
        return edited

    back = reverse("explorer:list")
    return form_page(request, form, act, lambda _row: back, title=found.name, back=back)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one's own view."""
    found, back = _own(request, pk), reverse("explorer:list")
    try:
        delete_view(view=found, by=viewer_of(request), revision=_revision(request))
    except Stale:
        return render(request, "409.html", {"current_url": back}, status=409)
    messages.success(request, _("The view is deleted."))
    return redirect(back)


def _own(request: HttpRequest, pk: int) -> SavedView:
    return get_object_or_404(SavedView, pk=pk, owner=viewer_of(request))


def _opens(row: SavedView) -> str:
    return reverse("explorer:view", args=[row.pk])


def _page(key: str, query: str) -> str:
    return reverse("explorer:kpi", args=[key]) + (f"?{query}" if query else "")


def _suggested(key: str, by: str) -> str:
    name = str(all_kpis()[key].label)
    if by not in SPLITS:
        return name
    return _("%(kpi)s by %(what)s") % {"kpi": name, "what": str(SPLITS[by]).lower()}


def _may_see(scope: str, viewer: User) -> bool:
    try:
        return not scope or bool(resolve(scope, viewer))
    except OutsideScope:
        return False


def _revision(request: HttpRequest) -> int:
    try:
        return int(request.POST.get("revision", ""))
    except ValueError as error:
        raise BadRequest(_("Name the revision you read.")) from error
