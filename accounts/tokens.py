"""Sign-in of scripts: `Authorization: Token …`."""

from __future__ import annotations

from typing import Any

from django.utils import timezone, translation
from rest_framework.authentication import TokenAuthentication
from rest_framework.request import Request

from accounts.models import User


class PersonToken(TokenAuthentication):
    """Answers in the person's language and time zone; PersonMiddleware puts them back.

    Whoever looks back by the address changes nothing with a token either.
    """

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        found = super().authenticate(request)
        if found:
            before = request._request.user
            found[0].looks_back = getattr(before, "looks_back", False)
        return found

    def authenticate_credentials(self, key: str) -> tuple[User, Any]:
        person, token = super().authenticate_credentials(key)
        assert isinstance(person, User)
        translation.activate(person.language)
        timezone.activate(person.zone)
        return person, token
