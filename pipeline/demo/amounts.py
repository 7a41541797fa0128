"""Amounts in whole money, at a scale that fits the target of the running quarter."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.demo.deals import Story
from pipeline.demo.histories import first_of, last_of
from pipeline.demo.plan import Plan
from pipeline.demo.rates import Rates
from pipeline.demo.setup import WON
from pipeline.demo.timeline import Bools, Floats, Ints

QUARTER_TARGET = 12_700_000_000
"""Of the company in the running quarter, in won, at the default size."""

_PLANNED = 0.98
_LIKELY_GROWTH, _LIKELY_PACE = (0.95, 1.25), (0.92, 1.06)
_TOO_EARLY_TO_TELL = 0.15
_WON_STEP, _DOLLAR_STEP = 10_000, 100
_ROUGH, _VALUE_AGREED = 0.45, 3
_LINES = (0.55, 0.32, 0.13)


def price(plan: Plan, story: Story, rates: Rates) -> None:
    """Fill in `amount` of deals and versions, `worth` of deals (in won) and of contracts."""
    deals, versions, contracts = story.deals, story.versions, story.contracts
    scale = _scale(plan, deals)
    deal = versions["deal"].to_numpy()
    base = scale * deals["base"].to_numpy()
    rate = rates.on(deals["created"].to_numpy().astype("datetime64[D]"))
    dollars = deals["dollars"].to_numpy()
    versions["amount"] = _rounded(
        base[deal] * versions["factor"].to_numpy(), dollars[deal], rate[deal]
    )
    versions["rough"] = _is_rough(plan, versions, len(deals))
    deals["amount"] = versions["amount"].to_numpy()[last_of(deal)]
    deals["worth"] = deals["amount"] * np.where(dollars, _rate_now(plan, deals, rates), 1.0)
    contracts["amount"] = _contract_amounts(scale, contracts, deals, rates)


def _scale(plan: Plan, deals: pd.DataFrame) -> float:
    """What to multiply by, so that the running quarter is on the way to its target."""
    worth = (deals["base"] * deals["factor"]).to_numpy()
    won = (deals["stage"] == WON).to_numpy()
    edges = np.array([q.start for q in plan.quarters], dtype="datetime64[D]")
    closed = deals["closed"].to_numpy()[won].astype("datetime64[D]")
    quarter = np.searchsorted(edges, closed, side="right") - 1
    sums = np.bincount(quarter, worth[won], minlength=len(edges))
    target = QUARTER_TARGET * plan.size
    growth = np.clip(sums[-5:-1].sum() / max(sums[-9:-5].sum(), 1), *_LIKELY_GROWTH)
    scale = _PLANNED * target / max(sums[-5] * growth, 1)
    gone = _share_gone(plan)
    pace = scale * sums[-1] / (target * gone) if gone > _TOO_EARLY_TO_TELL else 1.0
    return float(scale * np.clip(pace, *_LIKELY_PACE) / max(pace, 0.1))


def _share_gone(plan: Plan) -> float:
    """How much of the running quarter's business is usually done by now."""
    running = plan.quarters[-1]
    first, last = plan.timeline.moments(np.array([running.start, running.end], "datetime64[D]"))
    return float((plan.now - first) / (last - first))


def _rounded(won: Floats, dollars: Bools, rate: Floats) -> Ints:
    """In 만원, or in hundreds of dollars; never nothing."""
    step = np.where(dollars, _DOLLAR_STEP, _WON_STEP)
    money = won / np.where(dollars, rate, 1.0)
    return (np.maximum(np.round(money / step), 1) * step).astype(np.int64)


def _is_rough(plan: Plan, versions: pd.DataFrame, count: int) -> Bools:
    """Whether an amount is an estimate: of some deals, until value has been agreed."""
    deal, stage = versions["deal"].to_numpy(), versions["stage"].to_numpy()
    agreed = np.cumsum((stage >= _VALUE_AGREED) & (stage <= WON))
    first = first_of(deal)
    before: Ints = (agreed - ((stage >= _VALUE_AGREED) & (stage <= WON)))[first][
        np.cumsum(first) - 1
    ]
    guessed = plan.random("estimates").random(count) < _ROUGH
    rough: Bools = guessed[deal] & (agreed == before)
    return rough


def _rate_now(plan: Plan, deals: pd.DataFrame, rates: Rates) -> Floats:
    """The price on the day a deal closed, today's for open ones."""
    closed = deals["closed"].to_numpy().astype("datetime64[D]")
    return rates.on(np.where(np.isnat(closed), np.datetime64(plan.today), closed))


def _contract_amounts(
    scale: float, contracts: pd.DataFrame, deals: pd.DataFrame, rates: Rates
) -> Ints:
    """What the deal was won for; where it was before the history, what it must have been."""
    known = contracts["deal"].to_numpy()
    dollars = contracts["dollars"].to_numpy()
    rate = rates.on(contracts["signed"].to_numpy().astype("datetime64[D]"))
    before = _rounded(scale * contracts["worth"].to_numpy(), dollars, rate)
    amounts = deals["amount"].to_numpy()
    return np.where(known >= 0, amounts[np.maximum(known, 0)], before)


def break_down(
    dice: np.random.Generator, story: Story, others: Ints
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Product lines that sum to their deal's amount, now and in every version of it.

    `others` are the products that come beside a main one. Answers lines (deal, product,
    share) and their versions (line, version, amount), where `version` is a position in the
    deal's versions at which the amount changed.
    """
    lines = _lines(dice, story.deals, others)
    deal, amount = story.versions["deal"].to_numpy(), story.versions["amount"].to_numpy()
    changed = first_of(deal)
    changed[1:] |= amount[1:] != amount[:-1]
    place = np.flatnonzero(changed)
    per_deal = np.bincount(lines["deal"].to_numpy(), minlength=len(story.deals))
    first_line = np.concatenate([[0], np.cumsum(per_deal)[:-1]])
    times = per_deal[deal[place]]
    version = np.repeat(place, times)
    number = np.arange(len(version)) - np.repeat(np.cumsum(times) - times, times)
    line = first_line[deal[version]] + number
    step = np.where(story.deals["dollars"].to_numpy()[deal[version]], 1, 1000)
    parts = (amount[version] * lines["share"].to_numpy()[line] / step).astype(np.int64) * step
    rest = amount[place] - np.bincount(np.repeat(np.arange(len(place)), times), parts).astype(
        np.int64
    )
    parts[np.cumsum(times) - times] += rest
    past = pd.DataFrame({"line": line, "version": version, "amount": parts})
    past = past.iloc[np.lexsort((version, line))].reset_index(drop=True)
    lines["amount"] = past["amount"].to_numpy()[last_of(past["line"].to_numpy())]
    return lines, past


def _lines(dice: np.random.Generator, deals: pd.DataFrame, others: Ints) -> pd.DataFrame:
    """One to three products of each deal, the main one first, with their shares."""
    count = dice.choice(len(_LINES), size=len(deals), p=_LINES) + 1
    deal = np.repeat(np.arange(len(deals)), count)
    number = np.arange(len(deal)) - np.repeat(np.cumsum(count) - count, count)
    main = deals["product"].to_numpy()[deal]
    shift = dice.integers(0, len(others), len(deals))[deal]
    beside = others[(shift + number) % len(others)]
    clash = beside == main
    beside = np.where(clash, others[(shift + number + len(_LINES)) % len(others)], beside)
    minor = dice.uniform(0.08, 0.25, len(deal))
    return pd.DataFrame(
        {
            "deal": deal,
            "product": np.where(number == 0, main, beside),
            "share": np.where(number == 0, 0.0, minor),
        }
    )
