"""The page on which staff have stored values computed anew, and see how far that is."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.roles import Permission, require
from kpis import tasks
from kpis.actions import recomputations as actions
from kpis.models import Recomputation
from kpis.storage.recomputing import FACT

SHOWN = 20


class RecomputationForm(forms.Form):
    """From which day on; everything without one."""

    since = forms.DateField(
        label=_("Since"),
        help_text=_("Leaves out the months and weeks before this day."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


@require_http_methods(["GET", "POST"])
def recomputation(request: HttpRequest) -> HttpResponse:
    """How far the last one is, those before it, and a form to start one."""
    viewer = _staff(request)
    form = RecomputationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.start_recomputation(by=viewer, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            tasks.share_out()
            return redirect("dashboards:recomputation")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    part = "HX-Request" in request.headers
    name = "progress" if part else "page"
    template = f"dashboards/recomputation/{name}.html"
    return render(request, template, _told(form), status=status)


@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Take no more steps."""
    actions.stop_recomputation(by=_staff(request), at=timezone.now())
    return redirect("dashboards:recomputation")


@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    """Go on with a stopped one."""
    viewer = _staff(request)
    try:
        actions.resume_recomputation(by=viewer)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        tasks.share_out()
    return redirect("dashboards:recomputation")


def _staff(request: HttpRequest) -> User:
    require(request.user, Permission.EDIT_SETTINGS)
    assert isinstance(request.user, User)
    return request.user


def _told(form: RecomputationForm) -> dict[str, Any]:
    last = list(Recomputation.objects.for_listing()[:SHOWN])
    return {"form": form, "latest": next(iter(last), None), "earlier": last[1:], "fact": FACT}
