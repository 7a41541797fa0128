"""How far one figure is from another."""

from __future__ import annotations

from decimal import Decimal


def change_between(
    now: Decimal | None, before: Decimal | None, *, in_points: bool
) -> Decimal | None:
    """As a fraction of a base above zero, or in points of a rate."""
    if now is None or before is None:
        return None
    if in_points:
        return now - before
    return (now - before) / before if before > 0 else None
