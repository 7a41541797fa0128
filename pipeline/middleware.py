"""Requests that look back: pages and lists as of the instant that their address names."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.instants import BadInstant, earlier_of, instant_of
from accounts.models import Company
from pipeline.actions.closed import ReasonNeeded, because
from pipeline.past import Past, kept_back, looking_back


class ReasonMiddleware:
    """A request may say why it changes what belongs to a closed period, or moves a deal past what
    is not ticked: `reason` in its query string (of the API), or `closing_reason` in its form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        typed = request.POST.get("closing_reason", "")
        with because(str(typed) or request.GET.get("reason", "")):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Ask for the reason that a page's form lacks; what was sent goes with it once more."""
        if not isinstance(exception, ReasonNeeded):
            return None
        own = {"csrfmiddlewaretoken", "closing_reason"}
        sent = [
            (name, text)
            for name, texts in request.POST.lists()
            if name not in own
            for text in texts
        ]
        context = {"needed": exception, "sent": sent, "back": _back(request)}
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return render(request, "pipeline/parts/reason_page.html", context, status=status)


def _back(request: HttpRequest) -> str:
    """The page that the form was on, if it was one of ours; else the first one."""
    came_from = request.headers.get("referer", "")
    ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure())
    return came_from if ours else "/"


class LookBackMiddleware:
    """Reads by `as_of` and `known_at` of the query string; whoever looks back changes nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        past = _past_of(request)
        if past is None:
            return self.get_response(request)
        request.user.looks_back = True  # type: ignore[union-attr]
        with looking_back(past):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = kept_back(iter(response), past)
        return response


def _past_of(request: HttpRequest) -> Past | None:
    """The instants that a request names; None where it looks at the present."""
    calendar, now = Company.current().calendar, timezone.now()
    try:
        named = [instant_of(request.GET.get(name, ""), calendar) for name in ("as_of", "known_at")]
    except BadInstant:
        # Whoever answers says so in their own form: a page or a problem.
        return None
    known_at, past = earlier_of(*named, at=now)
    return None if past is None else Past(past, known_at)
