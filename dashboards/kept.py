"""What a page showed a moment ago, shown again to the same person where nothing changed since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from redis import RedisError

from accounts.roles import permissions_of
from accounts.selection import Selection
from dashboards.look import Look
from kpis.storage.recall import drains_so_far

# People's names and the clock leave no marks.
SECONDS = 60
Pieces = tuple[str, ...]


def kept(here: Look, make: Callable[[], Pieces]) -> Pieces:
    """The HTML that `make` writes for a look, kept for the next one while no fact changes."""
    drains = drains_so_far() if settings.STORED_VALUES else None
    if drains is None:
        return make()
    key = _key(here, drains)
    try:
        found: Pieces | None = cache.get(key)
        if found is None:
            found = make()
            cache.set(key, found, SECONDS)
    except RedisError:
        return make()
    return found


def _key(here: Look, drains: int) -> str:
    """Whose look at what, on which day, after how many drains of changes."""
    chosen = [str(getattr(here.selection, name)) for name in _CHOSEN]
    may = sorted(permission.name for permission in permissions_of(here.viewer))
    who = [str(here.viewer.pk), str(may), str(here.style), str(here.today)]
    told = [*who, *chosen, str(sorted(here.choices.items())), str(drains)]
    return f"home:{sha256('|'.join(told).encode()).hexdigest()}"


_CHOSEN = tuple(field.name for field in fields(Selection) if field.name != "at")
