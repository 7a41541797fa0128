"""Each request speaks the person's language, shows their time zone, reads the company once."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.models import Company, User


class PersonMiddleware:
    """Asks who makes the request, after the middleware that finds it out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with Company.read_once():
            return self._respond(request)

    def _respond(self, request: HttpRequest) -> HttpResponse:
        # Asked once: whoever signs out is nobody afterwards.
        person = request.user
        if not isinstance(person, User):
            # A token may still name a person further in, who then speaks in this request only.
            with translation.override(translation.get_language()), timezone.override(None):
                return self.get_response(request)
        with translation.override(person.language), timezone.override(person.zone):
            request.LANGUAGE_CODE = person.language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", person.language)
        return response
