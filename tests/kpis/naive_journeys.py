"""What deals went through, a second time: each deal's states are walked from first to last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from tests.kpis.naive import Row, World, ratio

DAY = Decimal(24 * 3600)


@dataclass
class Visit:
    """A stay in one stage; `came` is None where nobody told, `went` while it lasts."""

    stage: int
    came: datetime | None
    went: datetime | None
    last: Row


@dataclass
class Arrival:
    """A deal that came to a stage, or past it, for the first time."""

    stage: int
    at: Row
    went_on: bool
    is_there: bool


def past_of_deals(world: World, until: datetime) -> Iterator[list[Row]]:
    """The states of each deal that exists, as far as an instant."""
    deals: dict[int, list[Row]] = {}
    for version in sorted(world.deal_versions, key=lambda row: row["valid_from"]):
        if version["valid_from"] <= until:
            deals.setdefault(version["row_id"], []).append(version)
    yield from (states for states in deals.values() if not states[-1]["deleted"])


def visits(states: list[Row]) -> list[Visit]:
    found: list[Visit] = []
    before: Row | None = None
    for state in states:
        if before and before["stage_id"] == state["stage_id"]:
            found[-1].last = state
        else:
            if found:
                found[-1].went = state["valid_from"]
            came = state["valid_from"] if told(state, before) else None
            found.append(Visit(state["stage_id"], came, None, state))
        before = state
    return found


def told(state: Row, before: Row | None) -> bool:
    if state["valid_from"] < state["recorded_from"]:
        return True
    if before is None:
        return state["created_at"] is not None
    return before["stage_id"] is not None


def ended(world: World) -> list[tuple[Visit, Decimal]]:
    found = []
    for states in past_of_deals(world, world.now):
        for visit in visits(states):
            stays = visit.last["outcome"] == "open" and visit.stage is not None
            if stays and visit.came and world.inside(visit.went) and world.mine(visit.last):
                assert visit.went is not None
                found.append((visit, days(visit.came, visit.went)))
    return found


def days(came: datetime, went: datetime) -> Decimal:
    elapsed = went - came
    return (Decimal(elapsed.days) * DAY + elapsed.seconds) / DAY


def open_days(world: World) -> list[Decimal]:
    found = []
    last = world.instant - timedelta(microseconds=1)
    for states in past_of_deals(world, last):
        visit = visits(states)[-1]
        if visit.last["outcome"] == "open" and world.mine(visit.last) and visit.came:
            found.append(days(visit.came, world.instant))
    return found


def arrivals(world: World) -> list[Arrival]:
    return [
        arrival
        for states in past_of_deals(world, world.now)
        for arrival in arrivals_of(world, states)
        if world.inside(arrival.at["valid_from"]) and world.mine(arrival.at)
    ]


def arrivals_of(world: World, states: list[Row]) -> Iterator[Arrival]:
    furthest = -1
    for place, state in enumerate(states):
        before = states[place - 1] if place else None
        if state["stage_id"] is None or state["outcome"] == "lost":
            continue
        here = level(world, state)
        comes = before is None or before["stage_id"] != state["stage_id"]
        tells = state["outcome"] == "open" or furthest >= 0
        if comes and tells and told(state, before):
            for stage in world.stages.values():
                if stage["outcome"] == "open" and furthest < stage["position"] <= here:
                    yield arrival_at(world, stage, states[place:])
        furthest = max(furthest, here)


def arrival_at(world: World, stage: Row, rest: list[Row]) -> Arrival:
    beyond = any(level(world, state) > stage["position"] for state in rest)
    is_there = rest[-1]["stage_id"] == stage["id"]
    return Arrival(stage["id"], rest[0], beyond, is_there)


def level(world: World, state: Row) -> int:
    if state["stage_id"] is None or state["outcome"] == "lost":
        return -1
    return 1_000 if state["outcome"] == "won" else int(world.stages[state["stage_id"]]["position"])


def conversion(world: World, *, of_all: bool) -> Decimal | None:
    found = arrivals(world)
    base = [arrival for arrival in found if of_all or arrival.went_on or not arrival.is_there]
    return ratio(sum(arrival.went_on for arrival in found), len(base))


def dwell(world: World) -> Decimal | None:
    found = [length for _visit, length in ended(world)]
    return median(found) if found else None


def dwell_total(world: World) -> Decimal | None:
    found = [length for _visit, length in ended(world)]
    return sum(found, Decimal(0)) if found else None


FIGURES: dict[tuple[str, str], Callable[[World], Decimal | int | float | None]] = {
    ("stage_conversion", "left"): lambda world: conversion(world, of_all=False),
    ("stage_conversion", "all"): lambda world: conversion(world, of_all=True),
    ("stage_dwell", "median"): dwell,
    ("stage_dwell", "total"): dwell_total,
    ("stage_dwell", "open"): lambda world: median(open_days(world)) if open_days(world) else None,
}
