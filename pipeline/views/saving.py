"""How forms become actions: what was typed stays, a stale edit shows both versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NotRequired, TypedDict, TypeVar

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.forms.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from pipeline.actions.changing import Stale
from pipeline.actions.closed import ReasonNeeded
from pipeline.changes import changes_of
from pipeline.forms.editing import FactForm
from pipeline.models.fact import Fact

RowT = TypeVar("RowT", bound=Fact)
Act = Callable[[], RowT]


class Press(TypedDict):
    """Another button of a note: what it says, and the request that it sends as JSON."""

    text: str
    url: str
    method: str
    body: dict[str, Any]


class Undo(TypedDict):
    """The request that a note's button to undo sends, as JSON; perhaps another button besides."""

    url: str
    body: dict[str, Any]
    method: NotRequired[str]
    other: NotRequired[Press | None]


def saved(form: FactForm, act: Act[RowT], context: dict[str, Any]) -> RowT | None:
    """What the action answers; None where the form must be shown again.

    `context` then holds `status`, and `differences` where somebody else was faster.
    """
    context["status"] = HTTPStatus.UNPROCESSABLE_ENTITY
    if not form.is_valid():
        return None
    try:
        return act()
    except Stale as stale:
        context["differences"] = form.meet(stale.current)
        context["status"] = HTTPStatus.CONFLICT
    except ReasonNeeded as needed:
        context["needs_reason"] = True
        form.refuse(ValidationError(str(needed)))
    except ValidationError as error:
        form.refuse(error)
    return None


def form_page(
    request: HttpRequest,
    form: FactForm,
    act: Act[RowT],
    leads_to: Callable[[RowT], str],
    *,
    title: str,
    back: str,
    submit: str = "",
) -> HttpResponse:
    """A form on a page of its own; once it is sent and taken, on to where the row is shown."""
    context: dict[str, Any] = {"form": form, "title": title, "back": back, "submit": submit}
    if request.method == "POST":
        row = saved(form, act, context)
        if row is not None:
            return HttpResponseRedirect(leads_to(row))
    status = context.get("status", HTTPStatus.OK)
    return render(request, "pipeline/parts/form_page.html", context, status=status)


def checked(form: BaseForm) -> dict[str, Any]:
    """What a valid form holds; BadRequest says what is wrong with another."""
    if not form.is_valid():
        errors = (f"{name}: {' '.join(map(str, texts))}" for name, texts in form.errors.items())
        raise BadRequest(" ".join(errors))
    return form.cleaned_data


def done(
    request: HttpRequest,
    act: Act[RowT],
    *,
    said: str | Callable[[RowT], str],
    back: str,
    undo: Callable[[RowT], Undo] | None = None,
) -> HttpResponse:
    """Act at the press of a button and go `back`, with a note of what was done or refused.

    `said` may depend on the changed row; `undo` says of it what takes the act back, which the note
    then offers.
    """
    try:
        row = act()
    except Stale as stale:
        return told_apart(request, stale.current, back=back)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        note = said if isinstance(said, str) else said(row)
        messages.success(request, note, extra_tags=json.dumps(undo(row)) if undo else "")
    return HttpResponseRedirect(after(request, back))


def done_with(
    request: HttpRequest, said: str, *, back: str, undo: Undo | None = None, failed: bool = False
) -> HttpResponse:
    """Go `back` with a note of what was done, or why it was not."""
    level = messages.ERROR if failed else messages.SUCCESS
    messages.add_message(request, level, said, extra_tags=json.dumps(undo) if undo else "")
    return HttpResponseRedirect(back)


def told_apart(request: HttpRequest, current: Fact, *, back: str) -> HttpResponse:
    """The 409 of a stale press: what the last change made different."""
    latest = changes_of(current)[:1]
    changes = [
        {"field": field.label, "yours": field.before_text, "theirs": field.after_text}
        for change in latest
        for field in change.fields
    ]
    context = {"current_url": back, "changes": changes}
    return render(request, "409.html", context, status=HTTPStatus.CONFLICT)


def after(request: HttpRequest, back: str) -> str:
    """Where the form's `next` leads, if that is here; else `back`."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if ours else back
