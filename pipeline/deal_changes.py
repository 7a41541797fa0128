"""What happened to deals between two instants, deal by deal: the waterfall's moves as a list.

Each change is one that the waterfall judges (`pipeline.waterfall`), so that the list adds up to
its end less its start. Some changes move nothing there and count as zero: a deal put off within
the period, or one that is called otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from history import version_model
from pipeline.models import Deal
from pipeline.reading import known
from pipeline.waterfall import Waterfall, Window, comparing, moves_of, waterfall_of


class Kind(StrEnum):
    """What happened to a deal, in the order in which lists name it."""

    WON = "won"
    LOST = "lost"
    NEW = "new"
    SLIPPED = "slipped"
    PULLED_IN = "pulled_in"
    REDATED = "redated"
    GROWN = "grown"
    SHRUNK = "shrunk"
    RECATEGORISED = "recategorised"
    REOPENED = "reopened"
    TRANSFERRED_IN = "transferred_in"
    TRANSFERRED_OUT = "transferred_out"
    DELETED = "deleted"
    CURRENCY = "currency"


KIND_LABELS: Mapping[Kind, Any] = {
    Kind.WON: _("Won"),
    Kind.LOST: _("Lost"),
    Kind.NEW: _("New"),
    Kind.SLIPPED: pgettext_lazy("change", "Slipped"),
    Kind.PULLED_IN: _("Pulled in"),
    Kind.REDATED: _("Close date given or taken away"),
    Kind.GROWN: _("Grown"),
    Kind.SHRUNK: _("Shrunk"),
    Kind.RECATEGORISED: _("Re-categorised"),
    Kind.REOPENED: _("Reopened"),
    Kind.TRANSFERRED_IN: _("Transferred in"),
    Kind.TRANSFERRED_OUT: _("Transferred out"),
    Kind.DELETED: _("Deleted"),
    Kind.CURRENCY: _("Exchange rates"),
}


@dataclass(frozen=True)
class Tally:
    """All changes of a kind: what they did to the pipeline (None: a rate is missing)."""

    kind: Kind
    value: Decimal | None
    changes: int


@dataclass(frozen=True)
class WhatChanged:
    """The waterfall, and the changes that it is made of by kind; kinds that came up only."""

    waterfall: Waterfall
    tallies: tuple[Tally, ...]


@dataclass(frozen=True)
class Change:
    """One thing that happened to one deal; amounts are its own, in its currency then.

    `due` is when it was expected to close, or did; `pushes` how often that was put off in all.
    """

    kind: Kind
    deal: int
    name: str | None
    customer: str | None
    owner_before: str | None
    owner: str | None
    amount_before: Decimal | None
    amount_after: Decimal | None
    currency: str
    due_before: date | None
    due_after: date | None
    category_before: str | None
    category_after: str | None
    contribution: Decimal | None
    pushes: int


def what_changed(window: Window) -> WhatChanged:
    """Both sums, from one statement."""
    moves = moves_of(window)
    return WhatChanged(
        waterfall_of(window, moves),
        tuple(
            Tally(
                kind,
                known(sum((each.value for each in theirs), Decimal(0))),
                sum(each.deals for each in theirs),
            )
            for kind in Kind
            if (theirs := [each for each in moves if each.kind == kind])
        ),
    )


def changes(
    window: Window, kinds: Collection[Kind] = (), *, limit: int | None = None, offset: int = 0
) -> list[Change]:
    """The changes of these kinds (of all without any), what moved most first."""
    sql, parameters = comparing(window)
    wanted = [kind.value for kind in kinds or Kind]
    recorded = _KNOWN_NOW if window.known_at is None else _KNOWN_THEN
    then = [] if window.known_at is None else [window.known_at, window.known_at]
    text = _CHANGES.format(recorded=recorded, versions=_VERSIONS)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} {text}", [*parameters, wanted, limit, offset, window.end, *then])
        found = [Change(Kind(kind), *rest) for kind, *rest in cursor.fetchall()]
    return [replace(each, contribution=known(each.contribution)) for each in found]


_VERSIONS = version_model(Deal)._meta.db_table
_KNOWN_NOW = "recorded_to = 'infinity'"
_KNOWN_THEN = "recorded_from <= %s AND recorded_to > %s"
_CHANGES = """
, page AS (
    SELECT * FROM moves WHERE kind = ANY(%s)
    ORDER BY abs(value) DESC, deal, kind LIMIT %s OFFSET %s
)
SELECT page.kind, page.deal, deal.name, customer.name, earlier.name, owner.name, (b).amount,
    (a).amount, COALESCE((a).currency, (b).currency), (b).due, (a).due, (b).label, (a).label,
    value, (
        SELECT count(*) FILTER (WHERE is_later) FROM (
            SELECT expected_close > lag(expected_close) OVER (ORDER BY valid_from) AS is_later
            FROM {versions}
            WHERE row_id = page.deal AND NOT deleted AND valid_from <= %s AND {recorded}
        ) states
    )
FROM page
LEFT JOIN pipeline_deal deal ON deal.id = page.deal
LEFT JOIN pipeline_customer customer ON customer.id = COALESCE((a).customer, (b).customer)
LEFT JOIN accounts_user earlier ON earlier.id = (b).owner
LEFT JOIN accounts_user owner ON owner.id = COALESCE((a).owner, (b).owner)
ORDER BY abs(value) DESC, page.deal, page.kind
"""
