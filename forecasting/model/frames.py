"""Reading the history of deals out of the versions, set at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection

from accounts.models import Company
from forecasting.model.history import CATEGORIES, KINDS, OUTCOMES, History, Prices, Step
from history import version_model
from pipeline.models import LostReason, Rate, Stage

# Beyond so many deals it is learned from a part of them, which is enough to learn from.
MOST_DEALS = 250_000


@dataclass(frozen=True)
class Instant:
    """When history is read: as effective at `at`, as it was known at `known_at` (None: now)."""

    at: datetime
    known_at: datetime | None = None


@dataclass(frozen=True)
class Part:
    """Which deals are read: all, every `every`-th, those named, or those that matter `since` an
    instant: open at the instant of reading, or closed since."""

    every: int = 1
    since: datetime | None = None
    deals: tuple[int, ...] = ()


def read_history(instant: Instant, part: Part | None = None) -> History:
    """Every version that had begun by the instant, of all deals or of a part of them."""
    part = part or Part()
    company = Company.current()
    versions = _versions(instant, part)
    codes, prices = _prices(instant, company)
    versions["currency"] = _places(versions["currency"], codes)
    return History(
        versions=versions,
        steps=_steps(instant),
        prices=prices,
        calendar=company.calendar,
        until=instant.at,
        share=1 / part.every,
    )


def learning_part() -> Part:
    """So large a part of the deals as learning needs."""
    return Part(every=max(-(-_count() // MOST_DEALS), 1))


def _count() -> int:
    """About how many deals there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pipeline_deal")
        return int(cursor.fetchone()[0])


# Instants as seconds and dates as days since 1970, so that they are read as numbers.
_READ = """
SELECT row_id AS deal, floor(extract(epoch FROM valid_from))::bigint AS began, stage_id AS stage,
    outcome, lost_reason, amount, currency, coalesce(owner_id, 0) AS owner,
    coalesce(team_id, 0) AS team, expected_close - DATE '1970-01-01' AS expected,
    coalesce(category, '') AS category, probability, kind,
    coalesce(amount_estimated, false)::int AS estimated,
    floor(extract(epoch FROM coalesce(created_at, valid_from)))::bigint AS created
FROM pipeline_dealversion
WHERE {recorded} AND NOT deleted AND valid_from <= %(at)s AND {deals}
ORDER BY row_id, valid_from
"""
_RECORDED = "recorded_to = 'infinity'"
_RECORDED_THEN = "recorded_from <= %(known)s AND recorded_to > %(known)s"
_EVERY = "row_id %% %(every)s = 0"
_NAMED = "row_id = ANY(%(named)s)"
_SINCE = """row_id IN (
    SELECT row_id FROM pipeline_dealversion
    WHERE {recorded} AND NOT deleted AND valid_from <= %(at)s AND valid_to > %(at)s
        AND (outcome = 'open' OR closed_at >= %(since)s)
)"""


def _versions(instant: Instant, part: Part) -> pd.DataFrame:
    recorded = _RECORDED if instant.known_at is None else _RECORDED_THEN
    deals = _EVERY if part.since is None else _SINCE.format(recorded=recorded)
    deals = _NAMED if part.deals else deals
    parameters = {
        "at": instant.at,
        "known": instant.known_at,
        "every": part.every,
        "since": part.since,
        "named": list(part.deals),
    }
    return _typed(_copied(_READ.format(recorded=recorded, deals=deals), parameters))


def _copied(sql: str, parameters: dict[str, Any]) -> pd.DataFrame:
    """The rows of a statement; COPY is several times faster than fetching."""
    text = StringIO()
    with connection.cursor() as cursor:
        written = cursor.mogrify(sql, parameters).decode()
        cursor.copy_expert(f"COPY ({written}) TO STDOUT (FORMAT csv, HEADER)", text)
    text.seek(0)
    kept = {"outcome": str, "lost_reason": str, "currency": str, "category": str, "kind": str}
    return pd.read_csv(text, dtype=kept, keep_default_na=False, na_values={
        name: [""] for name in ("amount", "expected", "probability", "stage")
    })  # fmt: skip


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns as a history has them."""
    expected = frame["expected"].to_numpy(dtype=float)
    days = np.where(np.isnan(expected), 0, expected).astype("int64").astype("datetime64[D]")
    days[np.isnan(expected)] = np.datetime64("NaT")
    return frame.assign(
        began=frame["began"].to_numpy(dtype="int64").astype("datetime64[s]"),
        created=frame["created"].to_numpy(dtype="int64").astype("datetime64[s]"),
        expected=days,
        stage=frame["stage"].fillna(0).to_numpy(dtype="int64"),
        outcome=_places(frame["outcome"], OUTCOMES),
        category=np.maximum(_places(frame["category"], CATEGORIES), 0),
        kind=_places(frame["kind"], KINDS),
        amount=frame["amount"].to_numpy(dtype=float),
        probability=frame["probability"].to_numpy(dtype=float),
        real=~frame["lost_reason"].isin(LostReason.outside_win_rates()).to_numpy(),
        estimated=frame["estimated"].to_numpy(dtype=bool),
    )


def _places(texts: pd.Series[Any], names: tuple[str, ...]) -> Any:
    """The position of each text among the names; -1 for others."""
    places = {name: place for place, name in enumerate(names)}
    return texts.map(places).fillna(-1).to_numpy(dtype="int64")


def _steps(instant: Instant) -> dict[int, Step]:
    """The stages as they were set up at the instant, or at first where that lies before."""
    steps: dict[int, Step] = {
        stage.pk: Step(float(stage.probability), CATEGORIES.index(stage.category))
        for stage in Stage.objects.all()
    }
    states = version_model(Stage).objects.recorded(instant.known_at).filter(deleted=False)
    begun: set[int] = set()
    for state in states.order_by("valid_from"):
        if state.valid_from <= instant.at or state.row_id not in begun:
            category = CATEGORIES.index(state.category)
            steps[state.row_id] = Step(float(state.probability), category)
        begun.add(state.row_id)
    return steps


def _prices(instant: Instant, company: Company) -> tuple[tuple[str, ...], tuple[Prices, ...]]:
    """The codes of foreign currencies, and what they cost until the instant."""
    own = company.currency
    rates = Rate.objects.all()
    if instant.known_at is not None:
        rates = version_model(Rate).objects.at(instant.at, known_at=instant.known_at)
    today = company.calendar.business_day(instant.at)
    rows = rates.filter(day__lte=today).exclude(currency=own).order_by("currency", "day")
    known: dict[str, list[tuple[Any, float]]] = {}
    for currency, day, price in rows.values_list("currency", "day", "price"):
        known.setdefault(currency, []).append((day, float(price)))
    foreign = _foreign(own)
    return foreign, tuple(_price(known.get(code, [])) for code in foreign)


def _foreign(own: str) -> tuple[str, ...]:
    """The currencies of deals besides the company's own."""
    with connection.cursor() as cursor:
        cursor.execute(_CURRENCIES, [own])
        return tuple(code for (code,) in cursor.fetchall())


_CURRENCIES = """
SELECT DISTINCT currency FROM pipeline_dealversion WHERE currency <> %s ORDER BY currency
"""


def _price(known: list[tuple[Any, float]]) -> Prices:
    days = np.array([day for day, _price in known], dtype="datetime64[D]")
    return Prices(days, np.array([price for _day, price in known]))
