"""The SQL of what is read, and one statement for much of it.

Building and compiling a query takes longer than PostgreSQL takes to run it over few rows, so
what has a form is built once in each process.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from kpis.forms import Form, compiled, form_of, name_of, times_of
from kpis.selects import Select
from kpis.storage.columns import Sql
from kpis.storage.rests import Rests, rests_of

# Forms beyond so many are those of many people's own figures.
MOST_FORMS = 2000
_forms: dict[Hashable, Form | None] = {}


def sql_of(select: Select) -> Sql | None:
    """Its columns are "key", "value_0" and so on; None where it can have no rows."""
    name = name_of(select)
    if name not in _forms:
        if len(_forms) >= MOST_FORMS:
            _forms.clear()
        _forms[name] = form_of(select)
    form = _forms[name]
    return form.at(times_of(select)) if form else compiled(select)


@dataclass(frozen=True)
class Found:
    """Rows of a select, as (key, value, …), and what the statement rests on."""

    rows: list[tuple[Any, ...]]
    rests: Rests | None


def read_all(selects: Sequence[Select], proof: Sql | None) -> tuple[list[Found], list[str]]:
    """The rows of each, and the keys that the proof of stored values has: of one snapshot."""
    width = max((select.width for select in selects), default=0)
    built = [sql_of(select) for select in selects]
    parts = [
        _numbered(number, sql, select.width, width)
        for number, (select, sql) in enumerate(zip(selects, built, strict=True))
        if sql is not None
    ]
    if proof is not None:
        parts.append(_numbered(len(selects), proof, 0, width))
    found = [Found([], rests_of(sql.text) if sql else None) for sql in built]
    proved: list[str] = []
    for number, *row in _rows(parts):
        if number == len(selects):
            proved.append(row[0])
        else:
            found[number].rows.append(tuple(row))
    return found, proved


def _rows(parts: Sequence[Sql]) -> Iterator[tuple[Any, ...]]:
    if not parts:
        return
    union = Sql.union(parts)
    with connection.cursor() as cursor:
        cursor.execute(union.text, union.parameters)
        yield from cursor.fetchall()


def _numbered(number: int, sql: Sql, count: int, width: int) -> Sql:
    """Its rows after its number, filled up to as many values as the widest has."""
    values = [f'"value_{place}"' if place < count else "NULL::numeric" for place in range(width)]
    key = """COALESCE("key"::text, '') AS "key\""""
    columns = ", ".join([f'{number} AS "number"', key, *values])
    text = f"(SELECT {columns} FROM ({sql.text}) AS part_{number})"
    return Sql(text, sql.parameters)
