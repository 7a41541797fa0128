"""Who worked where and when: seats, who held them, and the reorganisation.

A *seat* is a place for a rep in a team. Customers belong to seats, so when somebody leaves or
moves, their open work goes with the seat, and its team's lead covers while it is empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from accounts.roles import Role
from pipeline.demo.people import EXECUTIVE, FINANCE, LEAD, REP, STAFF, draw_names
from pipeline.demo.plan import Plan
from pipeline.demo.timeline import Dates, Ints
from pipeline.demo.tree import TeamPlan, plan_teams

_LEAVERS = 0.3
_LATE_SEATS = 0.2
_MOVERS = 0.09
_HANDOVERS = 6
_NEVER = np.datetime64("2900-01-01", "s")


@dataclass
class Person:
    """`joined` and `left` bound the time in the company; `left` is None for those who stay."""

    name: str
    email: str
    role: Role
    joined: date
    left: date | None = None
    is_staff: bool = False


@dataclass(frozen=True)
class Span:
    """A person's time in a team, until the day before `end`."""

    person: int
    team: int
    start: date
    end: date | None


@dataclass(frozen=True)
class Seat:
    """Its teams and its holders, each from a day on; a holder of None is a vacancy."""

    teams: list[tuple[date, int]]
    holders: list[tuple[date, int | None]]


@dataclass(frozen=True)
class Organisation:
    """People, teams and seats by their positions; `handovers`, `owners` and `credited` have a
    row per seat and a column per change: from when, to whom, in which team."""

    teams: list[TeamPlan]
    people: list[Person]
    spans: list[Span]
    leads: list[int]
    sellers: list[int]
    """The people who hold or held a seat."""
    founded: date
    markets: Ints
    """Of each seat."""
    handovers: Dates
    owners: Ints
    credited: Ints

    def holders(self, seats: Ints, instants: Dates) -> tuple[Ints, Ints]:
        """Who held seats at instants, and in which teams: positions of people and teams."""
        change = (self.handovers[seats] <= instants[:, None]).sum(axis=1) - 1
        change = np.maximum(change, 0)
        return self.owners[seats, change], self.credited[seats, change]


def build_organisation(plan: Plan) -> Organisation:
    """The teams of the plan with a lead each, and people in all of their seats."""
    dice = plan.random("people")
    teams = plan_teams(plan)
    staff = _Staff(plan, dice, teams)
    seats = [
        staff.seat(team, number)
        for team, planned in enumerate(teams)
        for number in range(planned.seats)
    ]
    markets = [teams[seat.teams[-1][1]].market for seat in seats]
    changes = [_changes(seat, staff.leads) for seat in seats]
    return Organisation(
        teams=teams,
        people=staff.named(),
        spans=[*staff.spans, *(span for seat in seats for span in _spans(seat))],
        leads=staff.leads,
        sellers=sorted(
            {person for seat in seats for _day, person in seat.holders if person is not None}
        ),
        founded=staff.founded,
        markets=np.array(markets),
        handovers=np.stack([_starts(plan, each) for each in changes]),
        owners=_padded([[owner for _day, owner, _team in each] for each in changes]),
        credited=_padded([[team for _day, _owner, team in each] for each in changes]),
    )


class _Staff:
    """Hires people one after the other."""

    def __init__(self, plan: Plan, dice: np.random.Generator, teams: list[TeamPlan]) -> None:
        self.plan, self.dice, self.teams = plan, dice, teams
        self.founded = plan.start - timedelta(days=800)
        self.people: list[Person] = []
        self.spans: list[Span] = []
        for account in (EXECUTIVE, FINANCE, STAFF):
            self._hire(account.role, self._before(), account.email, is_staff=account.is_staff)
        self.leads = [self._lead(team) for team in range(len(teams))]

    def seat(self, team: int, number: int) -> Seat:
        """A seat of a team with all who held it."""
        shown = self._is_shown(team) and number == 0
        moves = not shown and number > 0 and self.dice.random() < _MOVERS
        opened = None if shown or self.dice.random() > _LATE_SEATS else self._day(120, 700)
        first = self._hire(Role.REP, opened or self._before(), REP.email if shown else "")
        holders: list[tuple[date, int | None]] = [(self.founded, None)] if opened else []
        holders.append((opened or self.founded, first))
        if not shown and self.dice.random() < _LEAVERS:
            holders += self._succession(opened or self.founded, first)
        places = [(self.founded, team)]
        if moves:
            places.append((self.plan.reorganised_on, self._neighbour(team)))
        return Seat(places, holders)

    def named(self) -> list[Person]:
        """Everybody, with names and e-mail addresses."""
        names = draw_names(self.dice, len(self.people))
        for number, (person, (name, latin)) in enumerate(zip(self.people, names, strict=True)):
            person.name = name
            person.email = person.email or f"{latin}.{number + 1:04d}@demo.example"
        return self.people

    def _lead(self, team: int) -> int:
        email = LEAD.email if self._is_shown(team) else ""
        person = self._hire(Role.LEAD, self.founded, email)
        self.spans.append(Span(person, team, self.founded, None))
        return person

    def _succession(self, came: date, person: int) -> list[tuple[date, int | None]]:
        """The holder leaves, and after a gap somebody new comes."""
        left = self._day(260, 1000)
        follows = left + timedelta(days=int(self.dice.integers(14, 45)))
        if left < came + timedelta(days=150) or follows >= self.plan.today:
            return []
        self.people[person].left = left
        return [(left, None), (follows, self._hire(Role.REP, follows))]

    def _hire(self, role: Role, joined: date, email: str = "", *, is_staff: bool = False) -> int:
        self.people.append(Person("", email, role, joined, is_staff=is_staff))
        return len(self.people) - 1

    def _before(self) -> date:
        return self.founded - timedelta(days=int(self.dice.integers(0, 1500)))

    def _day(self, earliest: int, latest: int) -> date:
        """A day between so many days after the start of the history."""
        return self.plan.start + timedelta(days=int(self.dice.integers(earliest, latest)))

    def _is_shown(self, team: int) -> bool:
        """Whether it is the team whose lead and first rep sign in."""
        return team == next(n for n, planned in enumerate(self.teams) if planned.seats)

    def _neighbour(self, team: int) -> int:
        """The next team of the same market, else any other that sells."""
        own = self.teams[team]
        selling = [n for n, other in enumerate(self.teams) if other.seats and n != team]
        near = [n for n in selling if self.teams[n].market == own.market]
        near = near or [n for n in selling if self.teams[n].parent == own.parent]
        return (near or selling)[0]


def _changes(seat: Seat, leads: list[int]) -> list[tuple[date, int, int]]:
    """From which day on whom and which team the seat's work is credited to."""
    days = sorted({day for day, _what in [*seat.teams, *seat.holders]})
    changes = []
    for day in days:
        team = [team for since, team in seat.teams if since <= day][-1]
        holder = [holder for since, holder in seat.holders if since <= day][-1]
        changes.append((day, leads[team] if holder is None else holder, team))
    return changes


def _spans(seat: Seat) -> list[Span]:
    """The memberships of a seat's holders."""
    spans = []
    for n, (came, holder) in enumerate(seat.holders):
        left = seat.holders[n + 1][0] if n + 1 < len(seat.holders) else None
        if holder is None:
            continue
        for m, (since, team) in enumerate(seat.teams):
            until = seat.teams[m + 1][0] if m + 1 < len(seat.teams) else None
            start, end = max(came, since), _earlier(left, until)
            if end is None or start < end:
                spans.append(Span(holder, team, start, end))
    return spans


def _earlier(one: date | None, other: date | None) -> date | None:
    known = [day for day in (one, other) if day is not None]
    return min(known) if known else None


def _starts(plan: Plan, changes: list[tuple[date, int, int]]) -> Dates:
    """The instants of a seat's changes, the first one before anything happened."""
    starts = [int(plan.calendar.start_of(day).timestamp()) for day, _owner, _team in changes]
    padding = [int(_NEVER.astype(np.int64))] * (_HANDOVERS - len(starts))
    return np.array([0, *starts[1:], *padding]).astype("datetime64[s]")


def _padded(rows: list[list[int]]) -> Ints:
    return np.array([row + [row[-1]] * (_HANDOVERS - len(row)) for row in rows])


def describe(organisation: Organisation, plan: Plan) -> pd.DataFrame:
    """What the people are like at their work, a row each.

    `skill` is log-odds of keeping a deal; `tempo` and `size` multiply its days and its amount;
    `optimism` is by how much the time left is underrated; `diligence` how often dates that
    passed are put right; `weight` how much work one takes.
    """
    dice = plan.random("temperaments")
    count = len(organisation.people)
    optimism = np.clip(dice.normal(0.27, 0.2, count), -0.2, 0.65)
    return pd.DataFrame(
        {
            "joined": np.array([p.joined for p in organisation.people], dtype="datetime64[s]"),
            "skill": dice.normal(0.05, 0.24, count),
            "tempo": dice.lognormal(0, 0.15, count),
            "size": dice.lognormal(0, 0.16, count),
            "optimism": optimism,
            "diligence": dice.beta(5, 3, count),
            "promptness": dice.lognormal(0, 0.45, count),
        }
    )
