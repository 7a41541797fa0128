"""Writing the demo's tables, rows and versions alike, in the product's bulk way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import numpy as np
import pandas as pd
from django.db import connection, models

from accounts.models import User
from history import version_model
from pipeline.bulk import BulkWriter
from pipeline.demo.tables import Table, chunks, until_next
from pipeline.demo.timeline import Ints

_CHUNK = 50_000
_AUTHOR = "changed_by"


class TableWriter:
    """Writes tables in the order of their references, and knows the ids it gave."""

    def __init__(self, writer: BulkWriter, say: Callable[[str], None]) -> None:
        self._writer, self._say = writer, say
        self._ids: dict[type[models.Model], Ints] = {}

    def write(self, table: Table) -> None:
        """Copy a table's rows and their versions."""
        model, rows = table.model, table.rows
        # Place 0 stands for null.
        self._ids[model] = np.array([0, *self._writer.reserve(model, len(rows))])
        rows = rows.assign(id=np.arange(1, len(rows) + 1))
        self._writer.copy_rows(model, list(rows.columns), self._lines(model, rows))
        written = len(rows)
        if len(table.past):
            version = version_model(model)
            past = table.past.assign(
                valid_to=until_next(table.past), recorded_from=table.past["valid_from"]
            )
            lines = self._lines(version, past)
            written += self._writer.copy_versions(model, list(past.columns), lines)
        self._say(f"{model._meta.verbose_name_plural}: {len(rows):,} ({written:,} rows)")

    def finish(self) -> None:
        """Let the planner know what came."""
        with connection.cursor() as cursor:
            for model in self._ids:
                for table in _tables_of(model):
                    cursor.execute(f"ANALYZE {table}")

    def _lines(self, model: type[models.Model], rows: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
        """Rows as tuples of what COPY reads, references as ids."""
        for part in chunks(len(rows), _CHUNK):
            chunk = rows.iloc[part]
            columns = [self._values(model, name, chunk[name]) for name in chunk.columns]
            yield from zip(*columns, strict=True)

    def _values(self, model: type[models.Model], name: str, column: pd.Series) -> Iterable[Any]:
        target = self._refers_to(model, name)
        if target is not None:
            place = column.to_numpy()
            found = self._ids[target][place].astype(object)
            found[place == 0] = None
            return cast("Iterable[Any]", found.tolist())
        if column.dtype.kind == "M":
            return _written_instants(model, name, column)
        if column.dtype.kind in "iub":
            return cast("Iterable[Any]", column.tolist())
        return cast("Iterable[Any]", column.astype(object).where(column.notna(), None).tolist())

    def _refers_to(self, model: type[models.Model], name: str) -> type[models.Model] | None:
        """The model whose places a column holds."""
        if name == "id":
            return model
        if name == _AUTHOR:
            return User
        target = model._meta.get_field(name)
        if isinstance(target, models.ForeignKey):
            return target.related_model
        return None


def _written_instants(model: type[models.Model], name: str, column: pd.Series) -> list[str | None]:
    """Dates, or instants in UTC."""
    is_instant = isinstance(model._meta.get_field(name), models.DateTimeField)
    values = column.to_numpy().astype("datetime64[s]" if is_instant else "datetime64[D]")
    texts = np.datetime_as_string(values, timezone="UTC" if is_instant else "naive").astype(object)
    texts[np.isnat(values)] = None
    return cast("list[str | None]", texts.tolist())


def _tables_of(model: type[models.Model]) -> list[str]:
    try:
        return [model._meta.db_table, version_model(model)._meta.db_table]
    except KeyError:
        return [model._meta.db_table]
