"""Inquiries: about two for each deal, some of which became one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.demo.deals import Story
from pipeline.demo.drafts import NEW, NO_CHANNEL, NO_DEAL, Market
from pipeline.demo.histories import Telling, first_of
from pipeline.demo.setup import CHANNELS
from pipeline.demo.timeline import Bools, Dates, Floats, Ints
from pipeline.models import LeadStatus

STATUSES = (
    LeadStatus.NEW,
    LeadStatus.WORKING,
    LeadStatus.DISQUALIFIED,
    LeadStatus.CONVERTED,
)
FRESH, WORKING, DISQUALIFIED, CONVERTED = range(4)

_PER_DEAL = 2.0
_FROM_LEADS, _EXPANSION_FROM_LEADS = 0.78, 0.3
_ANSWER_DAYS, _ANSWER_SPREAD = 0.7, 1.1
_DAYS_TO_DEAL, _DAYS_TO_END = 4.0, 12.0
_LEFT_OPEN = 0.02


def build_leads(market: Market, story: Story) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leads in the order of their creation, and their versions (lead, at, status, owner, team).

    A lead's `deal` is a position or NO_DEAL; `customer` is the company that its segments are
    those of, `known` whether it is that very one. `answered` is its first activity or NaT.
    """
    dice = market.plan.random("leads")
    converted = _converted(dice, story)
    count = max(round(_PER_DEAL * market.plan.deals) - len(converted), 0)
    leads = pd.concat([converted, _others(market, dice, count)], ignore_index=True)
    leads = leads.iloc[np.argsort(leads["born"].to_numpy(), kind="stable")]
    leads = leads.reset_index(drop=True)
    _answer(market, dice, leads)
    versions = _versions(market, dice, leads)
    first = first_of(versions["lead"].to_numpy())
    last = np.append(first[1:], True)
    for name in ("status", "owner", "team"):
        leads[name] = versions[name].to_numpy()[last]
    leads["created"], leads["changed"] = (versions["at"].to_numpy()[at] for at in (first, last))
    leads["converted"] = np.where(
        leads["status"] == CONVERTED, _converted_at(versions, len(leads)), np.datetime64("NaT")
    )
    return leads, versions


def _converted(dice: np.random.Generator, story: Story) -> pd.DataFrame:
    """The inquiries that deals came from: a few days before, through the same channel."""
    kind, channel = (story.deals[name].to_numpy() for name in ("kind", "channel"))
    chance = np.where(kind == NEW, _FROM_LEADS, _EXPANSION_FROM_LEADS)
    deal = np.flatnonzero((channel != NO_CHANNEL) & (dice.random(len(kind)) < chance))
    came = story.deals.iloc[deal]
    moment = came["born"].to_numpy()
    days = np.minimum(dice.lognormal(np.log(_DAYS_TO_DEAL), 0.7, len(deal)), moment - 1)
    return pd.DataFrame(
        {
            "born": moment - days,
            "ends": moment,
            "end": np.full(len(deal), CONVERTED),
            "deal": deal,
            "customer": came["customer"].to_numpy(),
            "seat": came["seat"].to_numpy(),
            "channel": channel[deal],
            "known": True,
        }
    )


def _others(market: Market, dice: np.random.Generator, count: int) -> pd.DataFrame:
    """The inquiries that came to nothing, or have not yet; weak channels bring more of them."""
    plan = market.plan
    start = float(plan.timeline.moments(np.array([np.datetime64(plan.start)]))[0])
    born = plan.timeline.draw_beginnings(dice, count, start, plan.now)
    shares = np.array([each.share * np.exp(-each.quality) for each in CHANNELS])
    customer = dice.integers(0, len(market.customers), count)
    ends = born + dice.lognormal(np.log(_DAYS_TO_END), 0.7, count)
    return pd.DataFrame(
        {
            "born": born,
            "ends": np.where(dice.random(count) < _LEFT_OPEN, np.inf, ends),
            "end": np.full(count, DISQUALIFIED),
            "deal": np.full(count, NO_DEAL),
            "customer": customer,
            "seat": market.customers["seat"].to_numpy()[customer],
            "channel": dice.choice(len(CHANNELS), size=count, p=shares / shares.sum()),
            "known": False,
        }
    )


def _answer(market: Market, dice: np.random.Generator, leads: pd.DataFrame) -> None:
    """When somebody first got in touch: prompt people sooner, and some never did."""
    seats, born = leads["seat"].to_numpy(), leads["born"].to_numpy()
    timeline = market.plan.timeline
    owner, _team = market.organisation.holders(seats, timeline.instants(born))
    pace = market.people["promptness"].to_numpy()[owner]
    days = dice.lognormal(np.log(_ANSWER_DAYS), _ANSWER_SPREAD, len(leads)) * pace
    until = leads["ends"].to_numpy() - born
    limit = np.where(np.isinf(until), np.inf, 0.8 * until)
    leads["worked"] = born + np.minimum(days, limit)


def _versions(market: Market, dice: np.random.Generator, leads: pd.DataFrame) -> pd.DataFrame:
    """Every state of every lead up to now, ordered by lead and instant."""
    place = np.arange(len(leads))
    telling = Telling(market.plan, dice, market.organisation)
    handed, mornings = telling.handovers(leads["seat"].to_numpy(), leads["born"].to_numpy())
    still = mornings < leads["ends"].to_numpy()[handed]
    lead = np.concatenate([place, place, place, handed[still]])
    moment = np.concatenate([leads["born"], leads["worked"], leads["ends"], mornings[still]])
    status = np.concatenate(
        [
            np.full(len(leads), FRESH),
            np.full(len(leads), WORKING),
            leads["end"],
            np.full(int(still.sum()), -1),
        ]
    )
    begun = moment < market.plan.now
    lead, moment, status = lead[begun], moment[begun], status[begun]
    order = np.lexsort((moment, lead))
    return _told(market, leads, lead[order], moment[order], status[order])


def _told(
    market: Market, leads: pd.DataFrame, lead: Ints, moment: Floats, status: Ints
) -> pd.DataFrame:
    first = first_of(lead)
    place = np.arange(len(lead))
    rank = place - np.maximum.accumulate(np.where(first, place, 0))
    at = market.plan.timeline.instants(moment) + rank.astype("timedelta64[s]")
    status = status[np.maximum.accumulate(np.where(status >= 0, place, 0))]
    owner, team = market.organisation.holders(leads["seat"].to_numpy()[lead], at)
    versions = pd.DataFrame(
        {"lead": lead, "at": at, "status": status, "owner": owner, "team": team}
    )
    changed: Bools = first | (at <= market.plan.until_second)
    same = np.zeros(len(lead), dtype=bool)
    same[1:] = (status[1:] == status[:-1]) & (owner[1:] == owner[:-1]) & (team[1:] == team[:-1])
    return versions[changed & (first | ~same)].reset_index(drop=True)


def _converted_at(versions: pd.DataFrame, count: int) -> Dates:
    found = np.full(count, np.datetime64("NaT", "s"))
    became = versions[versions["status"] == CONVERTED].drop_duplicates("lead")
    found[became["lead"].to_numpy()] = became["at"].to_numpy()
    return found
