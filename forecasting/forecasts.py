"""Forecasts: roll-ups with what was said about them, several at once from a few statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.scope import Tree
from forecasting.calls import Calls, Said
from forecasting.members import Members
from forecasting.models import Adjustment, Submission
from forecasting.rollup import Forest, rollup
from periods import Period
from pipeline.reading import Reading


@dataclass(frozen=True)
class Forecast:
    """One scope and period: the tree with its amounts, its people, and what they called."""

    forest: Forest
    members: Members
    calls: Calls

    @property
    def reading(self) -> Reading:
        return self.forest.reading

    @property
    def period(self) -> Period:
        return self.reading.period


def forecasts(
    readings: Sequence[Reading],
    tree: Tree,
    *,
    everybody: bool = False,
    said: AllSaid | None = None,
) -> list[Forecast]:
    """One for each reading: a statement for the deals, two for what was said of their periods,
    one for the members of each scope on each day. `everybody` has a place also without a deal."""
    said = said or said_of(readings)
    known: dict[object, Members] = {}
    found = []
    for forest in rollup(readings, tree):
        reading = forest.reading
        key = reading.scope, reading.day
        members = known[key] = known.get(key) or Members.of(reading.scope, reading.day)
        found.append(_called(forest, members, said, everybody=everybody))
    return found


def forecast(reading: Reading, tree: Tree, *, everybody: bool = False) -> Forecast:
    """That of one reading."""
    (found,) = forecasts([reading], tree, everybody=everybody)
    return found


def moment_of(reading: Reading) -> datetime | None:
    """Until when what was said counts; None where all of it does."""
    moments = [each for each in (reading.stock_as_of, reading.known_at) if each is not None]
    return min(moments, default=None)


@dataclass(frozen=True)
class AllSaid:
    """What was said of several periods by several instants, oldest first."""

    submissions: Sequence[Submission]
    adjustments: Sequence[Adjustment]

    def __bool__(self) -> bool:
        return bool(self.submissions or self.adjustments)


def said_of(readings: Sequence[Reading]) -> AllSaid:
    """What was said last of the readings' periods by their instants, in two statements."""
    periods = [reading.period for reading in readings]
    moments = {moment_of(reading) for reading in readings}
    submissions: QuerySet[Submission] = Submission.objects.of_periods(periods).newest_by(moments)
    adjustments: QuerySet[Adjustment] = Adjustment.objects.of_periods(periods).newest_by(moments)
    return AllSaid(
        list(submissions.order_by("at", "pk")),
        list(adjustments.select_related("author").order_by("number")),
    )


def _called(forest: Forest, members: Members, said: AllSaid, *, everybody: bool) -> Forecast:
    period, moment = forest.reading.period, moment_of(forest.reading)
    last = Said(
        {
            (each.team_id, each.user_id): each
            for each in said.submissions
            if _counts(each, period, moment) and members.belongs(each.user_id, each.team_id)
        },
        {
            (each.team_id, each.user_id, each.child_id, each.column): each
            for each in said.adjustments
            if _counts(each, period, moment)
        },
    )
    _plant(forest, members, last, everybody=everybody)
    return Forecast(forest, members, Calls(forest, last))


def _counts(call: Submission | Adjustment, period: Period, moment: datetime | None) -> bool:
    same = (call.start, call.end) == (period.start, period.end)
    return same and (moment is None or call.at <= moment)


def _plant(forest: Forest, members: Members, said: Said, *, everybody: bool) -> None:
    """Give a place to those without a deal: teams, who said something, or everybody."""
    for team in forest.teams:
        forest.team(team)
    for team_of, user in said.submissions:
        if forest.holds(team_of, user):
            forest.person(team_of, user)
    homes: dict[int, int | None] = {**members.homes} if everybody else {}
    if everybody and forest.root.user is not None:
        homes.setdefault(forest.root.user, None)
    for user, home in homes.items():
        if forest.holds(home, user):
            forest.person(home, user)
