"""Sign-in of scripts: `Authorization: Token …`."""

from __future__ import annotations

from typing import Any

from django.utils import timezone, translation
from rest_framework.authentication import TokenAuthentication

from accounts.models import User


class PersonToken(TokenAuthentication):
    """Answers in the person's language and time zone; PersonMiddleware puts them back."""

    def authenticate_credentials(self, key: str) -> tuple[User, Any]:
        person, token = super().authenticate_credentials(key)
        assert isinstance(person, User)
        translation.activate(person.language)
        timezone.activate(person.zone)
        return person, token
