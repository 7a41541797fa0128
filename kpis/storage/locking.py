"""One writer of stored values at a time, or several that share the work, over all processes."""

from __future__ import annotations

from django.db import connection

# Any number that nothing else locks by.
_LOCK = 0x5A1E5


def hold_writers() -> None:
    """Wait for all other writers to end, and keep others waiting until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def join_writers() -> None:
    """Wait for a lone writer to end, and keep the next waiting until the transaction ends.

    Those who join write at the same time; no two of them may write the same spans.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


def keep_drains_waiting() -> bool:
    """Have no drain begin until the transaction ends; False, at once, where one is at work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
