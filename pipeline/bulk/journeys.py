"""What deals went through, told of all that a bulk write reached at once, instead of one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from history import version_model
from pipeline.bulk.tables import ignoring_triggers
from pipeline.models import Deal

_LAST_VERSION = "SELECT coalesce(max(id), 0) FROM pipeline_dealversion"
# A process that has no order yet was made in this transaction, past the triggers.
_FIRST_ORDERS = """
INSERT INTO pipeline_stageorder (process_id, stages)
SELECT process_id, stages FROM pipeline_stages_in_order ON CONFLICT DO NOTHING
"""
_TELL_BY_ORDER = "SELECT pipeline_tell_by_order()"
_TELL = """
SELECT sum(pipeline_tell_many_journeys(deals)) FROM (
    SELECT array_agg(row_id) AS deals FROM (
        SELECT row_id, row_number() OVER (ORDER BY row_id) / 5000 AS part FROM (
            SELECT DISTINCT row_id FROM pipeline_dealversion WHERE id > %s) AS reached) AS parts
    GROUP BY part) AS journeys
"""


@contextmanager
def telling_journeys() -> Iterator[None]:
    """Have the journeys told at the end of all deals that got versions inside."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_VERSION)
        (last,) = cursor.fetchone()
    with ignoring_triggers(version_model(Deal)):
        yield
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_ORDERS)
        cursor.execute(_TELL_BY_ORDER)
        cursor.execute("SELECT EXISTS (SELECT FROM pipeline_dealversion WHERE id > %s)", [last])
        if cursor.fetchone()[0]:
            # Thousands of deals are planned for by what there is now.
            cursor.execute("ANALYZE pipeline_dealversion")
            cursor.execute(_TELL, [last])
