"""Merging staged rows into a table: new ones are inserted, different ones updated."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models

from pipeline.bulk.stream import CsvStream, Rows
from pipeline.bulk.tables import column_of, copy_into, defaults, ignoring_triggers
from pipeline.models.fact import Fact

_STAGED = "salesdash_staged"
# Rows are sought out before the first of them is written. Otherwise an empty table, planned to
# be read as a whole for every row, would be read again and again while it grows.
IN_ORDER = "ORDER BY staged.ctid"


@dataclass(frozen=True)
class Counts:
    """How many rows a merge made, changed, and found as they were."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    @property
    def written(self) -> int:
        """The rows that were not as they were wanted."""
        return self.created + self.updated

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


@dataclass(frozen=True)
class Merge:
    """One merge into `model`, of `columns`, matched by the columns of `key` (never null).

    Columns of `only_new` are written with new rows alone. `extras` (SQL types by name) are
    staged behind the columns, for whoever reads the staged rows before they are dropped.
    """

    model: type[models.Model]
    columns: tuple[str, ...]
    key: tuple[str, ...]
    only_new: frozenset[str]
    extras: Mapping[str, str]
    moment: datetime

    @classmethod
    def of(
        cls,
        model: type[models.Model],
        columns: Sequence[str],
        *,
        key: Sequence[str],
        only_new: Collection[str] = (),
        extras: Mapping[str, str] | None = None,
        moment: datetime,
    ) -> Merge:
        """The merge of fields named by field or column."""
        named = tuple(column_of(model, name) for name in columns)
        keys = tuple(column_of(model, name) for name in key)
        kept = frozenset(column_of(model, name) for name in only_new)
        return cls(model, named, keys, kept, extras or {}, moment)

    def run(
        self,
        rows: Rows,
        *,
        first: Callable[[str], None] | None = None,
        then: Callable[[str], None] | None = None,
    ) -> Counts:
        """Update through the live triggers, insert past them.

        `first` and `then` are given the staged table before and after that.
        """
        staged = self._stage(rows)
        if first:
            first(_STAGED)
        updated = self._update()
        with ignoring_triggers(self.model):
            created = self._insert()
        if created:
            # What comes next in the transaction must not be planned for an empty table.
            self._execute(f"ANALYZE {self._table}")
        if then:
            then(_STAGED)
        self._execute(f"DROP TABLE {_STAGED}")
        return Counts(created, updated, staged - created - updated)

    @property
    def _table(self) -> str:
        return self.model._meta.db_table

    def _stage(self, rows: Rows) -> int:
        listed = _listed(self.columns)
        self._execute(
            f"CREATE TEMP TABLE {_STAGED} ON COMMIT DROP AS "
            f"SELECT {listed} FROM {self._table} WITH NO DATA"
        )
        for name, kind in self.extras.items():
            self._execute(f'ALTER TABLE {_STAGED} ADD COLUMN "{name}" {kind}')
        columns = [*self.columns, *self.extras]
        count = copy_into(_STAGED, columns, CsvStream(columns, rows))
        self._execute(f"ANALYZE {_STAGED}")
        return count

    def _update(self) -> int:
        changing = [c for c in self.columns if c not in self.key and c not in self.only_new]
        if not changing:
            return 0
        settings = [f'"{column}" = staged."{column}"' for column in changing]
        if issubclass(self.model, Fact):
            settings += ["revision = present.revision + 1", "updated_at = now()"]
        return self._execute(
            f"UPDATE {self._table} present SET {', '.join(settings)} FROM {_STAGED} staged "
            f"WHERE {self._same_key()} AND ROW({_listed(changing, 'present')}) "
            f"IS DISTINCT FROM ROW({_listed(changing, 'staged')})"
        )

    def _insert(self) -> int:
        others = defaults(self.model, self.columns, self.moment)
        values = ", ".join([_listed(self.columns, "staged"), *(["%s"] * len(others))])
        return self._execute(
            f"INSERT INTO {self._table} ({_listed([*self.columns, *others])}) "
            f"SELECT {values} FROM {_STAGED} staged WHERE NOT EXISTS "
            f"(SELECT FROM {self._table} present WHERE {self._same_key()}) {IN_ORDER}",
            list(others.values()),
        )

    def _same_key(self) -> str:
        return " AND ".join(f'present."{column}" = staged."{column}"' for column in self.key)

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, list(values))
            return int(cursor.rowcount)


def _listed(columns: Sequence[str], table: str = "") -> str:
    prefix = f"{table}." if table else ""
    return ", ".join(f'{prefix}"{column}"' for column in columns)
