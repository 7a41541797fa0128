"""Each request speaks the person's language, shows their time zone, reads the company once."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.models import Company, User


class PersonMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with Company.read_once():
            return self._respond(request)

    def _respond(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return self.get_response(request)
        zone = request.user.time_zone or Company.current().time_zone
        with translation.override(request.user.language), timezone.override(ZoneInfo(zone)):
            request.LANGUAGE_CODE = request.user.language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.user.language)
        return response
