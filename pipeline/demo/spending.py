"""What the demo company spends, and how many visits its channels bring."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.demo.customers import INDUSTRIES, REGIONS
from pipeline.demo.deals import Story
from pipeline.demo.drafts import Market
from pipeline.demo.setup import ARTICLES, CHANNELS, WON
from pipeline.demo.timeline import Bools, Dates, Floats, Ints
from pipeline.models import CostKind

NOTHING = -1

_SALARY, _EXPENSES, _COMMISSION = 6_900_000, 1_250_000, 0.035
_CHANNEL_BASE = 1_500_000
_HOSTING = 0.012
_FAR, _SMALL_JOBS = 1.18, np.array([1.12, 1.0, 0.95, 0.9])
_STEP = 10_000
_WEEKDAYS = np.array([1.1, 1.15, 1.1, 1.05, 0.9, 0.35, 0.35])
_COLUMNS = ("team", "channel", "deal", "product")


def build_costs(market: Market, story: Story, leads: pd.DataFrame) -> pd.DataFrame:
    """Costs in won in order of their days; whatever they are not spent on is NOTHING.

    A row has kind, day, amount, team, channel, deal and product.
    """
    dice = market.plan.random("costs")
    months = _months(market)
    parts = [
        _marketing(dice, months, leads),
        *_of_teams(market, dice, months, story.deals),
        _hosting(dice, months, story.deals),
        _delivery(market, dice, story.deals),
    ]
    costs = pd.concat(
        [part.reindex(columns=["kind", "day", "amount", *_COLUMNS]) for part in parts]
    )
    costs["amount"] = (np.round(costs["amount"] / _STEP) * _STEP).astype(np.int64)
    for column in _COLUMNS:
        costs[column] = costs[column].fillna(NOTHING).astype(np.int64)
    return costs.sort_values(["day", "kind"], kind="stable").reset_index(drop=True)


def _months(market: Market) -> Dates:
    last = np.datetime64(market.plan.today, "M")
    return np.arange(np.datetime64(market.plan.start, "M"), last + 1)


def _marketing(dice: np.random.Generator, months: Dates, leads: pd.DataFrame) -> pd.DataFrame:
    """By channel and month: so much per lead that it brought, and something in any case."""
    month, channel = _grid(months, len(CHANNELS))
    came = _place(months, leads["created"].to_numpy())
    known = came >= 0
    cell = came[known] * len(CHANNELS) + leads["channel"].to_numpy()[known]
    counts = np.bincount(cell, minlength=len(month))
    prices = np.array([each.cost for each in CHANNELS])[channel]
    amounts = (counts * prices + _CHANNEL_BASE) * dice.lognormal(0, 0.15, len(month))
    return _costs(CostKind.MARKETING, months[month], amounts, channel=channel)


def _of_teams(
    market: Market, dice: np.random.Generator, months: Dates, deals: pd.DataFrame
) -> list[pd.DataFrame]:
    """Salaries by team and month, and expenses with commissions on what it won."""
    count = len(market.organisation.teams)
    month, team = _grid(months, count)
    heads = _heads(market, months).ravel()
    won = deals[deals["stage"] == WON]
    came = _place(months, won["closed"].to_numpy())
    known = came >= 0
    cell = came[known] * count + won["team"].to_numpy()[known]
    sales = np.bincount(cell, won["worth"].to_numpy()[known], minlength=len(month))
    expenses = heads * _EXPENSES * dice.lognormal(0, 0.2, len(month)) + _COMMISSION * sales
    raises = 1 + 0.04 * (month // 12)
    return [
        _costs(CostKind.LABOUR, months[month], heads * _SALARY * raises, team=team),
        _costs(CostKind.SALES, months[month], expenses, team=team),
    ]


def _heads(market: Market, months: Dates) -> Ints:
    """How many people each team has at the beginning of each month."""
    heads = np.zeros((len(months), len(market.organisation.teams)), dtype=np.int64)
    days = months.astype("datetime64[D]")
    for span in market.organisation.spans:
        there = days >= np.datetime64(span.start)
        if span.end is not None:
            there &= days < np.datetime64(span.end)
        heads[there, span.team] += 1
    return heads


def _hosting(dice: np.random.Generator, months: Dates, deals: pd.DataFrame) -> pd.DataFrame:
    """What running the subscriptions costs, by product and month."""
    month, product = _grid(months, len(ARTICLES))
    recurring = np.array([article.recurring for article in ARTICLES])[product]
    won = deals[(deals["stage"] == WON) & deals["recurring"]]
    share = np.bincount(won["product"], won["worth"], minlength=len(ARTICLES))[product]
    grown = 0.7 + 0.6 * month / len(months)
    amounts = _HOSTING * share / 12 * grown * dice.lognormal(0, 0.06, len(month))
    costs = _costs(CostKind.DELIVERY, months[month], amounts, product=product)
    return costs.loc[recurring]


def _delivery(market: Market, dice: np.random.Generator, deals: pd.DataFrame) -> pd.DataFrame:
    """What won deals cost to deliver, in the weeks after: this is where segments differ."""
    place = np.flatnonzero(deals["stage"].to_numpy() == WON)
    won = deals.iloc[place]
    who = market.customers.iloc[won["customer"].to_numpy()]
    share = np.array([row[2] for row in INDUSTRIES.values()])[who["industry"].to_numpy()]
    abroad = who["region"].to_numpy() == list(REGIONS).index("해외")
    share = share * np.where(abroad, _FAR, 1.0) * _SMALL_JOBS[who["band"].to_numpy()]
    amounts = won["worth"].to_numpy() * share * dice.lognormal(0, 0.2, len(won))
    later = dice.integers(3, 60, len(won)).astype("timedelta64[D]")
    days = won["closed"].to_numpy().astype("datetime64[D]") + later
    spent: Bools = days <= np.datetime64(market.plan.today)
    return _costs(CostKind.DELIVERY, days, amounts, deal=place).loc[spent]


def _costs(kind: CostKind, days: Dates, amounts: Floats, **spent_on: Ints) -> pd.DataFrame:
    costs = pd.DataFrame({"day": days.astype("datetime64[D]"), "amount": amounts, **spent_on})
    return costs.assign(kind=kind.value)


def _grid(months: Dates, count: int) -> tuple[Ints, Ints]:
    cells = np.arange(len(months) * count)
    return cells // count, cells % count


def _place(months: Dates, instants: Dates) -> Ints:
    """The positions of months in which instants lie; -1 for those before."""
    place: Ints = (instants.astype("datetime64[M]") - months[0]).astype(np.int64)
    return np.maximum(place, -1)


def count_visits(market: Market, leads: pd.DataFrame) -> pd.DataFrame:
    """Visits by day and channel, fewer on weekends, for channels that anybody visits."""
    dice = market.plan.random("visits")
    days = np.arange(np.datetime64(market.plan.start), np.datetime64(market.plan.today) + 1)
    weekday = (days.astype(np.int64) + 3) % 7
    ages = (days - days[0]).astype(np.int64) / 365
    channels = np.array([n for n, channel in enumerate(CHANNELS) if channel.visits])
    per_day = np.bincount(leads["channel"], minlength=len(CHANNELS))[channels] / len(days)
    usual = per_day * np.array([CHANNELS[n].visits for n in channels])
    swing = dice.lognormal(0, 0.12, (len(days), len(channels)))
    mean = usual * (_WEEKDAYS[weekday] * (1 + 0.08 * (ages - 1.5)))[:, None] * swing
    return pd.DataFrame(
        {
            "day": np.repeat(days, len(channels)),
            "channel": np.tile(channels, len(days)),
            "visits": dice.poisson(mean).ravel(),
        }
    )
