"""Rows as the CSV that COPY reads, made piece by piece while the database reads."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Chunks:
    """Rows as finished CSV, for millions of them: each chunk is its columns, each of them the
    texts of its rows, quoted where they need it and NULL for null."""

    columns: Iterable[Sequence[Iterable[str]]]


Rows = pd.DataFrame | Chunks | Iterable[Sequence[Any]]

# Stands for null, so that empty text is kept apart. No text of ours holds this character.
NULL = "\x1a"
COPY_OPTIONS = f"(FORMAT csv, NULL '{NULL}')"
_CHUNK = 20_000


class CsvStream:
    """A readable of rows with constants behind each.

    `instead_of_null` gives a column (by its name) another value than null, such as infinity.
    """

    def __init__(
        self,
        columns: Sequence[str],
        rows: Rows,
        *,
        constants: Sequence[Any] = (),
        instead_of_null: Mapping[str, str] | None = None,
    ) -> None:
        self._nulls = [(instead_of_null or {}).get(name, NULL) for name in columns]
        self._tail = [NULL if value is None else _plain(value) for value in constants]
        self._pieces = self._of(rows)
        self._piece = io.StringIO()

    def read(self, size: int) -> str:
        """Up to `size` characters; nothing when all rows are read."""
        text = self._piece.read(size)
        if not text:
            self._piece = next(self._pieces, self._piece)
            text = self._piece.read(size)
        return text

    def _of(self, rows: Rows) -> Iterator[io.StringIO]:
        if isinstance(rows, pd.DataFrame):
            return self._frames(rows)
        return self._joined(rows) if isinstance(rows, Chunks) else self._lines(rows)

    def _joined(self, chunks: Chunks) -> Iterator[io.StringIO]:
        behind = ("," if self._tail else "") + self._written([()]).getvalue()
        for columns in chunks.columns:
            lines = map(",".join, zip(*columns, strict=True))
            yield io.StringIO("".join(line + behind for line in lines))

    def _frames(self, frame: pd.DataFrame) -> Iterator[io.StringIO]:
        for start in range(0, len(frame), _CHUNK):
            chunk = frame.iloc[start : start + _CHUNK]
            values = [
                chunk.iloc[:, i].astype(object).where(chunk.iloc[:, i].notna(), null)
                for i, null in enumerate(self._nulls)
            ]
            yield self._written(zip(*values, strict=True))

    def _lines(self, rows: Iterable[Sequence[Any]]) -> Iterator[io.StringIO]:
        waiting = iter(rows)
        while chunk := list(islice(waiting, _CHUNK)):
            yield self._written(
                [
                    null if value is None else value
                    for value, null in zip(row, self._nulls, strict=True)
                ]
                for row in chunk
            )

    def _written(self, rows: Iterable[Iterable[Any]]) -> io.StringIO:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(
            [*map(_plain, row), *self._tail] for row in rows
        )
        text.seek(0)
        return text


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value
