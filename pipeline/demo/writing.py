"""Writing the demo's tables, rows and versions alike, in the product's bulk way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import numpy as np
from django.db import models
from numpy.typing import NDArray

from accounts.models import User
from history import version_model
from pipeline.bulk import NULL, BulkWriter, Chunks
from pipeline.demo.tables import Column, Picked, Rows, Table, Texts
from pipeline.demo.timeline import Dates

_CHUNK = 50_000
_AUTHOR, _ENDLESS = "changed_by", "infinity"


class TableWriter:
    """Writes tables in the order of their references, and knows the ids it gave."""

    def __init__(self, writer: BulkWriter, say: Callable[[str], None]) -> None:
        self._writer, self._say = writer, say
        self._ids: dict[type[models.Model], Texts] = {}

    def write(self, table: Table) -> None:
        """Copy a table's rows and their versions."""
        model, rows = table.model, table.rows
        ids = self._writer.reserve(model, rows.count)
        # Place 0 stands for null.
        self._ids[model] = np.array([NULL, *map(str, ids)], dtype=object)
        columns = {**rows.columns, "id": np.arange(1, rows.count + 1)}
        self._writer.copy_rows(model, list(columns), self._chunks(model, rows.count, columns))
        written = rows.count
        if table.past is not None:
            written += self._write_past(model, table.past)
        self._say(f"{model._meta.verbose_name_plural}: {rows.count:,} ({written:,} rows)")

    def _write_past(self, model: type[models.Model], past: Rows) -> int:
        began = past.columns["valid_from"]
        columns = {**past.columns, "valid_to": _ends(past), "recorded_from": began}
        chunks = self._chunks(version_model(model), past.count, columns)
        return self._writer.copy_versions(model, list(columns), chunks)

    def _chunks(self, model: type[models.Model], count: int, columns: dict[str, Column]) -> Chunks:
        """Rows as texts, some at a time."""
        slices = (slice(start, min(start + _CHUNK, count)) for start in range(0, count, _CHUNK))
        return Chunks(
            [self._texts(model, name, column, part) for name, column in columns.items()]
            for part in slices
        )

    def _texts(
        self, model: type[models.Model], name: str, column: Column, part: slice
    ) -> Iterable[str]:
        """A part of a column as COPY reads it, references as ids."""
        if isinstance(column, str | int):
            return [str(column)] * (part.stop - part.start)
        if isinstance(column, list):
            return column[part]
        if isinstance(column, Picked):
            texts = np.where(column.texts == None, NULL, column.texts)  # noqa: E711 # element by element
            return cast("list[str]", texts[column.places[part]].tolist())
        target = self._refers_to(model, name)
        if target is not None:
            return cast("list[str]", self._ids[target][column[part]].tolist())
        return _written(model, name, column[part])

    def _refers_to(self, model: type[models.Model], name: str) -> type[models.Model] | None:
        """The model whose places a column holds."""
        if name == "id":
            return model
        if name == _AUTHOR:
            return User
        field = model._meta.get_field(name)
        return field.related_model if isinstance(field, models.ForeignKey) else None


def _written(model: type[models.Model], name: str, values: NDArray[Any]) -> Iterable[str]:
    if values.dtype.kind == "M":
        return _instants(model, name, values)
    if values.dtype.kind == "O":
        return [NULL if value is None else str(value) for value in values.tolist()]
    return map(str, values.tolist())


def _instants(model: type[models.Model], name: str, values: Dates) -> Iterator[str]:
    """Dates, or instants in UTC; the end of what has not ended is endless."""
    is_instant = isinstance(model._meta.get_field(name), models.DateTimeField)
    exact = values.astype("datetime64[s]" if is_instant else "datetime64[D]")
    texts = np.datetime_as_string(exact, timezone="UTC" if is_instant else "naive").astype(object)
    texts[np.isnat(exact)] = _ENDLESS if name == "valid_to" else NULL
    return iter(texts.tolist())


def _ends(past: Rows) -> Dates:
    """When each version ended: with the next one of its row, else not yet."""
    row = cast("Dates", past.columns["row"])
    ends = np.append(cast("Dates", past.columns["valid_from"])[1:], np.datetime64("NaT"))
    ends[np.append(row[1:] != row[:-1], True)] = np.datetime64("NaT")
    return ends
