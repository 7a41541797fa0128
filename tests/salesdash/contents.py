"""What a database holds, in a form that can be compared."""

from django.db import connection

TRIGGERS = """
SELECT string_agg(tgrelid::regclass || '.' || tgname, ' ' ORDER BY tgrelid::regclass::text, tgname)
FROM pg_trigger WHERE NOT tgisinternal
"""


def contents() -> dict[str, str]:
    """Each table's number of rows and a checksum over them; each trigger; in one mapping."""
    tables = connection.introspection.table_names()
    found = {
        table: _ask(f'SELECT count(*), sum(hashtext(t::text)) FROM "{table}" t') for table in tables
    }
    return found | {"triggers": _ask(TRIGGERS)}


def _ask(query: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return " ".join(map(str, cursor.fetchone()))
