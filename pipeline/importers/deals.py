"""Deals and their product lines."""

from __future__ import annotations

from typing import Any

import pandas as pd
from django.utils.translation import gettext as _

from pipeline.bulk.tables import ignoring_triggers
from pipeline.importers.deletions import merge_deletable
from pipeline.importers.facts import credited, known_by, priced
from pipeline.importers.past import NEW_DEALS
from pipeline.importers.rows import Rows
from pipeline.importers.session import Session, execute, mask, objects
from pipeline.importers.usual import UsualOfStages
from pipeline.models import Deal, DealLine, LostReason, Outcome, Product, Stage

_EXTRAS = {"product": "bigint", "estimate": "numeric(18, 2)"}


def load_deals(rows: Rows, session: Session) -> None:
    """Deals and the line of each that names a product. Their past is written later."""
    table = _DealTable(rows, session)
    only_new = {"currency", *_NEEDED} - set(rows.mapping.fields)
    if rows.mapping.options.get("amount_until_won"):
        only_new.discard("amount")
    merge_deletable(
        rows,
        session,
        Deal,
        table.prepare,
        only_new=only_new,
        extras=_EXTRAS,
        then=lambda staged: _finish(staged, rows, session),
    )


class _DealTable:
    """One load of deals, with the stages and prices that it needs."""

    def __init__(self, rows: Rows, session: Session) -> None:
        self._rows = rows
        self._session = session
        self._outcomes = dict(Stage.objects.values_list("pk", "outcome"))
        self._usual = UsualOfStages.load()
        priced_until_won = rows.option("amount_until_won", ("list_price",))
        prices = Product.objects.values_list("pk", "list_price") if priced_until_won else ()
        self._prices: dict[int, Any] = dict(prices)

    def prepare(self, values: pd.DataFrame, rows: Rows, session: Session) -> pd.DataFrame:
        """Columns of Deal, then those of _EXTRAS."""
        known = known_by(values, rows)
        outcomes = [self._outcomes[stage] for stage in known["stage"]]
        known = self._usual.leave_out(known.assign(outcome=objects(outcomes, known.index)))
        known = self._reasoned(self._valued(self._dated(_whole(known))))
        self._tell(known)
        session.learn_days(known["created_at"], known["first_contact_at"], known["closed_at"])
        return priced(credited(known, session, person="owner", day="closed_at"), session)

    def _dated(self, values: pd.DataFrame) -> pd.DataFrame:
        """Closed deals need a date that has come; what open ones have is an expectation."""
        now = self._session.now
        for name in ("created_at", "first_contact_at", "stage_since"):
            values = self._rows.past(values, name, now)
        closed = values["outcome"] != Outcome.OPEN
        values = self._rows.past(values, "closed_at", now, where=closed)
        closed = values["outcome"] != Outcome.OPEN
        undated = closed & values["closed_at"].isna()
        values = self._rows.reject(
            values, undated, "closed_at", _("a date, since the deal is closed")
        )
        closed = values["outcome"] != Outcome.OPEN
        closed_at = values["closed_at"].where(closed, None)
        since = values["stage_since"].where(~closed, closed_at)
        return values.assign(closed_at=closed_at, stage_since=since)

    def _valued(self, values: pd.DataFrame) -> pd.DataFrame:
        """Until it is won, a deal is worth its product's list price, where the mapping says so."""
        prices = [self._prices.get(product) for product in values["product"]]
        estimated = [
            outcome != Outcome.WON and price is not None
            for outcome, price in zip(values["outcome"], prices, strict=True)
        ]
        amounts = [
            price if guess else amount
            for price, guess, amount in zip(prices, estimated, values["amount"], strict=True)
        ]
        return values.assign(
            amount=objects(amounts, values.index),
            amount_estimated=objects(estimated, values.index),
            estimate=objects(prices, values.index),
        )

    def _reasoned(self, values: pd.DataFrame) -> pd.DataFrame:
        reasons = [
            (reason or LostReason.UNKNOWN) if outcome == Outcome.LOST else ""
            for outcome, reason in zip(values["outcome"], values["lost_reason"], strict=True)
        ]
        return values.assign(lost_reason=objects(reasons, values.index))

    def _tell(self, values: pd.DataFrame) -> None:
        unborn = int(values["created_at"].isna().sum())
        self._rows.note(_("deals: no date, so their creation is not known"), unborn)
        strangers = int(values["customer"].isna().sum())
        self._rows.note(_("deals: no customer named"), strangers)
        guessed = int(mask(values["amount_estimated"], values.index).sum())
        self._rows.note(_("deals: not won, so the list price stands in as an estimate"), guessed)


_NEEDED = (
    "name",
    "customer",
    "product",
    "amount",
    "lost_reason",
    "created_at",
    "first_contact_at",
    "stage_since",
    "closed_at",
)


def _whole(values: pd.DataFrame) -> pd.DataFrame:
    """With every column that the preparation reads, empty where it is not mapped."""
    missing = {name: None for name in _NEEDED if name not in values}
    whole = values.assign(**{name: objects([None] * len(values), values.index) for name in missing})
    names = [name or key for name, key in zip(whole["name"], whole["external_id"], strict=True)]
    return whole.assign(name=objects(names, whole.index))


def _finish(staged: str, rows: Rows, session: Session) -> None:
    """What needs the staged deals: the list of new ones, dates of stages, and lines."""
    execute(_KEEP_NEW.format(new=NEW_DEALS, staged=staged))
    with ignoring_triggers(Deal):
        execute(_CLOSED_SINCE.format(staged=staged))
    if rows.has("product"):
        execute(_DROP_LINES.format(staged=staged))
        execute(_UPDATE_LINES.format(staged=staged))
        with ignoring_triggers(DealLine):
            if execute(_INSERT_LINES.format(staged=staged)):
                session.bulk.touch(DealLine)


# New are those without a past; it is written when the whole import is read.
_KEEP_NEW = """
INSERT INTO {new} (deal_id, estimate)
SELECT deal.id, staged.estimate FROM {staged} staged JOIN pipeline_deal deal USING (external_id)
WHERE NOT EXISTS (SELECT FROM pipeline_dealversion WHERE row_id = deal.id)
"""
_CLOSED_SINCE = """
UPDATE pipeline_deal deal SET stage_since = deal.closed_at FROM {staged} staged
WHERE deal.external_id = staged.external_id
    AND EXISTS (SELECT FROM pipeline_dealversion WHERE row_id = deal.id)
    AND (deal.stage_since < deal.closed_at
        OR (deal.stage_since IS NULL AND deal.closed_at IS NOT NULL))
"""
_DROP_LINES = """
DELETE FROM pipeline_dealline line USING {staged} staged, pipeline_deal deal
WHERE deal.external_id = staged.external_id AND line.deal_id = deal.id
    AND staged.product <> line.product_id
"""
_UPDATE_LINES = """
UPDATE pipeline_dealline line SET amount = staged.amount FROM {staged} staged, pipeline_deal deal
WHERE deal.external_id = staged.external_id AND line.deal_id = deal.id
    AND line.product_id = staged.product AND line.amount IS DISTINCT FROM staged.amount
"""
_INSERT_LINES = """
INSERT INTO pipeline_dealline (deal_id, product_id, quantity, amount)
SELECT deal.id, staged.product, 1, staged.amount
FROM {staged} staged JOIN pipeline_deal deal USING (external_id)
WHERE staged.product IS NOT NULL AND NOT EXISTS (SELECT FROM pipeline_dealline line
    WHERE line.deal_id = deal.id AND line.product_id = staged.product)
ORDER BY staged.ctid
"""
