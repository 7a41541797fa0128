"""Session settings that the history triggers read: who makes the change, and when."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection


@contextmanager
def _set_local(name: str, value: str) -> Iterator[None]:
    """Not put back on an error, since the end of the transaction then does so."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting(%s, true), set_config(%s, %s, true)", [name, name, value]
        )
        before = cursor.fetchone()[0] or ""
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, before])


@contextmanager
def recorded_by(user_id: int | None) -> Iterator[None]:
    """Versions written inside name `user_id` as their author. Needs an open transaction."""
    with _set_local("salesdash.actor", "" if user_id is None else str(user_id)):
        yield


@contextmanager
def recorded_because(reason: str) -> Iterator[None]:
    """Changes made inside have this reason, for triggers that ask for one.

    Needs an open transaction.
    """
    with _set_local("salesdash.reason", reason):
        yield


@contextmanager
def as_recorded_at(moment: datetime) -> Iterator[None]:
    """Versions written inside are effective and recorded from `moment` on.

    For replaying a known sequence of live edits; `moment` must not lie before the row's
    current version, or the clock is used instead. Needs an open transaction.
    """
    with _set_local("salesdash.moment", moment.isoformat()):
        yield
