"""What a deal sells: the form of its product lines."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.roles import Permission, require
from pipeline.actions.changing import Stale
from pipeline.actions.closed import ReasonNeeded
from pipeline.actions.lines import set_lines
from pipeline.forms.lines import LinesForm, lines_form
from pipeline.models import Deal
from pipeline.views.asking import seen, viewer_of
from pipeline.views.deal import deal_url


@require_http_methods(["GET", "POST"])
def lines(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of what a deal sells; what was typed stays where it is refused."""
    require(viewer_of(request), Permission.WORK_DEALS)
    shown: Deal = seen(Deal.objects.all(), request, pk)
    form = lines_form(shown, request.POST or None)
    context: dict[str, Any] = {"deal": shown, "form": form, "revision": shown.revision}
    if request.method == "GET":
        return render(request, "pipeline/deals/lines.html", context)
    if _save(request, shown, form, context):
        return HttpResponseRedirect(deal_url(shown))
    return render(
        request, "pipeline/deals/lines.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY
    )


def _save(request: HttpRequest, shown: Deal, form: LinesForm, context: dict[str, Any]) -> bool:
    """Whether it is done; else the context says what is wrong with the form as a whole."""
    if not form.is_valid():
        return False
    stated = request.POST.get("revision", "")
    revision = int(stated) if stated.isdecimal() and len(stated) < 10 else 0
    try:
        set_lines(deal=shown, by=viewer_of(request), revision=revision, lines=form.lines())
    except Stale:
        problem = _(
            "Somebody else changed this deal meanwhile. Check the lines and save once more."
        )
        context["problems"] = [problem]
        return False
    except ValidationError as error:
        context["problems"] = error.messages
        return False
    except ReasonNeeded as needed:
        context["problems"] = [str(needed)]
        context["needs_reason"] = True
        return False
    return True
