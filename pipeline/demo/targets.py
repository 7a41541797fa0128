"""What everybody was to reach: most of it about reached, as in life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from periods import Grain, Period
from pipeline.demo.amounts import QUARTER_TARGET
from pipeline.demo.drafts import Market
from pipeline.demo.setup import WON
from pipeline.demo.timeline import Bools, Dates, Floats, Ints

NOBODY = NO_PARENT = -1

_REACHED, _SPREAD, _BOUNDS = 0.97, 0.12, (0.64, 1.27)
_YEARLY_RISE = 1.12
_FORESIGHT = 0.45
_STEP_OF = {"company": 100_000_000, "team": 10_000_000, "person": 5_000_000}
_SET_BEFORE = timedelta(days=18)
_A_MONTH = 30
_MONTHS_OF_A_QUARTER = (0.27, 0.57, 1)
"""How much of a quarter is to be reached by the end of each of its months."""
_MONTH_STEP = 1_000_000
_QUARTERS_OF_A_YEAR = 4


@dataclass(frozen=True)
class _Scopes:
    """Won revenue of every scope by quarter: the company, then teams with those below them,
    then people. Rows of `sums` are quarters of the history, the running one last."""

    team: Ints
    person: Ints
    above: Ints
    sums: Floats
    steps: Floats

    @property
    def count(self) -> int:
        return len(self.team)


def build_targets(market: Market, deals: pd.DataFrame, leads: pd.DataFrame) -> pd.DataFrame:
    """A row per target: kpi, team or person (or NOBODY), start, end, value, parent, set_on.

    Values of money are whole won; others are exact to four places. `parent` is a position.
    """
    dice = market.plan.random("targets")
    scopes = _scopes(market, deals)
    quarters = _planned_quarters(market)
    values = _values(market, dice, scopes, len(quarters))
    revenue = _quarterly_and_yearly(market, scopes, quarters, values)
    return pd.concat([revenue, _others(market, deals, leads, quarters)], ignore_index=True)


def _planned_quarters(market: Market) -> list[Period]:
    """The history's quarters and those of the running year, at least one ahead."""
    quarters = list(market.plan.quarters)
    while len(quarters) == len(market.plan.quarters) or quarters[-1].number < 4:
        quarters.append(quarters[-1].next())
    return quarters


def _scopes(market: Market, deals: pd.DataFrame) -> _Scopes:
    organisation = market.organisation
    teams, sellers = len(organisation.teams), np.array(organisation.sellers)
    edges = np.array([q.start for q in market.plan.quarters], dtype="datetime64[D]")
    won = deals[deals["stage"] == WON]
    quarter = np.searchsorted(edges, won["closed"].to_numpy().astype("datetime64[D]"), "right") - 1
    worth = won["worth"].to_numpy()
    own = _table(quarter, won["team"].to_numpy(), worth, (len(edges), teams))
    people = _table(quarter, won["owner"].to_numpy(), worth, (len(edges), len(organisation.people)))
    tree = _with_those_below(market, own, edges)
    home = {span.person: span.team for span in organisation.spans}
    parents = [-1 if each.parent is None else each.parent for each in organisation.teams]
    steps = [_STEP_OF["company"], *[_STEP_OF["team"]] * teams, *[_STEP_OF["person"]] * len(sellers)]
    return _Scopes(
        team=np.array([NOBODY, *range(teams), *[NOBODY] * len(sellers)]),
        person=np.concatenate([np.full(teams + 1, NOBODY), sellers]),
        above=np.array([-1, *(p + 1 for p in parents), *(home[s] + 1 for s in sellers.tolist())]),
        sums=np.column_stack([own.sum(axis=1), tree, people[:, sellers]]),
        steps=np.array(steps, dtype=float),
    )


def _table(rows: Ints, columns: Ints, weights: Floats, shape: tuple[int, int]) -> Floats:
    cells = np.bincount(rows * shape[1] + columns, weights, minlength=shape[0] * shape[1])
    return cells.astype(np.float64).reshape(shape)


def _with_those_below(market: Market, own: Floats, edges: Dates) -> Floats:
    """Each team with the teams below it, by the tree that a quarter began with."""
    total = own.copy()
    before = edges < np.datetime64(market.plan.reorganised_on)
    for team in range(len(market.organisation.teams) - 1, -1, -1):
        planned = market.organisation.teams[team]
        for parent, rows in ((planned.former_parent, before), (planned.parent, ~before)):
            if parent is not None:
                total[rows, parent] += total[rows, team]
    return total


def _values(market: Market, dice: np.random.Generator, scopes: _Scopes, quarters: int) -> Floats:
    """Targets by quarter and scope: of past quarters so that they were about reached, of the
    running one and later ones by the scope's share of the last year, with some foresight."""
    past = scopes.sums[:-1]
    reached = np.clip(dice.normal(_REACHED, _SPREAD, past.shape), *_BOUNDS)
    usual = np.maximum(past.mean(axis=0), scopes.steps)
    reference = np.where(past > 0, past / reached, usual)
    year = past[-4:].sum(axis=0)
    running = scopes.sums[-1]
    share = np.where(
        running[0] > 0,
        (1 - _FORESIGHT) * year / max(year[0], 1) + _FORESIGHT * running / max(running[0], 1),
        year / max(year[0], 1),
    )
    company = QUARTER_TARGET * market.plan.size
    seasons = _seasons(market, quarters - len(past))
    ahead = company * seasons[:, None] * share[None, :]
    values = np.vstack([reference, ahead])
    steps = np.minimum(scopes.steps, 10 ** np.floor(np.log10(max(company / 100, 10))))
    rounded: Floats = np.maximum(np.round(values / steps), 1) * steps
    return rounded


def _seasons(market: Market, count: int) -> Floats:
    """How the running quarter and those after it compare with the running one."""
    weights = {1: 0.86, 2: 0.93, 3: 0.90, 4: 1.0}
    running = market.plan.quarters[-1]
    quarters = [running]
    while len(quarters) < count:
        quarters.append(quarters[-1].next())
    return np.array(
        [
            weights[q.number]
            / weights[running.number]
            * _YEARLY_RISE ** (q.fiscal_year - running.fiscal_year)
            for q in quarters
        ]
    )


def _quarterly_and_yearly(
    market: Market, scopes: _Scopes, quarters: list[Period], values: Floats
) -> pd.DataFrame:
    """A row per scope and year, where all quarters are planned, then per scope and quarter.

    A person's target contributes to the team's, a team's to the one above, the company's of a
    quarter to that of the year, and those of months to that of the quarter.
    """
    frames: list[pd.DataFrame] = []
    company_of_year: dict[int, int] = {}
    count = 0
    for year in sorted({quarter.fiscal_year for quarter in quarters}):
        own = [n for n, quarter in enumerate(quarters) if quarter.fiscal_year == year]
        if len(own) == _QUARTERS_OF_A_YEAR:
            company_of_year[year] = count
            span = quarters[own[0]].start, quarters[own[-1]].end
            frames.append(_level(market, scopes, span, values[own].sum(axis=0), count, NO_PARENT))
            count += len(frames[-1])
    for n, quarter in enumerate(quarters):
        parent = company_of_year.get(quarter.fiscal_year, NO_PARENT)
        span = quarter.start, quarter.end
        frames.append(_level(market, scopes, span, values[n], count, parent))
        count += len(frames[-1])
        months = _months(frames[-1], quarter, count - len(frames[-1]))
        frames += months
        count += sum(len(month) for month in months)
    return pd.concat(frames, ignore_index=True)


def _level(
    market: Market,
    scopes: _Scopes,
    span: tuple[date, date],
    values: Floats,
    first: int,
    company_parent: int,
) -> pd.DataFrame:
    """The targets of one period, numbered from `first`, of all scopes that were there."""
    present = np.flatnonzero(_employed(market, scopes, span))
    place = np.full(len(scopes.team), NO_PARENT)
    place[present] = np.arange(first, first + len(present))
    parent = np.where(scopes.above >= 0, place[scopes.above], NO_PARENT)
    parent[0] = company_parent
    return _targets(
        "won_revenue",
        span,
        team=scopes.team[present],
        person=scopes.person[present],
        parent=parent[present],
        value=values[present].astype(np.int64).astype(str),
    )


def _months(targets: pd.DataFrame, quarter: Period, first: int) -> list[pd.DataFrame]:
    """A quarter's targets, numbered from `first`, of company and teams by month."""
    place = np.flatnonzero(targets["person"] == NOBODY)
    whole = targets["value"].to_numpy()[place].astype(np.int64)
    before = np.zeros(len(place), dtype=np.int64)
    frames = []
    for month, share in zip(quarter.split(Grain.MONTH), _MONTHS_OF_A_QUARTER, strict=True):
        until = np.round(whole * share / _MONTH_STEP).astype(np.int64) * _MONTH_STEP
        until = whole if share == 1 else np.minimum(until, whole)
        frames.append(
            _targets(
                "won_revenue",
                (month.start, month.end),
                team=targets["team"].to_numpy()[place],
                parent=first + place,
                value=(until - before).astype(str),
            )
        )
        before = until
    return frames


def _employed(market: Market, scopes: _Scopes, span: tuple[date, date]) -> Bools:
    """Which scopes are worth a target: teams, and people there for more than a month."""
    people = market.organisation.people
    joined = np.array([p.joined for p in people], dtype="datetime64[D]")
    left = np.array([p.left or date.max for p in people], dtype="datetime64[D]")
    person = np.maximum(scopes.person, 0)
    there: Bools = joined[person] < np.datetime64(span[1]) - _A_MONTH
    there &= left[person] > np.datetime64(span[0]) + _A_MONTH
    there |= scopes.person == NOBODY
    return there


def _others(
    market: Market, deals: pd.DataFrame, leads: pd.DataFrame, quarters: list[Period]
) -> pd.DataFrame:
    """The company's goals besides revenue, and each team's win rate and coverage."""
    teams = np.array([n for n, team in enumerate(market.organisation.teams) if team.seats])
    scopes = np.array([NOBODY, *teams])
    closed = deals[deals["stage"] >= WON]
    rate = float((closed["stage"] == WON).mean()) if len(closed) else 0.3
    per_quarter = len(leads) / (len(market.plan.quarters) - 0.5)
    frames = []
    for n, quarter in enumerate(quarters):
        span = quarter.start, quarter.end
        rise = 0.9 + 0.02 * n
        volume = max(round(per_quarter * rise, -1), 10)
        company = np.array([NOBODY])
        frames += [
            _targets("lead_volume", span, team=company, value=f"{volume:.0f}"),
            _targets("win_rate", span, team=scopes, value=f"{rate * (0.96 + 0.01 * n):.4f}"),
            _targets("pipeline_coverage", span, team=scopes, value="3"),
            _targets("renewal_rate", span, team=company, value="0.8"),
        ]
    return pd.concat(frames, ignore_index=True)


def _targets(
    kpi: str,
    span: tuple[date, date],
    *,
    team: Ints,
    value: str | NDArray[np.str_],
    person: Ints | int = NOBODY,
    parent: Ints | int = NO_PARENT,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kpi": kpi,
            "team": team,
            "person": person,
            "start": np.datetime64(span[0]),
            "end": np.datetime64(span[1]),
            "value": value,
            "parent": parent,
            "set_on": np.datetime64(span[0] - _SET_BEFORE),
        }
    )
