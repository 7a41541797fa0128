"""Customers, deals, product lines, leads and activities as rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipeline.demo.activities import KINDS as ACTIVITY_KINDS
from pipeline.demo.activities import build_activities, plan_next_steps
from pipeline.demo.amounts import break_down
from pipeline.demo.customers import BANDS, INDUSTRIES, REGIONS
from pipeline.demo.deals import Story
from pipeline.demo.drafts import KINDS, NEW, Market
from pipeline.demo.expectations import CATEGORIES, NOT_SAID
from pipeline.demo.histories import REASONS
from pipeline.demo.leads import CONVERTED, STATUSES
from pipeline.demo.people import draw_names
from pipeline.demo.setup import ARTICLES, CHANNELS, LAST_OPEN, LOST, STEPS
from pipeline.demo.tables import Table, labels, once, pick
from pipeline.demo.timeline import Bools, Dates, Ints
from pipeline.demo.words import CAMPAIGNS, DEAL_ENDINGS, NEXT_STEPS, SUBJECTS
from pipeline.models import Activity, Customer, Deal, DealLine, Lead

_NAMES = 4_000
_CHANCES = np.array([*(f"0.{percent:02d}" for percent in range(100)), None], dtype=object)
_OUTCOMES = np.array(["", *(step.outcome.value for step in STEPS)], dtype=object)


def deal_tables(
    market: Market, story: Story, leads: pd.DataFrame, lead_past: pd.DataFrame
) -> Iterator[Table]:
    """In the order in which they refer to each other."""
    deals = story.deals
    deals["contact"] = _first_contacts(market, deals, leads)
    yield customer_table(market, deals, leads)
    yield Table(Deal, _deals(market, deals, story.versions), _deal_past(market, story))
    yield _lines(market, story)
    yield Table(Lead, _leads(market, leads), _lead_past(market, leads, lead_past))
    yield Table(Activity, _activities(market, story, leads))


def customer_table(market: Market, deals: pd.DataFrame, leads: pd.DataFrame) -> Table:
    """Customers since their first deal or lead, looked after by the seat's present holder."""
    who = market.customers
    since = np.full(len(who), market.plan.until_second)
    for frame, instants in ((deals, "contact"), (leads, "created")):
        np.minimum.at(since, frame["customer"].to_numpy(), frame[instants].to_numpy())
    now = np.full(len(who), market.plan.until_second)
    owner, _team = market.organisation.holders(who["seat"].to_numpy(), now)
    rows = pd.DataFrame(
        {
            "name": who["name"],
            **_segments(who),
            "employees": who["employees"],
            "owner": owner + 1,
            "created_at": since,
            "external_id": labels("customer", len(who)),
            "updated_at": since,
        }
    )
    return Table(Customer, rows, once(rows, ("industry", "size_band", "region", "owner"), since))


def _segments(who: pd.DataFrame) -> dict[str, object]:
    return {
        "industry": pick(tuple(INDUSTRIES), who["industry"].to_numpy()),
        "size_band": pick(tuple(band.value for band in BANDS), who["band"].to_numpy()),
        "region": pick(tuple(REGIONS), who["region"].to_numpy()),
    }


def _first_contacts(market: Market, deals: pd.DataFrame, leads: pd.DataFrame) -> Dates:
    """The lead's creation; else shortly before, or with, the deal's own."""
    dice = market.plan.random("first contacts")
    created = deals["created"].to_numpy()
    before = np.where(deals["kind"] == NEW, dice.integers(0, 6 * 86_400, len(deals)), 0)
    contact: Dates = created - before.astype("timedelta64[s]")
    came = leads[leads["status"] == CONVERTED]
    contact[came["deal"].to_numpy()] = came["created"].to_numpy()
    return contact


def _deals(market: Market, deals: pd.DataFrame, versions: pd.DataFrame) -> pd.DataFrame:
    last = np.append(versions["deal"].to_numpy()[1:] != versions["deal"].to_numpy()[:-1], True)
    steps = plan_next_steps(market, deals)
    return pd.DataFrame(
        {
            **_state(market, deals, versions[last], np.arange(len(deals))),
            "name": _deal_names(market, deals),
            "stage_since": deals["stage_since"],
            "next_step": pick((*NEXT_STEPS, ""), steps["step"].to_numpy()),
            "next_step_on": steps["on"],
            "external_id": labels("deal", len(deals)),
            "revision": np.bincount(versions["deal"].to_numpy()),
            "updated_at": versions["at"].to_numpy()[last],
        }
    )


def _deal_past(market: Market, story: Story) -> pd.DataFrame:
    versions = story.versions
    deal = versions["deal"].to_numpy()
    past = pd.DataFrame(_state(market, story.deals, versions, deal))
    return past.assign(row=deal + 1, valid_from=versions["at"].to_numpy(), changed_by=past["owner"])


def _state(
    market: Market, deals: pd.DataFrame, versions: pd.DataFrame, deal: Ints
) -> dict[str, object]:
    """The columns of deals that are kept for the past, at these versions."""
    stage = versions["stage"].to_numpy()
    dollars = np.array([market.currency, "USD"], dtype=object)
    closed = np.where(stage > LAST_OPEN, versions["at"].to_numpy(), np.datetime64("NaT"))
    reasons = np.where(stage == LOST, versions["reason"].to_numpy(), -1)
    chances = np.where(stage <= LAST_OPEN, versions["chance"].to_numpy(), NOT_SAID)
    return {
        "customer": deals["customer"].to_numpy()[deal] + 1,
        "owner": versions["owner"].to_numpy() + 1,
        "team": versions["team"].to_numpy() + 1,
        "stage": stage,
        "outcome": _OUTCOMES[stage],
        "amount": versions["amount"].to_numpy(),
        "amount_estimated": versions["rough"].to_numpy(),
        "currency": dollars[deals["dollars"].to_numpy()[deal].astype(np.int64)],
        "probability": _CHANCES[chances],
        "category": pick(CATEGORIES, versions["category"].to_numpy()),
        "kind": pick(tuple(kind.value for kind in KINDS), deals["kind"].to_numpy()[deal]),
        "source": deals["channel"].to_numpy()[deal] + 1,
        "expected_close": versions["expected"].to_numpy(),
        "created_at": deals["created"].to_numpy()[deal],
        "first_contact_at": deals["contact"].to_numpy()[deal],
        "closed_at": closed,
        "lost_reason": pick((*(reason.value for reason in REASONS), ""), reasons),
    }


def _deal_names(market: Market, deals: pd.DataFrame) -> list[str]:
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


def _lines(market: Market, story: Story) -> Table:
    dice = market.plan.random("lines")
    lines, past = break_down(dice, story, np.arange(len(ARTICLES)))
    rows = pd.DataFrame(
        {"deal": lines["deal"] + 1, "product": lines["product"] + 1, "amount": lines["amount"]}
    )
    line = past["line"].to_numpy()
    return Table(
        DealLine,
        rows.assign(quantity=1),
        pd.DataFrame(
            {
                "deal": rows["deal"].to_numpy()[line],
                "product": rows["product"].to_numpy()[line],
                "quantity": 1,
                "amount": past["amount"],
                "row": line + 1,
                "valid_from": story.versions["at"].to_numpy()[past["version"].to_numpy()],
            }
        ),
    )


def _lead_columns(leads: pd.DataFrame, market: Market) -> pd.DataFrame:
    """What stays the same over a lead's life."""
    dice = market.plan.random("campaigns")
    who = market.customers.iloc[leads["customer"].to_numpy()]
    channel, luck = leads["channel"].to_numpy(), dice.random(len(leads))
    options = [CAMPAIGNS[each.slug] for each in CHANNELS]
    most = max(len(each) for each in options)
    table = np.array([[each[n % len(each)] for n in range(most)] for each in options], dtype=object)
    return pd.DataFrame(
        {
            "source": channel + 1,
            "campaign": table[channel, (luck * most).astype(np.int64)],
            **_segments(who),
            "created_at": leads["created"].to_numpy(),
        }
    )


def _leads(market: Market, leads: pd.DataFrame) -> pd.DataFrame:
    """Leads with invented people; those of known customers carry the company's name."""
    dice = market.plan.random("lead names")
    names = draw_names(dice, min(_NAMES, 2 * len(leads) + 10))
    chosen = dice.integers(0, len(names), len(leads))
    others = dice.permutation(len(market.customers))[leads["customer"].to_numpy()]
    company = np.where(leads["known"], leads["customer"].to_numpy(), others)
    converted: Bools = (leads["status"] == CONVERTED).to_numpy()
    number = np.arange(len(leads))
    return _lead_columns(leads, market).assign(
        name=pick(tuple(name for name, _latin in names), chosen),
        company_name=market.customers["name"].to_numpy()[company],
        email=[
            f"{names[place][1]}{n % 10_000}@lead.example" for n, place in enumerate(chosen.tolist())
        ],
        phone=[f"010-0000-{n % 10_000:04d}" for n in range(len(leads))],
        owner=leads["owner"] + 1,
        team=leads["team"] + 1,
        status=pick(tuple(status.value for status in STATUSES), leads["status"].to_numpy()),
        converted_at=leads["converted"],
        customer=np.where(converted, leads["customer"] + 1, 0),
        deal=np.where(converted, leads["deal"] + 1, 0),
        external_id=labels("lead", len(number)),
        updated_at=leads["changed"],
    )


def _lead_past(market: Market, leads: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    lead = past["lead"].to_numpy()
    converted: Bools = (past["status"] == CONVERTED).to_numpy()
    same = _lead_columns(leads, market).iloc[lead].reset_index(drop=True)
    return same.assign(
        owner=past["owner"] + 1,
        team=past["team"] + 1,
        status=pick(tuple(status.value for status in STATUSES), past["status"].to_numpy()),
        customer=np.where(converted, leads["customer"].to_numpy()[lead] + 1, 0),
        deal=np.where(converted, leads["deal"].to_numpy()[lead] + 1, 0),
        converted_at=np.where(converted, past["at"], np.datetime64("NaT")),
        row=lead + 1,
        valid_from=past["at"],
        changed_by=past["owner"] + 1,
    )


def _activities(market: Market, story: Story, leads: pd.DataFrame) -> pd.DataFrame:
    rows = build_activities(market, story, leads)
    kind, subject = rows["kind"].to_numpy(), rows["subject"].to_numpy()
    most = max(len(each) for each in SUBJECTS.values())
    subjects = np.array(
        [[each[n % len(each)] for n in range(most)] for each in SUBJECTS.values()], dtype=object
    )
    return pd.DataFrame(
        {
            "kind": pick(ACTIVITY_KINDS, kind),
            "at": rows["at"],
            "person": rows["person"] + 1,
            "team": rows["team"] + 1,
            "deal": rows["deal"] + 1,
            "lead": rows["lead"] + 1,
            "subject": subjects[kind, subject],
            "updated_at": rows["at"],
        }
    )
