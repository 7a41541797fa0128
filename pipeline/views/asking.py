"""Who asks, and for which object."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest

from accounts.models import User


def viewer_of(request: HttpRequest) -> User:
    """The signed-in person of a request; the middleware lets nobody else through."""
    if not isinstance(request.user, User):
        raise TypeError("This page belongs to a signed-in person.")
    return request.user


def seen(rows: Any, request: HttpRequest, pk: int) -> Any:
    """The object, locked to nobody; Http404 where the viewer may not see it."""
    visible: QuerySet[Model] = rows.visible_to(viewer_of(request))
    row = visible.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row
