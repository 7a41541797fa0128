"""Settings that figures depend on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.http import HttpRequest

from accounts.admin import RecordedAdmin
from pipeline.actions.changing import announce


class AnnouncedAdmin(RecordedAdmin):
    """Says after commit that figures have changed."""

    @contextmanager
    def in_the_name_of(self, request: HttpRequest) -> Iterator[None]:
        with super().in_the_name_of(request):
            yield
            transaction.on_commit(announce)
