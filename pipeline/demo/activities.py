"""Calls, meetings, mails and demos, and what is to be done next."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.demo.deals import Story
from pipeline.demo.drafts import NO_DEAL, Market
from pipeline.demo.setup import LAST_OPEN
from pipeline.demo.timeline import Dates, Ints
from pipeline.demo.words import NEXT_STEPS, SUBJECTS

KINDS = tuple(SUBJECTS)
NO_LEAD = NO_STEP = -1

_CALL, _MEETING, _MAIL, _DEMO = range(4)
_BY_STAGE = np.array(
    [[0.4, 0.2, 0.4, 0.0], [0.35, 0.45, 0.1, 0.1], [0.15, 0.4, 0.15, 0.3], [0.25, 0.35, 0.4, 0.0]]
)
_STAGE_MIX = np.array([0, 0, 1, 2, 2, 3, 3, 3, 3, 0])
_MOST = 2.0
"""Activities per deal in very large companies; small ones have all that the stages call for."""
_LARGE = 60_000
_ANSWERED = 0.96
_PREPARED, _SOMETIMES = 0.8, 0.35
_NEXT_STEP_KNOWN = 0.86
_NEXT_STEP_DAYS = (-9, 16)


def build_activities(market: Market, story: Story, leads: pd.DataFrame) -> pd.DataFrame:
    """First answers to leads, and work on deals before they move, in order of time.

    A row has at, kind, subject, person, team, deal (or NO_DEAL) and lead (or NO_LEAD).
    """
    dice = market.plan.random("activities")
    kept = min(1.0, _MOST / 5.2) if market.plan.deals > _LARGE else 1.0
    rows = pd.concat(
        [_answers(market, dice, leads, kept), *_work(market, dice, story, kept)],
        ignore_index=True,
    )
    rows = rows[rows["at"] <= market.plan.until_second]
    owner, team = market.organisation.holders(rows["seat"].to_numpy(), rows["at"].to_numpy())
    subjects = np.array([len(each) for each in SUBJECTS.values()])[rows["kind"].to_numpy()]
    rows = rows.assign(
        person=owner, team=team, subject=(dice.random(len(rows)) * subjects).astype(np.int64)
    )
    return rows.sort_values("at", kind="stable").reset_index(drop=True)


def _answers(
    market: Market, dice: np.random.Generator, leads: pd.DataFrame, kept: float
) -> pd.DataFrame:
    """What followed a lead first."""
    worked = leads["worked"].to_numpy()
    answered = dice.random(len(leads)) < _ANSWERED * kept
    place = np.flatnonzero((worked < market.plan.now) & answered)
    return pd.DataFrame(
        {
            "at": market.plan.timeline.instants(worked[place]),
            "kind": np.where(dice.random(len(place)) < 0.55, _CALL, _MAIL),
            "deal": np.full(len(place), NO_DEAL),
            "lead": place,
            "seat": leads["seat"].to_numpy()[place],
        }
    )


def _work(
    market: Market, dice: np.random.Generator, story: Story, kept: float
) -> list[pd.DataFrame]:
    """What came shortly before a deal moved, and now and then days before."""
    entered = story.versions[story.versions["entered"]]
    rounds = []
    for chance, least, most in ((_PREPARED, 900, 5400), (_SOMETIMES, 86_400, 4 * 86_400)):
        some = entered[dice.random(len(entered)) < chance * kept]
        before = dice.integers(least, most, len(some)).astype("timedelta64[s]")
        at = some["at"].to_numpy() - before
        created = story.deals["created"].to_numpy()[some["deal"].to_numpy()]
        since = np.maximum(at, created + np.timedelta64(600, "s"))
        rounds.append(
            pd.DataFrame(
                {
                    "at": _working(market, since),
                    "kind": _kinds(dice, some["stage"].to_numpy()),
                    "deal": some["deal"].to_numpy(),
                    "lead": np.full(len(some), NO_LEAD),
                    "seat": story.deals["seat"].to_numpy()[some["deal"].to_numpy()],
                }
            )
        )
    return rounds


def _working(market: Market, instants: Dates) -> Dates:
    """The same instants, those outside working hours moved into the next ones."""
    timeline = market.plan.timeline
    seconds = instants.astype(np.int64)
    day = np.clip(np.searchsorted(timeline.opens, seconds, side="right") - 1, 0, None)
    clock = seconds - timeline.opens[day]
    late = clock > 19 * 3600
    day, clock = np.where(late, day + 1, day), np.where(late, 9 * 3600 + clock % 10_800, clock)
    moved: Dates = (timeline.opens[day] + np.maximum(clock, 9 * 3600)).astype("datetime64[s]")
    return moved


def _kinds(dice: np.random.Generator, stage: Ints) -> Ints:
    mix = np.cumsum(_BY_STAGE, axis=1)[_STAGE_MIX[stage]]
    kinds: Ints = (dice.random(len(stage))[:, None] > mix).sum(axis=1).clip(0, _DEMO)
    return kinds


def plan_next_steps(market: Market, deals: pd.DataFrame) -> pd.DataFrame:
    """What is next for each open deal and when, some of it overdue: step (or NO_STEP) and on."""
    dice = market.plan.random("next steps")
    known = (deals["stage"].to_numpy() <= LAST_OPEN) & (dice.random(len(deals)) < _NEXT_STEP_KNOWN)
    days = np.datetime64(market.plan.today) + dice.integers(*_NEXT_STEP_DAYS, len(deals))
    days = np.busday_offset(days, 0, roll="forward")
    step = dice.integers(0, len(NEXT_STEPS), len(deals))
    return pd.DataFrame(
        {
            "step": np.where(known, step, NO_STEP),
            "on": np.where(known, days, np.datetime64("NaT")),
        }
    )
