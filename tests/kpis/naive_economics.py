"""Recurring value, margins and what customers are worth, a second time; see naive.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from tests.kpis.naive import (
    Row,
    World,
    active,
    amounts_won,
    buyers,
    cac,
    first_wins,
    months_later,
    ratio,
)

Figure = Callable[[World], Decimal | int | float | None]


def monthly(contract: Row) -> Decimal:
    """A contract's worth a month, in its own currency."""
    end = contract["end"]
    if contract["auto_renew"] or end is None:
        months = contract["term_months"]
        end = months_later(contract["start"], months) if months else None
    days = (end - contract["start"]).days if end else 0
    if contract["value"] is not None and days:
        return Decimal(contract["value"] * 365 / 12 / days)
    return contract["monthly_price"] or Decimal(0)


def worth_of(world: World, customer: int, day: date) -> Decimal:
    """What a customer's running recurring contracts come to, at the rates of the end."""
    rate_day = world.day(world.instant - timedelta(microseconds=1))
    return sum(
        (
            world.worth(monthly(contract), contract["currency"], rate_day)
            for contract in world.contracts
            if contract["customer_id"] == customer
            and not contract["is_trial"]
            and contract["billing"] == "recurring"
            and contract["start"] <= day
            and (contract["end"] is None or contract["end"] > day)
            and world.mine(contract)
        ),
        Decimal(0),
    )


def kept(world: World, of_one: Callable[[Decimal, Decimal], Decimal]) -> Decimal | None:
    if world.day(world.now) < world.start:
        return None
    top = bottom = Decimal(0)
    for customer in active(world, world.start):
        before = worth_of(world, customer, world.start)
        after = worth_of(world, customer, world.day(world.instant))
        bottom += before
        top += of_one(before, after)
    return ratio(top, bottom)


def churned(world: World) -> Decimal:
    last = world.day(world.instant - timedelta(microseconds=1))
    total = Decimal(0)
    for contract in world.contracts:
        end = contract["end"]
        if contract["is_trial"] or contract["billing"] != "recurring" or not world.mine(contract):
            continue
        replaced = any(other["renews_id"] == contract["id"] for other in world.contracts)
        if end and world.start <= end < world.end and end <= last and not replaced:
            total += world.worth(monthly(contract), contract["currency"], end)
    return total


def by_id(rows: list[Row], key: int | None) -> Row:
    return next((row for row in rows if row["id"] == key), {})


def costs_of(world: World) -> list[Row]:
    """The scope's costs of the period: those of its deals and teams."""
    found = []
    for cost in world.costs:
        deal = by_id(world.deals, cost["deal_id"])
        team = deal.get("team_id") or cost["team_id"]
        credited = {"team_id": team, "owner_id": deal.get("owner_id")}
        if world.start <= cost["day"] < world.end and world.mine(credited):
            found.append(cost)
    return found


def is_company(world: World) -> bool:
    return world.user_id is None and world.team_ids is None


def delivery(world: World, customers: set[int] | None = None) -> Decimal:
    total = Decimal(0)
    for cost in costs_of(world):
        is_attributed = cost["deal_id"] or cost["customer_id"] or cost["product_id"]
        deal = by_id(world.deals, cost["deal_id"])
        customer = deal.get("customer_id") or cost["customer_id"]
        wanted = customers is None or customer in customers
        if cost["kind"] == "delivery" and wanted and (is_attributed or is_company(world)):
            total += world.worth(cost["amount"], cost["currency"], cost["day"])
    return total


def margin(world: World) -> Decimal:
    return sum(amounts_won(world), Decimal(0)) - delivery(world)


def profit_margin(world: World) -> Decimal | None:
    costs = [world.worth(row["amount"], row["currency"], row["day"]) for row in costs_of(world)]
    won = sum(amounts_won(world), Decimal(0))
    return ratio(won - sum(costs), won) if costs else None


def last_year(world: World) -> World:
    """The same world over the twelve months until the period's end, or today."""
    after = world.day(world.instant - timedelta(microseconds=1)) + timedelta(days=1)
    try:
        start = after.replace(year=after.year - 1)
    except ValueError:
        start = after.replace(year=after.year - 1, day=28)
    return replace(world, start=start, end=after)


def lifetime(world: World, who: str) -> Decimal | None:
    year = last_year(world)
    if who == "contract":
        before, now = active(year, year.start), active(year, year.day(year.instant))
    else:
        before, now = buyers(year, year.starts_at), buyers(year, year.instant)
    lost = ratio(len(before - now), len(before))
    yearly = margin(year)
    if not lost:
        return None
    return yearly / (Decimal(len(before) + len(now)) / 2) / lost


def new_customers(year: World) -> set[int]:
    """Customers that bought in the year, and never before it."""
    before = {
        deal["customer_id"]
        for deal in year.deals
        if deal["outcome"] == "won" and deal["closed_at"] < year.starts_at
    }
    anybody = replace(year, user_id=None, team_ids=None)
    return {deal["customer_id"] for deal in anybody.won() if deal["customer_id"]} - before


def payback(world: World) -> Decimal | None:
    year = last_year(world)
    fresh = new_customers(year)
    won = [deal for deal in year.won() if deal["customer_id"] in fresh]
    left = sum(year.closed_worth(won), Decimal(0)) - delivery(year, fresh)
    cost, count = cac(world), first_wins(year)
    if cost is None or not count or left <= 0:
        return None
    return cost / (left / count / 12)


def lifetime_over_cost(world: World, who: str) -> Decimal | None:
    value, cost = lifetime(world, who), cac(world)
    return None if value is None or cost is None else ratio(value, cost)


ECONOMICS: dict[tuple[str, str], Figure] = {
    ("nrr", "recurring"): lambda world: kept(world, lambda _before, after: after),
    ("grr", "recurring"): lambda world: kept(world, min),
    ("churned_value", "ended"): churned,
    ("margin", "delivery"): margin,
    ("sales_profit_margin", "won"): profit_margin,
    ("customer_lifetime_value", "contract"): lambda world: lifetime(world, "contract"),
    ("customer_lifetime_value", "purchase"): lambda world: lifetime(world, "purchase"),
    ("cac_payback", "margin"): payback,
    ("ltv_cac", "contract"): lambda world: lifetime_over_cost(world, "contract"),
    ("ltv_cac", "purchase"): lambda world: lifetime_over_cost(world, "purchase"),
}
