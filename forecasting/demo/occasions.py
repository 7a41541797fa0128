"""When the demo's people said something: who, in which team, for which quarter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from accounts.models import Membership
from accounts.roles import Role
from forecasting.demo.temperaments import Traits
from pipeline.demo.plan import Plan
from pipeline.demo.timeline import Bools, Dates, Ints

QUARTERS = 9
_DAY = np.timedelta64(1, "D")
_WEEK = 7
_BEFORE = timedelta(weeks=2)
_OPENS, _NOON, _AFTERNOON = 9 * 3600, 12 * 3600, 14 * 3600
_HOURS = 3 * 3600
NOBODY = 0


@dataclass(frozen=True)
class Sellers:
    """The reps by position, with a row per membership, and who leads each team."""

    people: Ints
    spells: pd.DataFrame
    leads: dict[int, int]

    @classmethod
    def load(cls) -> Sellers:
        """From the memberships of the written company."""
        names = ["user", "team", "start", "end", "user__role"]
        rows = list(Membership.objects.order_by("user", "start").values_list(*names))
        found = pd.DataFrame(rows, columns=["user", "team", "start", "end", "role"])
        reps = found[found["role"] == Role.REP]
        people = np.unique(reps["user"].to_numpy(dtype=np.int64))
        spells = reps.assign(
            person=np.searchsorted(people, reps["user"].to_numpy(dtype=np.int64)),
            start=reps["start"].to_numpy(dtype="datetime64[D]"),
            end=pd.to_datetime(reps["end"]).fillna(pd.Timestamp("2200-01-01")),
        )
        leads = found[found["role"] == Role.LEAD]
        return cls(people, spells, dict(zip(leads["team"], leads["user"], strict=True)))

    def teams_on(self, days: Dates) -> Ints:
        """The team of each person (a row) on their days (columns); NOBODY for none."""
        teams = np.zeros(days.shape, dtype=np.int64)
        columns = ("person", "team", "start", "end")
        for person, team, start, end in zip(*(self.spells[c] for c in columns), strict=True):
            own = days[person]
            since, until = np.datetime64(start, "D"), np.datetime64(end, "D")
            teams[person, (own >= since) & (own < until) & (teams[person] == NOBODY)] = team
        return teams


@dataclass(frozen=True)
class Weeks:
    """Every week in which a quarter is called, by position: its Monday, and which quarter."""

    mondays: Dates
    quarters: Ints
    numbers: Ints
    """Counted from the quarter's first day; those before are negative."""

    @classmethod
    def of(cls, plan: Plan) -> Weeks:
        """Those of the last quarters, each from two weeks before it begins."""
        found = []
        for place, quarter in list(enumerate(plan.quarters))[-QUARTERS:]:
            monday = quarter.start - _BEFORE
            monday -= timedelta(days=monday.weekday())
            while monday < quarter.end:
                found.append((monday, place, (monday - quarter.start).days // _WEEK))
                monday += timedelta(days=_WEEK)
        mondays, quarters, numbers = zip(*found, strict=True)
        return cls(np.array(mondays, dtype="datetime64[D]"), np.array(quarters), np.array(numbers))


def submissions(
    plan: Plan, dice: np.random.Generator, sellers: Sellers, traits: Traits
) -> pd.DataFrame:
    """When each person submitted: person, team, quarter, day and `at` in seconds."""
    weeks = Weeks.of(plan)
    shape = (len(sellers.people), len(weeks.mondays))
    wanted = weeks.mondays[None, :] + traits.habit[:, None] * _DAY
    place = np.searchsorted(plan.timeline.days, wanted)
    days = plan.timeline.days[place]
    at = plan.timeline.opens[place] + _OPENS + dice.integers(0, _HOURS, shape)
    teams = sellers.teams_on(days)
    said = dice.random(shape) >= traits.skips[:, None]
    said &= weeks.numbers[None, :] >= traits.begins[:, None]
    said &= (days - weeks.mondays[None, :]) < _WEEK * _DAY
    said &= (teams != NOBODY) & (at <= int(plan.until.timestamp()))
    said &= days < _ends(plan)[weeks.quarters][None, :]
    return _frame(said, teams, weeks, days, at)


def _ends(plan: Plan) -> Dates:
    return np.array([quarter.end for quarter in plan.quarters], dtype="datetime64[D]")


def _frame(said: Bools, teams: Ints, weeks: Weeks, days: Dates, at: Ints) -> pd.DataFrame:
    person, week = np.nonzero(said)
    return pd.DataFrame(
        {
            "person": person,
            "team": teams[said],
            "quarter": weeks.quarters[week],
            "day": days[said],
            "at": at[said],
        }
    )


def closings(plan: Plan, sellers: Sellers) -> pd.DataFrame:
    """The end of every quarter of the history for everybody who was there then, or now."""
    ends = np.array([int(quarter.ends_at.timestamp()) - 1 for quarter in plan.quarters])
    at = np.minimum(ends, int(plan.until.timestamp()))
    days = np.minimum(_ends(plan) - _DAY, np.datetime64(plan.today))
    shape = (len(sellers.people), len(at))
    days, at = np.broadcast_to(days, shape), np.broadcast_to(at, shape)
    teams = sellers.teams_on(days)
    there = teams != NOBODY
    person, quarter = np.nonzero(there)
    return pd.DataFrame(
        {
            "person": person,
            "team": teams[there],
            "quarter": quarter,
            "day": days[there],
            "at": at[there],
        }
    )


def reviews(
    plan: Plan,
    dice: np.random.Generator,
    sellers: Sellers,
    traits: Traits,
    submitted: pd.DataFrame,
) -> pd.DataFrame:
    """When leads replaced what had been submitted in the morning; not all, and not every week.

    Once begun, a lead mostly goes on through the quarter; now and then takes it back.
    """
    watched = _watched(plan, dice, traits)[submitted["person"], submitted["quarter"]]
    seen = submitted.groupby(["person", "quarter"]).cumcount().to_numpy()
    at = submitted["at"] - (submitted["at"] % 3600) + dice.integers(0, _HOURS, len(submitted))
    at = at + (_AFTERNOON - _NOON) + _HOURS
    acts = watched & (seen > 0) & (dice.random(len(submitted)) < _GOES_ON)
    acts &= submitted["team"].isin(list(sellers.leads)).to_numpy()
    acts &= (at <= int(plan.until.timestamp())).to_numpy()
    found = submitted.assign(at=at, back=dice.random(len(submitted)) < _TAKES_BACK)
    return found[acts].reset_index(drop=True)


_GOES_ON, _TAKES_BACK = 0.78, 0.05
_BIASED = 0.2
_OFTEN, _SELDOM = 0.7, 0.15


def _watched(plan: Plan, dice: np.random.Generator, traits: Traits) -> Bools:
    """Whose figures their lead looks through in which quarter: mostly those known to be off."""
    chance = np.where(np.abs(traits.bias) > _BIASED, _OFTEN, _SELDOM)
    luck = dice.random((len(traits.bias), len(plan.quarters)))
    watched: Bools = luck < chance[:, None]
    return watched
