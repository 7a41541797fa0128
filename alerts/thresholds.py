"""The threshold that a rule starts with."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from alerts.models import Direction
from charts.numbers import Unit


def suggested(value: Decimal | None, direction: str, unit: Unit) -> Decimal | None:
    """A threshold that a figure reaches once it is a tenth worse; None where that means nothing.

    Two digits are enough for a start, and what is counted is whole.
    """
    if value is None or value <= 0:
        return None
    above = direction == Direction.ABOVE
    far = value * (Decimal("1.1") if above else Decimal("0.9"))
    step = Decimal(1).scaleb(far.adjusted() - 1)
    if unit is Unit.COUNT:
        step = max(step, Decimal(1))
    return far.quantize(step, ROUND_CEILING if above else ROUND_FLOOR) or None
