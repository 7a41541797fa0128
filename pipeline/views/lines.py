"""What a deal sells: the form of its product lines."""

from __future__ import annotations

from http import HTTPStatus

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.roles import Permission, require
from pipeline.actions.changing import Stale
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
    context = {"deal": shown, "form": form, "revision": shown.revision, "problems": []}
    if request.method == "GET":
        return render(request, "pipeline/deals/lines.html", context)
    problems = _save(request, shown, form)
    if problems is None:
        return HttpResponseRedirect(deal_url(shown))
    context["problems"] = problems
    return render(
        request, "pipeline/deals/lines.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY
    )


def _save(request: HttpRequest, shown: Deal, form: LinesForm) -> list[str] | None:
    """None once it is done; else what is wrong with the form as a whole."""
    if not form.is_valid():
        return []
    stated = request.POST.get("revision", "")
    revision = int(stated) if stated.isdecimal() and len(stated) < 10 else 0
    try:
        set_lines(deal=shown, by=viewer_of(request), revision=revision, lines=form.lines())
    except Stale:
        return [_("Somebody else changed this deal meanwhile. Check the lines and save once more.")]
    except ValidationError as error:
        return error.messages
    return None
