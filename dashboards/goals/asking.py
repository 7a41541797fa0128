"""Which goal a request is about, and what it says of it."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.look import Look
from kpis.progress import may_see
from pipeline.models import Target


def visible(here: Look, pk: int) -> Target:
    """The goal; Http404 for one that the viewer may not see."""
    rows = Target.objects.visible_to(here.viewer)
    found: Target = get_object_or_404(rows.select_related("team", "user", "parent"), pk=pk)
    if not may_see(found.kpi, here.viewer):
        raise Http404
    return found


def goal_url(found: Target, here: Look) -> str:
    """A goal's page, with the bar's choices."""
    return reverse("dashboards:goal", args=[found.pk]) + here.selection.query()


def stated_revision(request: HttpRequest) -> int:
    """The revision that a form names. BadRequest where it names none."""
    stated = request.POST.get("revision", "")
    if not stated.isdecimal() or len(stated) > 9:
        raise BadRequest(_("Name the revision you read."))
    return int(stated)
