"""The transaction of a bulk write.

The triggers that keep history and leave marks are passed over for exactly the rows copied
here: whoever copies rows writes their versions too, and one mark per fact stands for them all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import cast

from django.db import connection, models, transaction

from history import version_model
from pipeline.actions.changing import announce
from pipeline.bulk.journeys import telling_journeys
from pipeline.bulk.merging import Counts, Merge
from pipeline.bulk.stream import CsvStream, Rows
from pipeline.bulk.tables import (
    column_of,
    copy_into,
    defaults,
    ignoring_triggers,
    leaves_marks,
    primary_key,
    settle,
    tracked_columns,
)
from pipeline.models import Touched


@contextmanager
def bulk_writing() -> Iterator[BulkWriter]:
    """One transaction in which facts are copied; marks what was written at its end.

    After the commit the written tables are vacuumed and analyzed, so that the first questions
    are planned for what is there, and answered from indexes alone where they can be.
    """
    with transaction.atomic():
        writer = BulkWriter(_transaction_start())
        with telling_journeys():
            yield writer
        written = writer.mark()
        transaction.on_commit(announce)
        transaction.on_commit(lambda: settle(written))


def _transaction_start() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cast("datetime", cursor.fetchone()[0])


class BulkWriter:
    """Writes rows past the triggers, and their versions. Made by `bulk_writing`.

    Columns are named by field or column, in the order of each row's values (of a DataFrame's
    columns). Null is None, NaN or NaT. Fields that are not named get their defaults.
    """

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        """The start of the transaction: when all of it is recorded."""
        self._written: set[type[models.Model]] = set()

    def reserve(self, model: type[models.Model], count: int) -> list[int]:
        """`count` ids, ascending, that no other row of the table has or will get."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [model._meta.db_table, primary_key(model), count],
            )
            return [row[0] for row in cursor.fetchall()]

    def copy_rows(self, model: type[models.Model], columns: Sequence[str], rows: Rows) -> int:
        """Insert rows; answers how many. Their versions are the caller's to write."""
        names = [column_of(model, name) for name in columns]
        others = defaults(model, names, self.moment)
        stream = CsvStream(names, rows, constants=list(others.values()))
        with ignoring_triggers(model):
            count = copy_into(model._meta.db_table, [*names, *others], stream)
        self._written.add(model)
        return count

    def copy_versions(self, model: type[models.Model], columns: Sequence[str], rows: Rows) -> int:
        """Insert past and present states of rows of `model`; answers how many.

        Besides the columns of the model's declaration: `row`, `valid_from`, `valid_to` (null:
        still in force), `recorded_from` (left out: now), `changed_by`. Spans are half-open and
        each row needs exactly one that is still in force.
        """
        version = version_model(model)
        names = [column_of(version, name) for name in columns]
        others = {} if "recorded_from" in names else {"recorded_from": self.moment}
        stream = CsvStream(
            names,
            rows,
            constants=list(others.values()),
            instead_of_null={"valid_to": "infinity"},
        )
        return copy_into(version._meta.db_table, [*names, *others], stream)

    def first_versions(self, model: type[models.Model], since: str = "now()") -> int:
        """One version, as the row stands, of every row that has none; answers how many.

        `since` is SQL over the row: when this state began. Null or the future mean now.
        """
        version = version_model(model)._meta.db_table
        table, key = model._meta.db_table, primary_key(model)
        names = ", ".join(f'"{column}"' for column in tracked_columns(model))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {version} (row_id, valid_from, recorded_from, {names}) "
                f"SELECT {key}, LEAST(COALESCE({since}, now()), now()), now(), {names} "
                f"FROM {table} "
                f"WHERE NOT EXISTS (SELECT FROM {version} WHERE row_id = {table}.{key}) "
                f"ORDER BY {key}"
            )
            return int(cursor.rowcount)

    def merge(
        self,
        model: type[models.Model],
        columns: Sequence[str],
        rows: Rows,
        *,
        key: Sequence[str] = ("external_id",),
        only_new: Collection[str] = (),
        extras: Mapping[str, str] | None = None,
        first: Callable[[str], None] | None = None,
        then: Callable[[str], None] | None = None,
    ) -> Counts:
        """Insert the rows whose `key` is new and update those that differ.

        Updates are effective now and recorded by the live triggers; versions of new rows are
        the caller's to write. Fields of `only_new` are not updated. Keys must not be null.
        `extras` are further values of each row, with their SQL types: they are not merged, but
        `then` may read them, with the columns, from the table of staged rows that it is given;
        `first` is given it before anything is merged, and may take rows away or change them.
        """
        merge = Merge.of(
            model, columns, key=key, only_new=only_new, extras=extras, moment=self.moment
        )
        counts = merge.run(rows, first=first, then=then)
        if counts.created:
            self._written.add(model)
        return counts

    def touch(self, model: type[models.Model]) -> None:
        """Count a table as written that SQL of the caller's own wrote past the triggers."""
        self._written.add(model)

    def mark(self) -> list[type[models.Model]]:
        """Say of every fact written so far that any figure of it may have moved; answers them."""
        written = list(self._written)
        facts = sorted(cast("str", m._meta.model_name) for m in self._written if leaves_marks(m))
        Touched.objects.bulk_create([Touched(fact=fact, instants=[]) for fact in facts])
        self._written.clear()
        return written
