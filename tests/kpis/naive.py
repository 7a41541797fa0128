"""Every figure a second time, by plain loops over plain rows: slow, obvious, independent.

Nothing here uses the catalog, its measures or the database's arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import MAXYEAR, date, datetime, time, timedelta
from decimal import Decimal
from statistics import mean, median
from typing import Any

from tests.cast import SEOUL

Row = dict[str, Any]
ACQUISITION = ("marketing", "sales", "labour")


class NoRate(Exception):
    """An amount whose currency had no price in the seven days before."""


@dataclass
class World:
    """All rows as dicts, and the question: whose, from when until when, asked at `now`."""

    deals: list[Row]
    leads: list[Row]
    contracts: list[Row]
    costs: list[Row]
    rates: list[Row]
    stages: dict[int, Row]
    start: date
    end: date
    now: datetime
    target: Decimal | None = None
    team_ids: frozenset[int] | None = None
    user_id: int | None = None
    activities: list[Row] = field(default_factory=list)
    visits: list[Row] = field(default_factory=list)
    customers: list[Row] = field(default_factory=list)
    deal_versions: list[Row] = field(default_factory=list)

    def mine(self, row: Row, owner: str = "owner_id") -> bool:
        if self.user_id is not None:
            return row.get(owner) == self.user_id
        return self.team_ids is None or row["team_id"] in self.team_ids

    def day(self, instant: datetime) -> date:
        return instant.astimezone(SEOUL).date()

    def inside(self, instant: datetime | None) -> bool:
        return instant is not None and self.start <= self.day(instant) < self.end

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.start, time(), SEOUL)

    @property
    def is_over(self) -> bool:
        return self.day(self.now) >= self.end

    @property
    def instant(self) -> datetime:
        return min(self.now, datetime.combine(self.end, time(), SEOUL))

    def worth(self, amount: Decimal | None, currency: str, day: date) -> Decimal:
        if amount is None or currency == "KRW":
            return amount or Decimal(0)
        known = [
            rate
            for rate in self.rates
            if rate["currency"] == currency and day - timedelta(7) <= rate["day"] <= day
        ]
        if not known:
            raise NoRate
        return Decimal(amount * max(known, key=lambda rate: rate["day"])["price"])

    def won(self) -> list[Row]:
        return [
            deal
            for deal in self.deals
            if deal["outcome"] == "won" and self.inside(deal["closed_at"]) and self.mine(deal)
        ]

    def resolved(self) -> list[Row]:
        lost = [
            deal
            for deal in self.deals
            if deal["outcome"] == "lost"
            and deal["lost_reason"] not in ("duplicate", "mistake")
            and self.inside(deal["closed_at"])
            and self.mine(deal)
        ]
        return self.won() + lost

    def created(self) -> list[Row]:
        return [deal for deal in self.deals if self.inside(deal["created_at"]) and self.mine(deal)]

    def open(self, *, omitted: bool = False) -> list[Row]:
        rows = [deal for deal in self.deals if deal["outcome"] == "open" and self.mine(deal)]
        return [row for row in rows if omitted or self.category(row) != "omitted"]

    def category(self, deal: Row) -> str:
        return str(deal["category"] or self.stages[deal["stage_id"]]["category"])

    def closed_worth(self, deals: Iterable[Row]) -> list[Decimal]:
        return [
            self.worth(deal["amount"], deal["currency"], self.day(deal["closed_at"]))
            for deal in deals
        ]

    def last_open(self, deal: Row) -> Row:
        """A lost deal as it was when it was last open; another one, or unseen, as it is."""
        seen = [
            row
            for row in self.deal_versions
            if row["row_id"] == deal["id"]
            and row["outcome"] == "open"
            and row["recorded_to"].year == MAXYEAR
            and not row["deleted"]
        ]
        last = max(seen, key=lambda row: row["valid_from"], default=deal)
        known = deal["outcome"] == "lost" and last["amount"] is not None
        return {**last, "closed_at": deal["closed_at"]} if known else deal

    def open_worth(self, deal: Row) -> Decimal:
        return self.worth(deal["amount"], deal["currency"], self.day(self.now))


def ratio(top: Decimal | int, bottom: Decimal | int) -> Decimal | None:
    return Decimal(top) / Decimal(bottom) if bottom else None


def new_leads(world: World) -> list[Row]:
    return [lead for lead in world.leads if world.inside(lead["created_at"]) and world.mine(lead)]


def cohort_conversion(world: World) -> Decimal | None:
    cohort = new_leads(world)
    converted = [
        lead for lead in cohort if lead["converted_at"] and lead["converted_at"] < world.now
    ]
    return ratio(len(converted), len(cohort))


def period_conversion(world: World) -> Decimal | None:
    converted = [
        lead for lead in world.leads if world.inside(lead["converted_at"]) and world.mine(lead)
    ]
    return ratio(len(converted), len(new_leads(world)))


def weighted(world: World, *, omitted: bool = False) -> Decimal:
    total = Decimal(0)
    for deal in world.open(omitted=omitted):
        own = deal["probability"]
        share = own if own is not None else world.stages[deal["stage_id"]]["probability"]
        total += world.open_worth(deal) * share
    return total


def coverage(world: World) -> Decimal | None:
    today = world.day(world.now)
    pipeline = sum(
        world.open_worth(deal)
        for deal in world.open()
        if deal["expected_close"] and max(world.start, today) <= deal["expected_close"] < world.end
    )
    if world.target is None:
        return None
    remaining = world.target - sum(world.closed_worth(world.won()))
    return ratio(pipeline, remaining) if remaining > 0 else None


def cycles(world: World) -> list[int]:
    days = []
    for deal in world.won():
        began = deal["first_contact_at"] or deal["created_at"]
        if began:
            days.append((world.day(deal["closed_at"]) - world.day(began)).days)
    return sorted(days)


def percentile(values: list[int], share: Decimal) -> Decimal | None:
    if not values:
        return None
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def active(world: World, day: date) -> set[int]:
    return {
        contract["customer_id"]
        for contract in world.contracts
        if not contract["is_trial"]
        and contract["start"] <= day
        and (contract["end"] is None or contract["end"] > day)
        and world.mine(contract)
    }


def retention(world: World) -> Decimal | None:
    if world.day(world.now) < world.start:
        return None
    before, after = active(world, world.start), active(world, world.day(world.instant))
    return ratio(len(before & after), len(before))


def buyers(world: World, instant: datetime) -> set[int]:
    day = world.day(instant)
    try:
        year_ago = day.replace(year=day.year - 1)
    except ValueError:
        year_ago = day.replace(year=day.year - 1, day=28)
    return {
        deal["customer_id"]
        for deal in world.deals
        if deal["outcome"] == "won"
        and deal["customer_id"]
        and datetime.combine(year_ago, time(), SEOUL) <= deal["closed_at"] < instant
        and world.mine(deal)
    }


def purchase_retention(world: World) -> Decimal | None:
    if world.day(world.now) < world.start:
        return None
    before, after = buyers(world, world.starts_at), buyers(world, world.instant)
    return ratio(len(before & after), len(before))


def due(world: World) -> list[tuple[Row, bool, date]]:
    """Every contract that falls due in the period so far, and whether it was renewed."""
    last = world.day(world.instant - timedelta(microseconds=1))
    found = []
    for contract in world.contracts:
        if contract["is_trial"] or contract["billing"] != "recurring" or not world.mine(contract):
            continue
        replaced = any(other["renews_id"] == contract["id"] for other in world.contracts)
        for day in due_days(contract, last):
            if world.start <= day < world.end and day <= last:
                ended = day == contract["end"]
                found.append((contract, not ended or replaced, day))
    return found


def due_days(contract: Row, last: date) -> set[date]:
    days = {contract["end"]} if contract["end"] else set()
    months = contract["term_months"]
    count = 1
    while contract["auto_renew"]:
        day = months_later(contract["start"], months * count)
        if day > (contract["end"] or last):
            break
        days.add(day)
        count += 1
    return days


def months_later(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError


def renewals(world: World) -> Decimal | None:
    rows = due(world)
    return ratio(sum(renewed for _contract, renewed, _day in rows), len(rows))


def renewed_value(world: World) -> Decimal | None:
    top = bottom = Decimal(0)
    for contract, renewed, day in due(world):
        amount = contract["value"]
        if amount is None:
            amount = contract["monthly_price"] * (contract["term_months"] or 0)
        worth = world.worth(amount, contract["currency"], day)
        bottom += worth
        top += worth if renewed else 0
    return ratio(top, bottom)


def first_wins(world: World) -> int:
    count = 0
    for deal in world.won():
        earlier = [
            other
            for other in world.deals
            if other["outcome"] == "won"
            and other["customer_id"] == deal["customer_id"]
            and (other["closed_at"], other["id"]) < (deal["closed_at"], deal["id"])
        ]
        count += deal["customer_id"] is not None and not earlier
    return count


def cac(world: World) -> Decimal | None:
    spent = [
        world.worth(cost["amount"], cost["currency"], cost["day"])
        for cost in world.costs
        if cost["kind"] in ACQUISITION
        and world.start <= cost["day"] < world.end
        and world.user_id is None
        and world.mine(cost)
    ]
    return ratio(sum(spent), first_wins(world)) if spent else None


def attainment(world: World) -> Decimal | None:
    if world.target is None:
        return None
    return ratio(sum(world.closed_worth(world.won())), world.target)


def middle(values: list[Any]) -> Decimal | None:
    return Decimal(median(values)) if values else None


def amounts_won(world: World) -> list[Decimal]:
    return world.closed_worth(world.won())


def known_amounts(world: World) -> list[Decimal]:
    return world.closed_worth([deal for deal in world.won() if deal["amount"] is not None])


FIGURES: dict[tuple[str, str], Callable[[World], Decimal | int | float | None]] = {
    ("lead_volume", "created"): lambda world: len(new_leads(world)),
    ("lead_conversion_rate", "cohort"): cohort_conversion,
    ("lead_conversion_rate", "period"): period_conversion,
    ("new_deals", "created"): lambda world: len(world.created()),
    ("open_deals", "forecast"): lambda world: len(world.open()),
    ("open_deals", "all"): lambda world: len(world.open(omitted=True)),
    ("open_pipeline", "forecast"): lambda world: sum(map(world.open_worth, world.open())),
    ("open_pipeline", "all"): lambda world: sum(map(world.open_worth, world.open(omitted=True))),
    ("weighted_pipeline", "forecast"): weighted,
    ("weighted_pipeline", "all"): lambda world: weighted(world, omitted=True),
    ("pipeline_coverage", "remaining"): coverage,
    ("win_rate", "count"): lambda world: ratio(len(world.won()), len(world.resolved())),
    ("win_rate", "value"): lambda world: ratio(
        sum(amounts_won(world)), sum(world.closed_worth(map(world.last_open, world.resolved())))
    ),
    ("win_rate", "created"): lambda world: ratio(
        sum(deal["outcome"] == "won" for deal in world.created()),
        sum(deal["lost_reason"] not in ("duplicate", "mistake") for deal in world.created()),
    ),
    ("won_deals", "closed"): lambda world: len(world.won()),
    ("won_revenue", "closed"): lambda world: sum(amounts_won(world)),
    ("average_deal_size", "mean"): lambda world: ratio(sum(amounts_won(world)), len(world.won())),
    ("average_deal_size", "median"): lambda world: middle(known_amounts(world)),
    ("sales_cycle", "median"): lambda world: middle(cycles(world)),
    ("sales_cycle", "mean"): lambda world: mean(cycles(world)) if cycles(world) else None,
    ("sales_cycle", "p75"): lambda world: percentile(cycles(world), Decimal("0.75")),
    ("target_attainment", "actual"): attainment,
    ("retention_rate", "contract"): retention,
    ("retention_rate", "purchase"): purchase_retention,
    ("renewal_rate", "count"): renewals,
    ("renewal_rate", "value"): renewed_value,
    ("cac", "paid"): cac,
}
