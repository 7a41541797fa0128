"""Customers, deals and their product lines as rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.demo.activities import plan_next_steps
from pipeline.demo.amounts import break_down
from pipeline.demo.customers import segments
from pipeline.demo.deals import Story
from pipeline.demo.drafts import KINDS, NEW, Market
from pipeline.demo.expectations import CATEGORIES, NOT_SAID
from pipeline.demo.histories import REASONS, last_of
from pipeline.demo.leads import CONVERTED
from pipeline.demo.rates import CURRENCY
from pipeline.demo.setup import ARTICLES, LAST_OPEN, LOST, STEPS
from pipeline.demo.tables import Column, Picked, Rows, Table, labels, once
from pipeline.demo.timeline import Dates, Ints
from pipeline.demo.words import DEAL_ENDINGS, NEXT_STEPS
from pipeline.models import Customer, Deal, DealLine

_CHANCES = (*(f"0.{percent:02d}" for percent in range(100)), None)
_OUTCOMES = ("", *(step.outcome.value for step in STEPS))
_DAYS_BEFORE = 6


def customer_table(market: Market, deals: pd.DataFrame, leads: pd.DataFrame) -> Table:
    """Customers since their first deal or lead, looked after by the seat's present holder."""
    who = market.customers
    now = np.full(len(who), market.plan.until_second)
    since = now.copy()
    for frame, instants in ((deals, "contact"), (leads, "created")):
        np.minimum.at(since, frame["customer"].to_numpy(), frame[instants].to_numpy())
    owner, _team = market.organisation.holders(who["seat"].to_numpy(), now)
    columns: dict[str, Column] = {
        "name": who["name"].tolist(),
        **segments(who, np.arange(len(who))),
        "employees": who["employees"].to_numpy(),
        "owner": owner + 1,
        "created_at": since,
        "external_id": labels("customer", len(who)),
        "updated_at": since,
    }
    rows = Rows(len(who), columns)
    return Table(Customer, rows, once(rows, ("industry", "size_band", "region", "owner"), since))


def first_contacts(market: Market, deals: pd.DataFrame, leads: pd.DataFrame) -> Dates:
    """The lead's creation; else shortly before, or with, the deal's own."""
    dice = market.plan.random("first contacts")
    created = deals["created"].to_numpy()
    before = dice.integers(0, _DAYS_BEFORE * 86_400, len(deals))
    before = np.where(deals["kind"] == NEW, before, 0)
    contact: Dates = created - before.astype("timedelta64[s]")
    came = leads[leads["status"] == CONVERTED]
    contact[came["deal"].to_numpy()] = came["created"].to_numpy()
    return contact


def deal_table(market: Market, story: Story) -> Table:
    """Deals and everything that happened to them."""
    deals, versions = story.deals, story.versions
    deal = versions["deal"].to_numpy()
    present = versions[last_of(deal)]
    steps = plan_next_steps(market, deals)
    columns: dict[str, Column] = {
        **_state(market, deals, present, np.arange(len(deals))),
        "name": _names(market, deals),
        "stage_since": deals["stage_since"].to_numpy(),
        "next_step": Picked.of((*NEXT_STEPS, ""), steps["step"].to_numpy()),
        "next_step_on": steps["on"].to_numpy(),
        "external_id": labels("deal", len(deals)),
        "revision": np.bincount(deal),
        "updated_at": present["at"].to_numpy(),
    }
    state = _state(market, deals, versions, deal)
    span: dict[str, Column] = {"row": deal + 1, "valid_from": versions["at"].to_numpy()}
    # What was to be done before is not made up: the step is that of the present state.
    due = np.full(len(versions), np.datetime64("NaT"), dtype="datetime64[D]")
    due[last_of(deal)] = steps["on"].to_numpy().astype("datetime64[D]")
    past = {**state, **span, "next_step_on": due, "changed_by": state["owner"]}
    return Table(Deal, Rows(len(deals), columns), Rows(len(versions), past))


def _state(
    market: Market, deals: pd.DataFrame, versions: pd.DataFrame, deal: Ints
) -> dict[str, Column]:
    """The columns of deals that are kept for the past, at these versions."""
    stage = versions["stage"].to_numpy()
    closed = np.where(stage > LAST_OPEN, versions["at"].to_numpy(), np.datetime64("NaT"))
    reasons = np.where(stage == LOST, versions["reason"].to_numpy(), -1)
    chances = np.where(stage <= LAST_OPEN, versions["chance"].to_numpy(), NOT_SAID)
    dollars = deals["dollars"].to_numpy()[deal].astype(np.int64)
    return {
        "customer": deals["customer"].to_numpy()[deal] + 1,
        "owner": versions["owner"].to_numpy() + 1,
        "team": versions["team"].to_numpy() + 1,
        "stage": stage,
        "outcome": Picked.of(_OUTCOMES, stage),
        "amount": versions["amount"].to_numpy(),
        "amount_estimated": versions["rough"].to_numpy(),
        "currency": Picked.of((market.currency, CURRENCY), dollars),
        "probability": Picked.of(_CHANCES, chances),
        "category": Picked.of(CATEGORIES, versions["category"].to_numpy()),
        "kind": Picked.of([kind.value for kind in KINDS], deals["kind"].to_numpy()[deal]),
        "source": deals["channel"].to_numpy()[deal] + 1,
        "expected_close": versions["expected"].to_numpy(),
        "created_at": deals["created"].to_numpy()[deal],
        "first_contact_at": deals["contact"].to_numpy()[deal],
        "closed_at": closed,
        "lost_reason": Picked.of((*(reason.value for reason in REASONS), ""), reasons),
    }


def _names(market: Market, deals: pd.DataFrame) -> list[str]:
    """Customer, product, and what it is about."""
    dice = market.plan.random("deal names")
    kinds = [DEAL_ENDINGS[kind.value] for kind in KINDS]
    luck = dice.random(len(deals)).tolist()
    companies = market.customers["name"].to_numpy()[deals["customer"].to_numpy()].tolist()
    products, sorts = deals["product"].tolist(), deals["kind"].tolist()
    return [
        f"{company} {ARTICLES[product].name} {kinds[kind][int(chance * len(kinds[kind]))]}"
        for company, product, kind, chance in zip(companies, products, sorts, luck, strict=True)
    ]


def line_table(market: Market, story: Story) -> Table:
    """Product lines, which change with the amount of their deal."""
    dice = market.plan.random("lines")
    lines, past = break_down(dice, story, np.arange(len(ARTICLES)))
    deal, product = lines["deal"].to_numpy() + 1, lines["product"].to_numpy() + 1
    line = past["line"].to_numpy()
    columns: dict[str, Column] = {
        "deal": deal,
        "product": product,
        "quantity": 1,
        "amount": lines["amount"].to_numpy(),
    }
    versions: dict[str, Column] = {
        "deal": deal[line],
        "product": product[line],
        "quantity": 1,
        "amount": past["amount"].to_numpy(),
        "row": line + 1,
        "valid_from": story.versions["at"].to_numpy()[past["version"].to_numpy()],
    }
    return Table(DealLine, Rows(len(lines), columns), Rows(len(past), versions))
