"""Contracts, costs, visits, targets and rates as rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipeline.demo.deals import Story
from pipeline.demo.drafts import NEW, Market
from pipeline.demo.rates import Rates
from pipeline.demo.setup import ARTICLES
from pipeline.demo.spending import build_costs, count_visits
from pipeline.demo.tables import Rows, Table, labels, once, twice
from pipeline.demo.targets import build_targets
from pipeline.demo.timeline import Dates, Ints
from pipeline.models import Contract, Cost, Rate, Target, Visit

_PLANS = np.array([article.name for article in ARTICLES], dtype=object)
_TRIALS, _TRIAL_DAYS, _TRIAL_AFTER = 0.16, 30, (12, 45)
_MONTHLY_STEP = 100
_MORNING, _A_DAY = np.timedelta64(2, "h"), np.timedelta64(1, "D")
_CONTRACT = (
    "customer", "deal", "owner", "team", "start", "end", "value", "monthly_price", "currency",
    "billing", "schedule", "signed_on", "delivered_on", "auto_renew", "term_months", "renews",
    "is_trial",
)  # fmt: skip
_COST = ("kind", "day", "amount", "currency", "team", "source", "deal", "customer", "product")
_VISIT = ("day", "source", "visits")
_TARGET = ("kpi", "team", "user", "start", "end", "value", "filters", "weight", "parent")


def money_tables(
    market: Market, story: Story, leads: pd.DataFrame, rates: Rates
) -> Iterator[Table]:
    """In the order in which they refer to each other."""
    yield _contracts(market, story)
    yield _costs(market, story, leads)
    visits = count_visits(market, leads)
    visits["source"] = visits.pop("channel") + 1
    yield Table(Visit, (counted := Rows.of(visits)), once(counted, _VISIT, _known(visits, market)))
    yield _targets(market, story, leads)
    yield _rates(market, rates)


def _contracts(market: Market, story: Story) -> Table:
    """Contracts in the order of signing, trials with them; ends of automatic ones came later."""
    contracts = pd.concat([_signed(market, story.contracts), _trials(market, story)])
    contracts = contracts.reset_index(drop=True)
    order = np.argsort(contracts["signed"].to_numpy(), kind="stable")
    place = np.empty(len(order) + 1, dtype=np.int64)
    place[order + 1], place[0] = np.arange(1, len(order) + 1), 0
    contracts["renews"] = place[contracts["renews"].to_numpy() + 1]
    contracts = contracts.iloc[order].reset_index(drop=True)
    contracts["external_id"] = labels("contract", len(contracts))
    signed, noticed = (contracts[name].to_numpy() for name in ("signed", "noticed"))
    rows = contracts.drop(columns=["signed", "noticed"]).assign(updated_at=market.plan.until_second)
    past = twice(
        rows.assign(end=rows["end"].where(np.isnat(noticed))),
        rows,
        _CONTRACT,
        since=signed,
        changed=np.maximum(noticed.astype("datetime64[s]") + _MORNING, signed + _A_DAY),
    )
    columns = {**past.columns, "changed_by": past.columns["owner"]}
    return Table(Contract, Rows.of(rows), Rows(past.count, columns))


def _signed(market: Market, contracts: pd.DataFrame) -> pd.DataFrame:
    automatic, recurring = contracts["automatic"].to_numpy(), contracts["recurring"].to_numpy()
    amount, term = contracts["amount"].to_numpy(), contracts["term"].to_numpy()
    monthly = np.maximum(amount // np.maximum(term, 1) // _MONTHLY_STEP, 1) * _MONTHLY_STEP
    later = np.where(contracts["delivered"], "delivery", "signing")
    currencies = np.array([market.currency, "USD"], dtype=object)
    return pd.DataFrame(
        {
            "customer": contracts["customer"] + 1,
            "deal": contracts["deal"] + 1,
            "owner": contracts["owner"] + 1,
            "team": contracts["team"] + 1,
            "plan": _PLANS[contracts["product"].to_numpy()],
            "start": contracts["start"],
            "end": contracts["end"],
            "value": _some(amount, ~automatic),
            "monthly_price": _some(monthly, automatic),
            "currency": currencies[contracts["dollars"].to_numpy().astype(np.int64)],
            "billing": np.where(recurring, "recurring", "one_off"),
            "schedule": np.where(recurring, "monthly", later),
            "signed_on": contracts["signed"].to_numpy().astype("datetime64[D]"),
            "delivered_on": contracts["end"].where(contracts["delivered"]),
            "auto_renew": automatic,
            "term_months": _some(term, recurring),
            "renews": contracts["renews"],
            "is_trial": False,
            "signed": contracts["signed"],
            "noticed": contracts["noticed"],
        }
    )


def _some(values: Ints, known: np.ndarray) -> np.ndarray:
    """The values as objects, None where there is none."""
    found = values.astype(object)
    found[~known] = None
    return found


def _trials(market: Market, story: Story) -> pd.DataFrame:
    """A month for nothing, for some who thought of subscribing."""
    dice = market.plan.random("trials")
    deals = story.deals
    wanted = (deals["kind"] == NEW) & deals["recurring"] & (dice.random(len(deals)) < _TRIALS)
    after = dice.integers(*_TRIAL_AFTER, len(deals)).astype("timedelta64[D]")
    signed = deals["created"].to_numpy() + after
    closed = deals["closed"].fillna(pd.Timestamp(market.plan.until_second)).to_numpy()
    place = np.flatnonzero(wanted & (signed < closed))
    tried = deals.iloc[place]
    start = signed[place].astype("datetime64[D]")
    return pd.DataFrame(
        {
            "customer": tried["customer"].to_numpy() + 1,
            "deal": place + 1,
            "owner": tried["owner"].to_numpy() + 1,
            "team": tried["team"].to_numpy() + 1,
            "plan": _PLANS[tried["product"].to_numpy()],
            "start": start,
            "end": start + _TRIAL_DAYS,
            "value": 0,
            "monthly_price": None,
            "currency": market.currency,
            "billing": "recurring",
            "schedule": "monthly",
            "signed_on": start,
            "delivered_on": np.datetime64("NaT", "D"),
            "auto_renew": False,
            "term_months": 1,
            "renews": -1,
            "is_trial": True,
            "signed": signed[place],
            "noticed": np.datetime64("NaT", "D"),
        }
    )


def _costs(market: Market, story: Story, leads: pd.DataFrame) -> Table:
    costs = build_costs(market, story, leads)
    frame = pd.DataFrame(
        {
            "kind": costs["kind"],
            "day": costs["day"],
            "amount": costs["amount"],
            "currency": market.currency,
            "team": costs["team"] + 1,
            "source": costs["channel"] + 1,
            "deal": costs["deal"] + 1,
            "customer": 0,
            "product": costs["product"] + 1,
            "updated_at": market.plan.until_second,
        }
    )
    since = costs["day"].to_numpy().astype("datetime64[s]") + np.timedelta64(1, "h")
    rows = Rows.of(frame)
    return Table(Cost, rows, once(rows, _COST, np.minimum(since, market.plan.until_second)))


def _targets(market: Market, story: Story, leads: pd.DataFrame) -> Table:
    targets = build_targets(market, story.deals, leads)
    frame = pd.DataFrame(
        {
            "kpi": targets["kpi"],
            "team": targets["team"] + 1,
            "user": targets["person"] + 1,
            "start": targets["start"],
            "end": targets["end"],
            "value": targets["value"],
            "filters": "{}",
            "weight": 1,
            "parent": targets["parent"] + 1,
            "external_id": labels("target", len(targets)),
            "updated_at": market.plan.until_second,
        }
    )
    since = targets["set_on"].to_numpy().astype("datetime64[s]")
    rows = Rows.of(frame)
    return Table(Target, rows, once(rows, _TARGET, np.minimum(since, market.plan.until_second)))


def _rates(market: Market, rates: Rates) -> Table:
    frame = rates.table()
    rows = Rows.of(frame)
    return Table(Rate, rows, once(rows, ("currency", "day", "price"), _known(frame, market)))


def _known(frame: pd.DataFrame, market: Market) -> Dates:
    """When what a day brought was written down: on that day."""
    days: Dates = frame["day"].to_numpy().astype("datetime64[s]")
    return np.minimum(days, market.plan.until_second)
