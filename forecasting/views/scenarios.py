"""Scenarios over HTTP: open, keep, change, copy, compare, delete."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.scope import BadScope, OutsideScope, resolve
from accounts.selection import selection
from forecasting.actions.scenarios import (
    Told,
    delete_scenario,
    duplicate_scenario,
    edit_scenario,
    save_scenario,
)
from forecasting.models import Scenario
from forecasting.views.asking import style_here
from forecasting.views.what_if import address, as_told, asked_by
from forecasting.whatif.asking import what_if
from forecasting.whatif.forms import LeverForm, ScenarioForm
from forecasting.whatif.levers import Levers
from forecasting.whatif.shown import Shown, compared, table
from pipeline.exports import FORMATS, export
from pipeline.views.asking import seen, viewer_of
from pipeline.views.saving import Undo, done, form_page

MOST_COMPARED = 4


@require_safe
def opened(request: HttpRequest, pk: int) -> HttpResponse:
    """The page in the state that was kept; for another's scope, of one's own instead."""
    found: Scenario = seen(Scenario.objects, request, pk)
    state = as_told(found.levers) | {"period": found.period, "scenario": str(found.pk)}
    if _may_see(found.scope, viewer_of(request)):
        state["scope"] = found.scope
    else:
        messages.info(request, _("This scenario was kept of others' figures; these are your own."))
    return redirect(f"{reverse('forecasting:what-if')}?{urlencode(state)}")


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Keep the levers that the address names."""
    viewer, here = viewer_of(request), selection(request)
    levers = LeverForm(request.GET).levers
    form = ScenarioForm(request.POST or None, viewer=viewer, initial={**levers.told})

    def act() -> Scenario:
        return save_scenario(
            by=viewer,
            at=timezone.now(),
            scope=here.scope.code,
            period=here.period.code,
            levers=form.levers,
            told=_told(form),
        )

    back = address(request, levers)
    return form_page(request, form, act, _opens, title=_("Save this scenario"), back=back)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something else of one's own scenario, or keep levers moved since."""
    viewer, found = viewer_of(request), _own(request, pk)
    moved = {**LeverForm(request.GET).levers.told} if "moved" in request.GET else {}
    form = ScenarioForm(request.POST or None, viewer=viewer, instance=found, initial=moved)

    def act() -> Scenario:
        revision = form.cleaned_data["revision"] or 0
        return edit_scenario(
            scenario=found, by=viewer, revision=revision, told=_told(form), levers=form.levers
        )

    return form_page(request, form, act, _opens, title=found.name, back=_opens(found))


@require_POST
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    """A copy of one's own, of one's own scenario or a shared one."""
    found: Scenario = seen(Scenario.objects, request, pk)
    made = duplicate_scenario(scenario=found, by=viewer_of(request))
    messages.success(request, _("The copy is called “%(name)s”.") % {"name": made.name})
    return redirect(_opens(made))


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one's own scenario; the note offers to bring it back."""
    viewer, found, revision = viewer_of(request), _own(request, pk), _revision(request)

    def act() -> Scenario:
        return delete_scenario(scenario=found, by=viewer, revision=revision, at=timezone.now())

    back = reverse("forecasting:what-if")
    said = _("The scenario is deleted.")
    return done(request, act, said=said, back=back, undo=_restores)


@require_safe
def compare(request: HttpRequest) -> HttpResponseBase:
    """Up to four scenarios side by side, for the scope and period of the page."""
    chosen = _chosen(request)
    names = [each.name for each in chosen]
    asked = asked_by(request)
    shown = Shown(asked, what_if(asked, *(each.levers for each in chosen)), style_here())
    header, rows = table(shown, names) if shown.found.scenes else ([], [])
    if request.GET.get("format") in FORMATS and rows:
        return export("scenarios", header, rows, file_format=request.GET["format"])
    ids = [("scenario", str(each.pk)) for each in chosen]
    stated = [*selection(request).stated, *ids]
    context = {
        "card": compared(shown, names),
        "header": header,
        "rows": rows,
        "csv_url": _file(stated, "csv"),
        "xlsx_url": _file(stated, "xlsx"),
        "back": address(request, Levers()),
        "here": "what-if",
    }
    return render(request, "forecasting/scenarios.html", context)


def _file(stated: list[tuple[str, str]], kind: str) -> str:
    return f"{reverse('forecasting:scenarios')}?{urlencode([*stated, ('format', kind)])}"


def _chosen(request: HttpRequest) -> list[Scenario]:
    """The scenarios of the address in its order; BadRequest where they are not two to four."""
    texts = list(dict.fromkeys(request.GET.getlist("scenario")))
    ids = [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 10]
    visible = Scenario.objects.visible_to(viewer_of(request)).in_bulk(ids)
    found = [visible[pk] for pk in ids if pk in visible]
    if not 1 <= len(found) <= MOST_COMPARED:
        raise BadRequest(_("Choose one to four scenarios to compare."))
    return found


def _told(form: ScenarioForm) -> Told:
    said = form.cleaned_data
    return Told(name=said["name"], note=said["note"], team=said["team"])


def _opens(row: Scenario) -> str:
    return reverse("forecasting:scenario", args=[row.pk])


def _restores(row: Scenario) -> Undo:
    url = reverse("scenario-restore", args=[row.pk])
    return {"url": url, "body": {"revision": row.revision}}


def _own(request: HttpRequest, pk: int) -> Scenario:
    return get_object_or_404(Scenario, pk=pk, owner=viewer_of(request), deleted_at=None)


def _may_see(scope: str, viewer: User) -> bool:
    try:
        return bool(resolve(scope, viewer))
    except (BadScope, OutsideScope):
        return False


def _revision(request: HttpRequest) -> int:
    text = request.POST.get("revision", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadRequest(_("Name the revision you read."))
    return int(text)
