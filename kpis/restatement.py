"""The changes that made a closed period's figure another one: by row, person and date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import F

from accounts.models import Company, User
from accounts.scope import reach
from kpis.asking import check_rights, reading_of
from kpis.closing import Closings, closing_reading
from kpis.questions import Question
from pipeline.changes import Change, changes_since
from pipeline.measures import Measure
from pipeline.models import Contract, ContractTerm
from pipeline.populations import Rows
from pipeline.reading import Reading, row_key

MOST = 50


@dataclass(frozen=True)
class Moved:
    """A row that brings in something else now than when the period closed; None: nothing."""

    record: str
    before: Decimal | None
    after: Decimal | None
    changes: Sequence[Change]


def moved_rows(question: Question, *, viewer: User, at: datetime, part: str) -> list[Moved]:
    """The first rows of a part that made the difference, each with what was changed since."""
    check_rights(question.checked(), viewer)
    tree = reach(viewer).tree
    reading = reading_of(question, tree=tree, at=at, currency=Company.current().currency)
    before = closing_reading(replace(question, against_close=True), reading, Closings())
    if before is None:
        return []
    measure = question.declared_basis.measures[part]
    now, then = _brought(measure, reading), _brought(measure, before)
    was, became = dict(_some(then.difference(now))), dict(_some(now.difference(then)))
    records = sorted({*was, *became})[:MOST]
    kept = Contract if measure.of.fact is ContractTerm else measure.of.fact
    changes = changes_since(
        kept, [_row(record) for record in records], before.known_at or before.at
    )
    return [
        Moved(record, was.get(record), became.get(record), changes.get(_row(record), []))
        for record in records
    ]


def _brought(measure: Measure, reading: Reading) -> Rows:
    rows = measure.of.rows(reading).order_by()
    brought: Rows = rows.values_list(F(row_key(rows)), measure.contribution(reading))
    return brought


def _some(rows: Rows) -> Iterator[tuple[str, Any]]:
    for record, worth in islice(rows.iterator(), 10 * MOST):
        yield str(record), worth


def _row(record: str) -> int:
    return int(record.partition("@")[0])
