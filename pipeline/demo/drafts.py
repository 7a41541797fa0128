"""Deals at their birth: with whom, about what, for how much, and how likely they go well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.demo.customers import BANDS, INDUSTRIES, REGIONS
from pipeline.demo.organisation import Organisation
from pipeline.demo.plan import Plan
from pipeline.demo.setup import ARTICLES, CHANNELS
from pipeline.demo.timeline import Bools, Floats, Ints
from pipeline.models import DealKind

KINDS = (DealKind.NEW, DealKind.RENEWAL, DealKind.UPSELL, DealKind.CROSS_SELL)
NEW, RENEWAL, UPSELL, CROSS_SELL = range(4)
NO_CHANNEL = NO_CONTRACT = NO_DEAL = -1

# By kind: log-odds of surviving a stage, days, amount, share that starts in which stages.
_EDGE = np.array([-0.38, 0.6, -0.1, -0.2])
_TEMPO = np.array([1.0, 0.8, 0.75, 0.85])
_SIZE = np.array([1.0, 1.0, 0.45, 0.55])
_ENTRY = np.array([[1, 1, 1, 2], [4, 4, 5, 5], [3, 3, 4, 2], [2, 2, 3, 1]])

_RECURRING = np.array([0.62, 1.0, 0.8, 0.7])
_DOLLARS_ABROAD, _DOLLARS_HERE = 0.55, 0.028
_RAMP_DAYS, _RAMP_EDGE, _RAMP_TEMPO = 120, -0.35, 1.15
_TREND = (1.1, 0.95)
_ONE_OFF_SIZE = 0.8


@dataclass(frozen=True)
class Market:
    """What deals are drafted against: plan, organisation, temperaments, customers."""

    plan: Plan
    organisation: Organisation
    people: pd.DataFrame
    customers: pd.DataFrame
    currency: str = "KRW"


def draft(
    market: Market,
    dice: np.random.Generator,
    *,
    customer: Ints,
    born: Floats,
    kind: Ints,
    recurring: Bools | None = None,
) -> pd.DataFrame:
    """New deals of customers, born at moments; `recurring` unless given is drawn by kind.

    Answers a row per deal: what a deal has, plus what its life is simulated from.
    """
    count = len(customer)
    who = market.customers.iloc[customer].reset_index(drop=True)
    if recurring is None:
        recurring = dice.random(count) < _RECURRING[kind]
    abroad = who["region"].to_numpy() == list(REGIONS).index("해외")
    deals = pd.DataFrame(
        {
            "customer": customer,
            "seat": who["seat"].to_numpy(),
            "kind": kind,
            "channel": _channels(dice, kind),
            "recurring": recurring,
            "product": _products(dice, recurring),
            "dollars": dice.random(count) < np.where(abroad, _DOLLARS_ABROAD, _DOLLARS_HERE),
            "born": born,
            "entry": _ENTRY[kind, dice.integers(0, _ENTRY.shape[1], count)],
            "due": np.full(count, np.datetime64("NaT", "D")),
            "renews": np.full(count, NO_CONTRACT),
        }
    )
    return _with_temperament(market, dice, deals, who)


def _channels(dice: np.random.Generator, kind: Ints) -> Ints:
    """The channel that brought it; renewals and half of the expansions came by none."""
    shares = np.array([channel.share for channel in CHANNELS])
    drawn = dice.choice(len(CHANNELS), size=len(kind), p=shares / shares.sum())
    none = (kind == RENEWAL) | ((kind != NEW) & (dice.random(len(kind)) < 0.5))
    return np.where(none, NO_CHANNEL, drawn)


def _products(dice: np.random.Generator, recurring: Bools) -> Ints:
    """The main product: a subscription for recurring deals, else something delivered once."""
    drawn = np.zeros(len(recurring), dtype=np.int64)
    for wanted in (True, False):
        own = np.array([n for n, article in enumerate(ARTICLES) if article.recurring == wanted])
        shares = np.array([ARTICLES[n].share for n in own])
        rows = recurring == wanted
        drawn[rows] = dice.choice(own, size=int(rows.sum()), p=shares / shares.sum())
    return drawn


def _with_temperament(
    market: Market, dice: np.random.Generator, deals: pd.DataFrame, who: pd.DataFrame
) -> pd.DataFrame:
    """With what owner, customer and kind make of it: edge, tempo, base amount, candour."""
    count = len(deals)
    kind, industry = deals["kind"].to_numpy(), who["industry"].to_numpy()
    born = market.plan.timeline.instants(deals["born"].to_numpy())
    owner, _team = market.organisation.holders(deals["seat"].to_numpy(), born)
    person = market.people.iloc[owner].reset_index(drop=True)
    new_here = born - person["joined"].to_numpy() < np.timedelta64(_RAMP_DAYS, "D")
    deals["edge"] = (
        person["skill"].to_numpy()
        + _RAMP_EDGE * new_here
        + np.array([row[1] for row in INDUSTRIES.values()])[industry]
        + np.array([row[1] for row in REGIONS.values()])[who["region"].to_numpy()]
        + _qualities(deals["channel"].to_numpy())
        + _EDGE[kind]
        + dice.normal(0, 0.3, count)
    )
    bands = np.array([(typical, days) for _share, typical, days in BANDS.values()])
    band = who["band"].to_numpy()
    deals["tempo"] = (
        person["tempo"].to_numpy()
        * np.where(new_here, _RAMP_TEMPO, 1.0)
        * bands[band, 1]
        * np.interp(deals["born"], (market.plan.now - 750, market.plan.now), _TREND)
        * _TEMPO[kind]
        * dice.lognormal(0, 0.2, count)
    )
    deals["base"] = (
        bands[band, 0]
        * who["spend"].to_numpy()
        * person["size"].to_numpy()
        * _SIZE[kind]
        * np.where(deals["recurring"], 1.0, _ONE_OFF_SIZE)
        * dice.lognormal(0, 0.45, count)
    )
    for candour in ("optimism", "diligence"):
        deals[candour] = person[candour].to_numpy()
    return deals


def _qualities(channel: Ints) -> Floats:
    qualities = np.array([*(each.quality for each in CHANNELS), 0.0])
    return 0.5 * qualities[channel]
