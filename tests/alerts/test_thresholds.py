"""A new rule starts with a threshold that means something."""

from __future__ import annotations

from decimal import Decimal

import pytest

from alerts.thresholds import suggested
from charts.numbers import Unit


@pytest.mark.parametrize(
    ("value", "direction", "unit", "expected"),
    [
        ("837000000", "below", Unit.MONEY, "750000000"),
        ("837000000", "above", Unit.MONEY, "930000000"),
        ("0.6315", "below", Unit.PERCENT, "0.56"),
        ("51.8", "above", Unit.DAYS, "57"),
        ("3", "below", Unit.COUNT, "2"),
        ("3", "above", Unit.COUNT, "4"),
        ("1234", "below", Unit.COUNT, "1100"),
    ],
)
def test_a_threshold_is_suggested_a_tenth_away(
    value: str, direction: str, unit: Unit, expected: str
) -> None:
    assert suggested(Decimal(value), direction, unit) == Decimal(expected)


@pytest.mark.parametrize("value", [None, Decimal(0), Decimal(-5), Decimal(1)])
def test_where_a_tenth_worse_means_nothing_none_is_suggested(value: Decimal | None) -> None:
    assert suggested(value, "below", Unit.COUNT) is None
