"""What the bulk writer must know of a table: its columns, defaults and triggers."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

import pgtrigger
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models

from history import Version, version_model
from history.versioning import versioned_models
from pipeline.bulk.stream import COPY_OPTIONS, CsvStream
from pipeline.models import Deal, StageArrival, StageVisit

_PAGE = 1 << 17


def primary_key(model: type[models.Model]) -> str:
    """The column of the primary key."""
    return cast("str", model._meta.pk.column)


def column_of(model: type[models.Model], name: str) -> str:
    """The column of a field, named by either. FieldDoesNotExist if the model has neither."""
    for field in model._meta.concrete_fields:
        if name in (field.name, field.column):
            return cast("str", field.column)
    raise FieldDoesNotExist(f"{model.__name__} has no column {name!r}")


def tracked_columns(model: type[models.Model]) -> list[str]:
    """The columns that the versions of a model repeat."""
    own = {field.name for field in Version._meta.local_fields} | {"row"}
    fields = version_model(model)._meta.concrete_fields
    return [field.column for field in fields if field.name not in own]


def defaults(model: type[models.Model], named: Collection[str], moment: datetime) -> dict[str, Any]:
    """Values by column of the fields not named that the database does not fill by itself."""
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        column = cast("str", field.column)
        if column in named or field.primary_key or field.has_db_default():
            continue
        if getattr(field, "auto_now", False):
            values[column] = moment
        elif not field.null:
            value = field.get_default()
            values[column] = json.dumps(value) if isinstance(value, dict) else value
    return values


def copy_into(table: str, columns: Sequence[str], stream: CsvStream) -> int:
    """COPY a stream into these columns of a table; answers how many rows."""
    listed = ", ".join(f'"{name}"' for name in columns)
    with connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.copy_expert(
            f'COPY "{table}" ({listed}) FROM STDIN WITH {COPY_OPTIONS}', stream, _PAGE
        )
        return cast("int", cursor.rowcount)


def settle(written: Collection[type[models.Model]]) -> None:
    """Vacuum and analyze these models' tables, those of their versions and what is told of them.

    Inside a transaction, where PostgreSQL cannot vacuum, they are only analyzed.
    """
    kept = [version_model(model) for model in written if model in versioned_models()]
    kept += [StageVisit, StageArrival] if Deal in written else []
    what = "ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)"
    with connection.cursor() as cursor:
        for model in (*written, *kept):
            cursor.execute(f"{what} {model._meta.db_table}")


def leaves_marks(model: type[models.Model]) -> bool:
    """Whether figures are kept that derive from this table."""
    return any(trigger.name == "mark_touched" for trigger in _triggers(model))


@contextmanager
def ignoring_triggers(model: type[models.Model]) -> Iterator[None]:
    """Rows of this table written inside leave neither versions nor marks.

    Not undone on an error, since that ends the transaction and the setting with it.
    """
    before = _ignored()
    _set_ignored([*before, *(trigger.get_pgid(model) for trigger in _triggers(model))])
    yield
    _set_ignored(before)


def _ignored() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(nullif(current_setting('pgtrigger.ignore', true), ''), '{}')::text[]"
        )
        return cast("list[str]", cursor.fetchone()[0])


def _set_ignored(triggers: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pgtrigger.ignore', %s, true)", ["{" + ",".join(triggers) + "}"]
        )


def _triggers(model: type[models.Model]) -> list[Any]:
    registered: list[tuple[Any, Any]] = pgtrigger.registered()
    return [trigger for owner, trigger in registered if owner is model]
