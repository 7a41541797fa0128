"""A second, naive implementation of the forecast where nobody has submitted or adjusted."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tests.kpis.naive import World


def promised(world: World, *categories: str) -> Decimal:
    """What is won in the period, and open deals of these categories expected in it."""
    due = [
        deal
        for deal in world.open(omitted=True)
        if world.category(deal) in categories
        and deal["expected_close"]
        and world.start <= deal["expected_close"] < world.end
    ]
    return sum(map(world.open_worth, due), sum(world.closed_worth(world.won()), Decimal(0)))


def commit(world: World) -> Decimal:
    return promised(world, "commit", "closed")


def best_case(world: World) -> Decimal:
    return promised(world, "best_case", "commit", "closed")


def gap(world: World) -> Decimal | None:
    return None if world.target is None else commit(world) - world.target


FIGURES: dict[tuple[str, str], Callable[[World], Decimal | int | float | None]] = {
    (kpi, basis): figure
    for kpi, figure in (
        ("forecast_commit", commit),
        ("forecast_best_case", best_case),
        ("forecast_gap", gap),
    )
    for basis in ("called", "system")
}
FIGURES["forecast_p50", "median"] = lambda _world: None
