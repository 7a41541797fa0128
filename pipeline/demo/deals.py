"""All deals of the demo, batch after batch: wins bring contracts, and these bring renewals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.demo.drafts import CROSS_SELL, NEW, NO_DEAL, RENEWAL, UPSELL, Market, draft
from pipeline.demo.histories import Telling, last_of, tell
from pipeline.demo.lives import live
from pipeline.demo.setup import LAST_OPEN, WON
from pipeline.demo.terms import Due, renewals_due, sign
from pipeline.demo.timeline import Bools, Dates, Floats, Ints

_ACQUISITIONS, _EXPANSIONS = 0.84, 0.15
_LEAD_IN = 420.0
_MOST_RENEWALS = 8
_KNOWN_AT_START, _COURTED = 0.22, 0.12
_RENEWED_AT = (0.96, 1.15)


@dataclass(frozen=True)
class Story:
    """Deals in the order of their creation, their versions, and the contracts of the won ones.

    `versions.deal` and `contracts.deal` are positions in `deals`, `contracts.renews` in
    `contracts`.
    """

    deals: pd.DataFrame
    versions: pd.DataFrame
    contracts: pd.DataFrame


def tell_story(market: Market) -> Story:
    """Simulate `market.plan.deals` deals and what follows from them."""
    teller = _Teller(market)
    teller.acquire(round(_ACQUISITIONS * market.plan.deals), lead_in=True)
    teller.renew()
    teller.expand(round(_EXPANSIONS * market.plan.deals))
    teller.acquire(market.plan.deals - teller.count, lead_in=False)
    return teller.story()


class _Teller:
    def __init__(self, market: Market) -> None:
        self.market, self.plan = market, market.plan
        self.dice = market.plan.random("deals")
        self.start = market.plan.timeline.moments(np.array([np.datetime64(market.plan.start)]))[0]
        self.count = 0
        self.deals: list[pd.DataFrame] = []
        self.versions: list[pd.DataFrame] = []
        self.contracts: list[pd.DataFrame] = []

    def acquire(self, count: int, *, lead_in: bool) -> None:
        """New business; with `lead_in` also what was open when the history begins."""
        first = self.start - (_LEAD_IN if lead_in else 0)
        born = self.plan.timeline.draw_beginnings(self.dice, count, first, self.plan.now)
        kind = np.full(count, NEW)
        recurring = None if lead_in else np.zeros(count, dtype=bool)
        customer = self._courted(born, first)
        self._take(
            draft(
                self.market, self.dice, customer=customer, born=born, kind=kind, recurring=recurring
            )
        )

    def renew(self) -> None:
        """Renewal deals of contracts as they fall due, and of the renewed ones in turn."""
        batch = 0
        while batch < min(len(self.contracts), _MOST_RENEWALS):
            first = sum(len(each) for each in self.contracts[:batch])
            due = renewals_due(self.dice, self.plan, self.contracts[batch], first)
            batch += 1
            if not len(due.contract):
                continue
            born = self.plan.timeline.moments(due.sought) + self.dice.random(len(due.sought))
            self._take(self._renewals(due, born, np.flatnonzero(born < self.plan.now)))

    def _renewals(self, due: Due, born: Floats, place: Ints) -> pd.DataFrame:
        """The same again, at about what was paid before."""
        former = self._all_contracts().iloc[due.contract[place]]
        deals = draft(
            self.market,
            self.dice,
            customer=former["customer"].to_numpy(),
            born=born[place],
            kind=np.full(len(place), RENEWAL),
        )
        return deals.assign(
            renews=due.contract[place],
            due=due.ends[place],
            product=former["product"].to_numpy(),
            dollars=former["dollars"].to_numpy(),
            base=former["worth"].to_numpy() * self.dice.uniform(*_RENEWED_AT, len(deals)),
        )

    def expand(self, count: int) -> None:
        """More to customers who bought: upsell and cross-sell."""
        contracts = self._all_contracts()
        if not len(contracts):
            return
        bought = contracts.iloc[self.dice.integers(0, len(contracts), 4 * count)]
        won = self.plan.timeline.moments(bought["signed"].to_numpy().astype("datetime64[D]"))
        born = won + 15 + self.dice.exponential(170, len(won))
        place = np.flatnonzero((born >= self.start) & (born < self.plan.now))[:count]
        kind = np.where(self.dice.random(len(place)) < 0.6, UPSELL, CROSS_SELL)
        customer = bought["customer"].to_numpy()[place]
        self._take(draft(self.market, self.dice, customer=customer, born=born[place], kind=kind))

    def story(self) -> Story:
        """Everything, with deals numbered in the order of their creation."""
        deals = pd.concat(self.deals, ignore_index=True)
        versions = pd.concat(self.versions, ignore_index=True)
        contracts = self._all_contracts()
        order = np.argsort(deals["created"].to_numpy(), kind="stable")
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        versions["deal"] = place[versions["deal"].to_numpy()]
        versions = versions.iloc[np.argsort(versions["deal"].to_numpy(), kind="stable")]
        known = contracts["deal"].to_numpy()
        contracts["deal"] = np.where(known == NO_DEAL, NO_DEAL, place[known])
        return Story(
            deals.iloc[order].reset_index(drop=True), versions.reset_index(drop=True), contracts
        )

    def _courted(self, born: Floats, first: float) -> Ints:
        """Customers for deals: they come to be known one by one and are courted for a while."""
        count = len(self.market.customers)
        share = _KNOWN_AT_START + (1 - _KNOWN_AT_START) * (born - first) / (self.plan.now - first)
        known = np.maximum((share * count).astype(np.int64), 1)
        appetite = self.market.customers["appetite"].to_numpy()
        one, other = (self._recent(known, count) for _ in range(2))
        prefers = self.dice.random(len(born)) * (appetite[one] + appetite[other]) < appetite[one]
        return np.where(prefers, one, other)

    def _recent(self, known: Ints, count: int) -> Ints:
        back = self.dice.exponential(_COURTED * count, len(known)).astype(np.int64)
        chosen: Ints = np.maximum(known - 1 - back, 0)
        return chosen

    def _take(self, deals: pd.DataFrame) -> None:
        """Let deals live, and keep those that reach into the history."""
        if not len(deals):
            return
        lives = live(
            self.dice,
            deals["born"].to_numpy(),
            deals["entry"].to_numpy(),
            deals["edge"].to_numpy(),
            deals["tempo"].to_numpy(),
        )
        final = last_of(lives.deal)
        deals["wins"] = lives.stage[final] == WON
        deals["finish"] = lives.moment[final]
        told = tell(Telling(self.plan, self.dice, self.market.organisation), deals, lives)
        self._keep(_with_ending(deals, told), told)

    def _keep(self, deals: pd.DataFrame, told: pd.DataFrame) -> None:
        began = np.datetime64(int(self.plan.calendar.start_of(self.plan.start).timestamp()), "s")
        kept: Bools = ~(deals["closed"] < began).to_numpy()
        place = np.cumsum(kept) - 1 + self.count
        deals["deal"] = np.where(kept, place, NO_DEAL)
        won = deals[(deals["stage"] == WON).to_numpy()]
        self.contracts.append(sign(self.dice, self.plan, won, self._ends()))
        told = told[kept[told["deal"].to_numpy()]]
        self.versions.append(told.assign(deal=place[told["deal"].to_numpy()]))
        self.deals.append(deals[kept])
        self.count += int(kept.sum())

    def _ends(self) -> Dates:
        if not self.contracts:
            return np.array([], dtype="datetime64[D]")
        return self._all_contracts()["end"].to_numpy().astype("datetime64[D]")

    def _all_contracts(self) -> pd.DataFrame:
        return pd.concat(self.contracts, ignore_index=True)


def _with_ending(deals: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """With how the deals stand now: the last version of each, and when that stage began."""
    deal = told["deal"].to_numpy()
    first = np.append(True, deal[1:] != deal[:-1])
    present = told[last_of(deal)]
    entered = told["at"].to_numpy()[
        np.maximum.accumulate(np.where(told["entered"], np.arange(len(told)), 0))
    ]
    since = entered[last_of(deal)]
    stage = present["stage"].to_numpy()
    return deals.assign(
        created=told["at"].to_numpy()[first],
        stage=stage,
        stage_since=since,
        closed=np.where(stage > LAST_OPEN, since, np.datetime64("NaT")),
        **{name: present[name].to_numpy() for name in ("owner", "team", "factor", "reason")},
        **{name: present[name].to_numpy() for name in ("expected", "category", "chance")},
    )
