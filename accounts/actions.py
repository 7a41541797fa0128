"""Every write of people's own settings."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User


def choose_language(*, by: User, language: str) -> None:
    """A person chooses the language of their pages and mail; ValidationError for another code."""
    if language not in dict(settings.LANGUAGES):
        raise ValidationError(_("Choose one of the languages offered."))
    by.language = language
    by.save(update_fields=["language"])
