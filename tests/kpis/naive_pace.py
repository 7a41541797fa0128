"""Paces a second time; see naive.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from periods import Calendar
from tests.cast import SEOUL
from tests.kpis.naive import World, amounts_won, attainment, months_later, ratio

Figure = Callable[[World], Decimal | int | float | None]
DAYS = Calendar(SEOUL)


def working_days(start: date, end: date) -> list[date]:
    days = [start + timedelta(days=number) for number in range((end - start).days)]
    return [day for day in days if DAYS.is_working_day(day)]


def share_gone(world: World) -> Decimal:
    today = world.day(world.now)
    gone = working_days(world.start, min(world.end, today + timedelta(days=1)))
    return Decimal(len(gone)) / len(working_days(world.start, world.end))


def linear(world: World) -> Decimal | None:
    reached = attainment(world)
    return None if reached is None else reached - share_gone(world)


def earlier_periods(world: World) -> Iterator[tuple[date, date]]:
    """Those of the same length in the two years before; none where it is no whole unit."""
    start, end = world.start, world.end
    months = (end.year - start.year) * 12 + end.month - start.month
    if start.day == end.day == 1 and months in (1, 3, 12):
        for back in range(months, 25, months):
            yield months_later(start, -back), months_later(start, months - back)
    elif (end - start).days == 7 and start.weekday() == 0:
        for weeks in range(1, 105):
            yield start - timedelta(weeks=weeks), end - timedelta(weeks=weeks)


def won_between(world: World, start: date, end: date) -> Decimal:
    return sum(amounts_won(replace(world, start=start, end=end)), Decimal(0))


def first_days(start: date, end: date, count: int) -> date:
    """The day before which `count` working days of the span lie, ended by the last of them."""
    days = working_days(start, end)
    if count >= len(days):
        return end
    return days[count - 1] + timedelta(days=1) if count else start


def usual_share(world: World) -> Decimal | None:
    today = world.day(world.now)
    if not world.start <= today < world.end:
        return Decimal(today >= world.end)
    count = len(working_days(world.start, today + timedelta(days=1)))
    early = whole = Decimal(0)
    for start, end in earlier_periods(world):
        early += won_between(world, start, first_days(start, end, count))
        whole += won_between(world, start, end)
    return ratio(early, whole)


def curve(world: World) -> Decimal | None:
    reached = attainment(world)
    share = None if reached is None else usual_share(world)
    return None if reached is None or share is None else reached - share


PACE: dict[tuple[str, str], Figure] = {("pace", "linear"): linear, ("pace", "curve"): curve}
