"""Which faults a person may see, how many rows each has, and which."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from accounts.models import User
from accounts.roles import allowed
from pipeline.faults.catalog import FAULTS
from pipeline.faults.declarations import Fault, Moment

MOST_COUNTED = 10_000


def faults_for(viewer: User) -> list[Fault]:
    """Those whose rows the person may see."""
    return [f for f in FAULTS if f.permission is None or allowed(viewer, f.permission)]


def found(key: str, viewer: User, now: Moment) -> tuple[Fault, QuerySet[Any]]:
    """A fault with its rows, newest first. KeyError where there is none for this person."""
    fault = {fault.key: fault for fault in faults_for(viewer)}[key]
    return fault, fault.rows(viewer, now).order_by("-pk")


def counts(faults: Iterable[Fault], viewer: User, now: Moment) -> dict[str, int]:
    """How many rows each fault has, up to MOST_COUNTED, in one statement."""
    parts, values = [], []
    for fault in faults:
        rows = fault.rows(viewer, now).order_by().values("pk")[:MOST_COUNTED]
        try:
            sql, parameters = rows.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT %s AS key, count(*) FROM ({sql}) rows")  # noqa: S608 # Django's own SQL
        values += [fault.key, *parameters]
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        return dict(cursor.fetchall())
