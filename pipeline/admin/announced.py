"""Settings that figures depend on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.http import HttpRequest

from accounts.admin import RecordedAdmin
from accounts.models import User
from pipeline.actions.changing import announce
from pipeline.actions.closed import reasoned, refusals_told


class AnnouncedAdmin(RecordedAdmin):
    """Says after commit that figures have changed; closed periods need a reason here too."""

    @contextmanager
    def in_the_name_of(self, request: HttpRequest) -> Iterator[None]:
        by = request.user
        assert isinstance(by, User)
        with refusals_told(by), super().in_the_name_of(request), reasoned(by):
            yield
            transaction.on_commit(announce)
