"""Looking back: within it, every query finds the facts as they stood at an earlier instant.

A name in a statement's WITH clause stands before the table of that name. So whatever lists,
searches or opens a deal shows it as it was, by the same code that shows it as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, models

from history import version_model
from pipeline.models import Activity, Contract, Cost, Customer, Deal, DealLine, Lead, Target, Visit

_FACTS = (Activity, Contract, Cost, Customer, Deal, DealLine, Lead, Target, Visit)
_TABLES: dict[str, type[models.Model]] = {model._meta.db_table: model for model in _FACTS}
_NAMED = re.compile(r'"(pipeline_[a-z]+)"')
# What no version keeps, and may have been otherwise then.
_NOT_KNOWN = {
    "next_step": "''",
    "stage_since": "CASE WHEN present.stage_since <= {moment} THEN present.stage_since END",
}
_BEFORE = """{table} AS NOT MATERIALIZED (
    SELECT {columns} FROM {past} past LEFT JOIN public.{table} present ON present.id = past.row_id
    WHERE past.valid_from <= {moment} AND past.valid_to > {moment} AND NOT past.deleted
        AND {recorded}
)"""


@dataclass(frozen=True)
class Past:
    """The facts effective at `as_of`, by what is known now or was known at `known_at`."""

    as_of: datetime
    known_at: datetime | None = None

    def statement(self, sql: str) -> str:
        """A SELECT over the facts as they stood; anything else as it is."""
        tables = sorted(set(_NAMED.findall(sql)) & set(_TABLES))
        if not tables or not sql.lstrip("( \n").startswith("SELECT"):
            return sql
        return f"WITH {', '.join(map(self._before, tables))} {sql}"

    def _before(self, table: str) -> str:
        moment, recorded = _written(self.as_of), "past.recorded_to = 'infinity'"
        if self.known_at is not None:
            known = _written(self.known_at)
            held = "past.recorded_to = 'infinity' OR past.recorded_to < 'infinity'"
            recorded = f"past.recorded_from <= {known} AND ({held} AND past.recorded_to > {known})"
        past = version_model(_TABLES[table])._meta.db_table
        columns = _columns(_TABLES[table]).replace("{moment}", moment)
        return _BEFORE.format(
            table=table, past=past, columns=columns, moment=moment, recorded=recorded
        )


def _written(moment: datetime) -> str:
    return f"'{moment.isoformat()}'::timestamptz"


@cache
def _columns(model: type[models.Model]) -> str:
    kept = {field.column for field in version_model(model)._meta.concrete_fields}
    return ", ".join(_column(field, kept) for field in model._meta.concrete_fields)


def _column(field: Any, kept: set[str]) -> str:
    name = f'"{field.column}"'
    if field.primary_key:
        return f"past.row_id AS {name}"
    if field.column in kept:
        return f"past.{name}"
    if field.column in _NOT_KNOWN:
        return f"{_NOT_KNOWN[field.column]} AS {name}"
    # Of a row that was deleted since, only what its versions keep is left.
    if not field.null and isinstance(field, models.CharField | models.TextField):
        return f"COALESCE(present.{name}, '') AS {name}"
    return f"present.{name}"


_seen: ContextVar[Past | None] = ContextVar("seen", default=None)


def seen() -> Past | None:
    """What queries read by now; None for the facts as they are."""
    return _seen.get()


@contextmanager
def looking_back(past: Past) -> Iterator[None]:
    """Every query inside reads the facts as they stood. Nothing can be locked or written there."""

    def read(execute: Callable[..., Any], sql: str, *others: Any) -> Any:
        return execute(past.statement(sql), *others)

    token = _seen.set(past)
    try:
        with connection.execute_wrapper(read):
            yield
    finally:
        _seen.reset(token)


def kept_back(parts: Iterator[Any], past: Past) -> Iterator[Any]:
    """What is made later, while it is sent, as of the same instant."""
    while True:
        with looking_back(past):
            part = next(parts, None)
        if part is None:
            return
        yield part
