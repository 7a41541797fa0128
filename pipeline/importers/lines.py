"""What hangs on deals that are there: product lines, and customers from a table of pairs."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from django.utils.translation import gettext as _

from pipeline.bulk import Counts
from pipeline.bulk.stream import CsvStream
from pipeline.bulk.tables import copy_into, ignoring_triggers
from pipeline.importers.merging import merge_rows
from pipeline.importers.past import NEW_DEALS
from pipeline.importers.rows import Rows
from pipeline.importers.session import Session, execute, objects
from pipeline.models import Deal, DealLine

_PAIRS = "salesdash_pairs"


def load_lines(rows: Rows, session: Session) -> None:
    """Several products of a deal; their past is that of the deal.

    With `repeated = "add_up"`, rows of the same deal and product are one line together.
    """
    adding = bool(rows.option("repeated", ("add_up",)))
    marked = rows.has("deleted")

    def prepare(values: pd.DataFrame, rows: Rows, _session: Session) -> pd.DataFrame:
        if marked:
            values = values.assign(deleted=objects(map(bool, values["deleted"]), values.index))
        return values if adding else rows.unique(values, "deal", "product")

    merge_rows(
        rows,
        session,
        DealLine,
        prepare,
        key=("deal", "product"),
        extras={"deleted": "boolean"} if marked else {},
        first=_steps(rows, marked=marked, adding=adding),
    )


def _steps(rows: Rows, *, marked: bool, adding: bool) -> Callable[[str], None]:
    def run(staged: str) -> None:
        if marked:
            execute(_DELETE.format(staged=staged))
            gone = execute(f"DELETE FROM {staged} WHERE deleted")
            rows.note(_("lines: deleted there, so not part of their deals any more"), gone)
        if adding:
            sums = [name for name in ("quantity", "amount") if rows.has(name)]
            for name in sums:
                execute(_ADD_UP.format(staged=staged, column=name))
            more = execute(_DROP_REPEATED.format(staged=staged))
            rows.note(_("lines: of a product that the deal has already, added up"), more)

    return run


# A product that another row of the same deal still names stays.
_DELETE = """
DELETE FROM pipeline_dealline line USING {staged} staged
WHERE staged.deleted AND line.deal_id = staged.deal_id AND line.product_id = staged.product_id
    AND NOT EXISTS (SELECT FROM {staged} other WHERE NOT other.deleted
        AND other.deal_id = staged.deal_id AND other.product_id = staged.product_id)
"""


_ADD_UP = """
UPDATE {staged} staged SET {column} = total.{column} FROM (
    SELECT deal_id, product_id, sum({column}) AS {column} FROM {staged}
    GROUP BY deal_id, product_id HAVING count(*) > 1) total
WHERE staged.deal_id = total.deal_id AND staged.product_id = total.product_id
"""
_DROP_REPEATED = """
DELETE FROM {staged} staged USING {staged} other
WHERE staged.deal_id = other.deal_id AND staged.product_id = other.product_id
    AND staged.ctid > other.ctid
"""


def load_customers(rows: Rows, session: Session) -> None:
    """Whose deal each is; the first row of a deal counts."""
    rows.prepare()
    execute(f"DROP TABLE IF EXISTS {_PAIRS}")
    execute(
        f"CREATE TEMP TABLE {_PAIRS} (deal_id bigint PRIMARY KEY, customer_id bigint) "
        "ON COMMIT DROP"
    )
    pairs = (
        pair
        for values in rows.chunks()
        for found in [rows.unique(values, "deal")]
        for pair in zip(found["deal"], found["customer"], strict=True)
    )
    columns = ("deal_id", "customer_id")
    copy_into(_PAIRS, columns, CsvStream(columns, pairs))
    names = {"pairs": _PAIRS, "new": NEW_DEALS}
    with ignoring_triggers(Deal):
        written = execute(_SET_CUSTOMER.format(**names, which="EXISTS"))
    written += execute(_SET_CUSTOMER.format(**names, which="NOT EXISTS"))
    rows.count(Counts(updated=written, unchanged=rows.totals.read - written))


# The past of new deals is written later, with the customer that they have by then.
_SET_CUSTOMER = """
UPDATE pipeline_deal deal SET customer_id = pair.customer_id FROM {pairs} pair
WHERE deal.id = pair.deal_id AND deal.customer_id IS DISTINCT FROM pair.customer_id
    AND {which} (SELECT FROM {new} fresh WHERE fresh.deal_id = deal.id)
"""
