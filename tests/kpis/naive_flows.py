"""Flows of visits, leads, deals and purchases a second time; see naive.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import MAXYEAR, datetime, timedelta
from decimal import Decimal

from tests.kpis.naive import (
    Row,
    World,
    amounts_won,
    cycles,
    middle,
    new_leads,
    ratio,
)

Figure = Callable[[World], Decimal | int | float | None]


def visits(world: World) -> Decimal | None:
    if world.user_id is not None or world.team_ids is not None:
        return None
    found = [row["visits"] for row in world.visits if world.start <= row["day"] < world.end]
    return Decimal(sum(found)) if found else None


def response_time(world: World) -> Decimal | None:
    hours = []
    for lead in new_leads(world):
        touches = [
            activity["at"]
            for activity in world.activities
            if activity["lead_id"] == lead["id"] and activity["at"] < world.now
        ]
        if touches:
            hours.append(Decimal((min(touches) - lead["created_at"]).total_seconds()) / 3600)
    return middle(hours)


def new_pipeline(world: World) -> Decimal:
    first: dict[int, Row] = {}
    for version in world.deal_versions:
        known = first.get(version["row_id"], version)
        first[version["row_id"]] = min(known, version, key=lambda row: row["valid_from"])
    total = Decimal(0)
    for deal in world.created():
        then = first[deal["id"]]
        total += world.worth(then["amount"], then["currency"], world.day(deal["created_at"]))
    return total


def later_wins(world: World) -> list[Row]:
    """Those of the period that are not their customer's first one."""
    first: dict[int, tuple[datetime, int]] = {}
    for deal in world.deals:
        if deal["outcome"] == "won" and deal["customer_id"]:
            when = (deal["closed_at"], deal["id"])
            first[deal["customer_id"]] = min(first.get(deal["customer_id"], when), when)
    return [
        deal
        for deal in world.won()
        if deal["customer_id"] and first[deal["customer_id"]] != (deal["closed_at"], deal["id"])
    ]


def from_existing(world: World) -> Decimal:
    return sum(world.closed_worth(later_wins(world)), Decimal(0))


def by_expansion(world: World) -> Decimal:
    deals = [deal for deal in world.won() if deal["kind"] in ("upsell", "cross_sell")]
    return sum(world.closed_worth(deals), Decimal(0))


def buyers_of_period(world: World) -> set[int]:
    return {deal["customer_id"] for deal in world.won() if deal["customer_id"]}


def bought_before_period(world: World) -> Decimal | None:
    early = {
        deal["customer_id"]
        for deal in world.deals
        if deal["outcome"] == "won" and deal["closed_at"] < world.starts_at
    }
    return ratio(len(buyers_of_period(world) & early), len(buyers_of_period(world)))


def bought_again(world: World) -> Decimal | None:
    again = {deal["customer_id"] for deal in later_wins(world)}
    return ratio(len(again), len(buyers_of_period(world)))


def is_endless(instant: datetime) -> bool:
    return instant.year == MAXYEAR


def open_at_end(world: World) -> list[Row]:
    """The deals open now or, of a period that is over, those that were open at its end."""
    if not world.is_over:
        return world.open()
    last = world.instant - timedelta(microseconds=1)
    return [
        row
        for row in world.deal_versions
        if row["valid_from"] <= last
        and (is_endless(row["valid_to"]) or last < row["valid_to"])
        and is_endless(row["recorded_to"])
        and row["outcome"] == "open"
        and world.category(row) != "omitted"
        and world.mine(row)
    ]


def velocity(world: World) -> Decimal | None:
    rate = ratio(len(world.won()), len(world.resolved()))
    size = ratio(sum(amounts_won(world)), len(world.won()))
    cycle = middle(cycles(world))
    if rate is None or size is None or cycle is None or cycle <= 0:
        return None
    return len(open_at_end(world)) * rate * size / cycle


FLOWS: dict[tuple[str, str], Figure] = {
    ("visits", "daily"): visits,
    ("lead_response_time", "created"): response_time,
    ("new_pipeline", "created"): new_pipeline,
    ("sales_velocity", "window"): velocity,
    ("repurchase_rate", "before"): bought_before_period,
    ("repurchase_rate", "again"): bought_again,
    ("existing_revenue_share", "closed"): lambda world: ratio(
        from_existing(world), sum(amounts_won(world))
    ),
    ("expansion_share", "closed"): lambda world: ratio(by_expansion(world), from_existing(world)),
}
