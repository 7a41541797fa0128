"""Leads and activities as rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.demo.activities import KINDS, build_activities
from pipeline.demo.customers import segments
from pipeline.demo.deals import Story
from pipeline.demo.drafts import Market
from pipeline.demo.leads import CONVERTED, STATUSES
from pipeline.demo.people import draw_names
from pipeline.demo.setup import CHANNELS
from pipeline.demo.tables import Column, Picked, Rows, Table, labels, once
from pipeline.demo.timeline import Bools, Ints
from pipeline.demo.words import CAMPAIGNS, SUBJECTS
from pipeline.models import Activity, Lead

_NAMES, _ADDRESSES = 4_000, 10_000
_ACTIVITY = ("kind", "at", "person", "team", "deal", "lead")
_STATUSES = tuple(status.value for status in STATUSES)


def lead_table(market: Market, leads: pd.DataFrame, past: pd.DataFrame) -> Table:
    """Leads and every state of theirs."""
    campaigns = _campaigns(market, leads)
    return Table(Lead, _leads(market, leads, campaigns), _past(market, leads, past, campaigns))


def _campaigns(market: Market, leads: pd.DataFrame) -> Picked:
    """A campaign of each lead's channel."""
    dice = market.plan.random("campaigns")
    options = [CAMPAIGNS[each.slug] for each in CHANNELS]
    first = np.cumsum([0, *(len(each) for each in options)])
    channel, luck = leads["channel"].to_numpy(), dice.random(len(leads))
    sizes = np.diff(first)[channel]
    places = first[channel] + (luck * sizes).astype(np.int64)
    return Picked.of([name for each in options for name in each], places)


def _same(market: Market, leads: pd.DataFrame, campaigns: Picked, lead: Ints) -> dict[str, Column]:
    """What stays as it is over a lead's life, for the leads at these places."""
    return {
        "source": leads["channel"].to_numpy()[lead] + 1,
        "campaign": Picked(campaigns.texts, campaigns.places[lead]),
        **segments(market.customers, leads["customer"].to_numpy()[lead]),
        "created_at": leads["created"].to_numpy()[lead],
    }


def _leads(market: Market, leads: pd.DataFrame, campaigns: Picked) -> Rows:
    """Leads with invented people; those of known customers carry the company's name."""
    dice = market.plan.random("lead names")
    count = len(leads)
    names = draw_names(dice, min(_NAMES, 2 * count + 10))
    chosen = dice.integers(0, len(names), count)
    others = dice.permutation(len(market.customers))[leads["customer"].to_numpy()]
    company = np.where(leads["known"], leads["customer"].to_numpy(), others)
    converted: Bools = (leads["status"] == CONVERTED).to_numpy()
    number = np.arange(count) % _ADDRESSES
    pairs = zip(chosen.tolist(), number.tolist(), strict=True)
    columns: dict[str, Column] = {
        **_same(market, leads, campaigns, np.arange(count)),
        "name": Picked.of([name for name, _latin in names], chosen),
        "company_name": Picked(market.customers["name"].to_numpy(dtype=object), company),
        "email": [f"{names[place][1]}{n}@lead.example" for place, n in pairs],
        "phone": Picked.of([f"010-0000-{n:04d}" for n in range(_ADDRESSES)], number),
        "owner": leads["owner"].to_numpy() + 1,
        "team": leads["team"].to_numpy() + 1,
        "status": Picked.of(_STATUSES, leads["status"].to_numpy()),
        "converted_at": leads["converted"].to_numpy(),
        "customer": np.where(converted, leads["customer"].to_numpy() + 1, 0),
        "deal": np.where(converted, leads["deal"].to_numpy() + 1, 0),
        "external_id": labels("lead", count),
        "updated_at": leads["changed"].to_numpy(),
    }
    return Rows(count, columns)


def _past(market: Market, leads: pd.DataFrame, past: pd.DataFrame, campaigns: Picked) -> Rows:
    lead, at, owner = (past[name].to_numpy() for name in ("lead", "at", "owner"))
    converted: Bools = (past["status"] == CONVERTED).to_numpy()
    columns: dict[str, Column] = {
        **_same(market, leads, campaigns, lead),
        "owner": owner + 1,
        "team": past["team"].to_numpy() + 1,
        "status": Picked.of(_STATUSES, past["status"].to_numpy()),
        "customer": np.where(converted, leads["customer"].to_numpy()[lead] + 1, 0),
        "deal": np.where(converted, leads["deal"].to_numpy()[lead] + 1, 0),
        "converted_at": np.where(converted, at, np.datetime64("NaT")),
        "row": lead + 1,
        "valid_from": at,
        "changed_by": owner + 1,
    }
    return Rows(len(past), columns)


def activity_table(market: Market, story: Story, leads: pd.DataFrame) -> Table:
    """What was done about deals and leads."""
    rows = build_activities(market, story, leads)
    kind, at = rows["kind"].to_numpy(), rows["at"].to_numpy()
    first = np.cumsum([0, *(len(each) for each in SUBJECTS.values())])
    subjects = [subject for each in SUBJECTS.values() for subject in each]
    columns: dict[str, Column] = {
        "kind": Picked.of(KINDS, kind),
        "at": at,
        "person": rows["person"].to_numpy() + 1,
        "team": rows["team"].to_numpy() + 1,
        "deal": rows["deal"].to_numpy() + 1,
        "lead": rows["lead"].to_numpy() + 1,
        "subject": Picked.of(subjects, first[kind] + rows["subject"].to_numpy()),
        "updated_at": at,
    }
    written = Rows(len(rows), columns)
    return Table(Activity, written, once(written, _ACTIVITY, since=at))
