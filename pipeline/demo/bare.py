"""Tables without indexes, foreign keys and triggers while millions of rows are copied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

# What a table gives up and gets back, as (drop, make again). Primary keys stay, since foreign
# keys of other tables need them.
_PARTS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
              pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'u')
UNION ALL
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid = ANY(%s::regclass[])
AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


@contextmanager
def bare(tables: Sequence[str]) -> Iterator[None]:
    """Inside, the tables are heaps; after, the database has checked and indexed every row.

    Needs an open transaction, and holds the tables until its end.
    """
    with connection.cursor() as cursor:
        # Checks that wait for the end of the transaction would forbid changing their tables.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_PARTS, [list(tables), list(tables)])
        parts = cursor.fetchall()
        for drop, _make in parts:
            cursor.execute(drop)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {table}")
        for _drop, make in reversed(parts):
            cursor.execute(make)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
