"""Addresses of pages that may not exist: what links to them then shows plain text."""

from typing import Any

from django.urls import NoReverseMatch, reverse


def page_url(name: str, *arguments: Any) -> str:
    """A page's address, or "" while there is no such page."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
