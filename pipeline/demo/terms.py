"""Contracts of won deals: their terms, automatic renewals, and when they fall due."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.demo.drafts import NO_CONTRACT, RENEWAL
from pipeline.demo.plan import Plan
from pipeline.demo.timeline import Bools, Dates, Ints

_TERMS, _TERM_SHARES = np.array([12, 24, 36, 6]), (0.74, 0.13, 0.06, 0.07)
_AUTOMATIC = np.array([0.25, 0.1, 0.6, 0.6])
_ENDED_PER_TERM = 0.13
_NOTICE_DAYS = 30
_FIRST_OF_MONTH = 0.6
_RENEWAL_SOUGHT = 0.92
_LAST_DAY = 28
_KEPT = ("deal", "customer", "product", "dollars", "renews", "owner", "team")


@dataclass(frozen=True)
class Due:
    """Contracts for which a renewal is sought: positions, from which day on, and their ends."""

    contract: Ints
    sought: Dates
    ends: Dates


def sign(dice: np.random.Generator, plan: Plan, won: pd.DataFrame, ends: Dates) -> pd.DataFrame:
    """A contract per won deal of `won`, whose `deal` is a position or NO_DEAL.

    `ends` are those of all contracts before, which renewals follow on; `worth` is in won.
    Automatic ones that were not ended have no end; `noticed` is when an end became known.
    """
    count = len(won)
    recurring = won["recurring"].to_numpy()
    closed = won["closed"].to_numpy().astype("datetime64[D]")
    start = _starts(dice, won, closed, ends)
    term = dice.choice(_TERMS, size=count, p=_TERM_SHARES)
    automatic = recurring & (dice.random(count) < _AUTOMATIC[won["kind"].to_numpy()])
    lasting = term * np.where(automatic, dice.geometric(_ENDED_PER_TERM, count), 1)
    end = np.where(recurring, _months_after(start, lasting), _delivered(dice, start))
    noticed = end - _NOTICE_DAYS
    unknown = automatic & (noticed >= np.datetime64(plan.today))
    return pd.DataFrame(
        {
            **{name: won[name].to_numpy() for name in _KEPT},
            "worth": (won["base"] * won["factor"]).to_numpy(),
            "start": start,
            "end": np.where(unknown, np.datetime64("NaT"), end),
            "noticed": np.where(automatic & ~unknown, noticed, np.datetime64("NaT")),
            "term": np.where(recurring, term, 0),
            "automatic": automatic,
            "recurring": recurring,
            "signed": won["closed"].to_numpy(),
            "delivered": ~recurring & (dice.random(count) < 0.7),
        }
    )


def renewals_due(dice: np.random.Generator, plan: Plan, contracts: pd.DataFrame, first: int) -> Due:
    """Of the contracts from position `first` on, those that somebody tries to renew by now."""
    fixed: Bools = (contracts["recurring"] & ~contracts["automatic"]).to_numpy()
    ends = contracts["end"].to_numpy().astype("datetime64[D]")
    sought = ends - dice.integers(50, 95, len(ends))
    sought = np.maximum(sought, contracts["start"].to_numpy().astype("datetime64[D]") + 20)
    wanted = fixed & (dice.random(len(ends)) < _RENEWAL_SOUGHT)
    wanted &= sought < np.datetime64(plan.today)
    place = np.flatnonzero(wanted)
    return Due(place + first, sought[place], ends[place])


def _starts(dice: np.random.Generator, won: pd.DataFrame, closed: Dates, ends: Dates) -> Dates:
    """Soon after the win, often with the next month; a renewal where the old one ends."""
    soon = closed + dice.integers(1, 20, len(won))
    next_month = (closed.astype("datetime64[M]") + 1).astype("datetime64[D]")
    start = np.where(dice.random(len(won)) < _FIRST_OF_MONTH, next_month, soon)
    renews = won["renews"].to_numpy()
    follows = (won["kind"].to_numpy() == RENEWAL) & (renews != NO_CONTRACT)
    if follows.any():
        previous = ends[np.where(follows, renews, 0)]
        start = np.where(follows, np.maximum(previous, closed - 30), start)
    months = start.astype("datetime64[M]")
    day = np.minimum((start - months.astype("datetime64[D]")).astype(np.int64), _LAST_DAY - 1)
    first: Dates = months.astype("datetime64[D]")
    started: Dates = first + day
    return started


def _months_after(start: Dates, months: Ints) -> Dates:
    month = start.astype("datetime64[M]")
    first: Dates = (month + months).astype("datetime64[D]")
    later: Dates = first + (start - month.astype("datetime64[D]"))
    return later


def _delivered(dice: np.random.Generator, start: Dates) -> Dates:
    return start + dice.integers(30, 120, len(start))
