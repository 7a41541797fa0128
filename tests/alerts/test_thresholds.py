"""Thresholds are read as people type them, and shown so that they can be typed again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from alerts.thresholds import read_threshold, suggested, typed
from charts.numbers import Unit


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("10억", Unit.MONEY, 1_000_000_000),
        ("1억 5,000만", Unit.MONEY, 150_000_000),
        ("₩12.7B", Unit.MONEY, 12_700_000_000),
        ("500k", Unit.MONEY, 500_000),
        ("12,700,000,000원", Unit.MONEY, 12_700_000_000),
        ("35", Unit.PERCENT, Decimal("0.35")),
        ("33.3 %", Unit.PERCENT, Decimal("0.333")),
        ("−5", Unit.PERCENT, Decimal("-0.05")),
        ("3×", Unit.RATIO, 3),
        ("45일", Unit.DAYS, 45),
        (".5", Unit.RATIO, Decimal("0.5")),
    ],
)
def test_read(text: str, unit: Unit, value: int | Decimal) -> None:
    assert read_threshold(text, unit) == value


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


@pytest.mark.parametrize("text", ["", "-", "a lot", "1..2", "1e5", "--3", "10억원만큼", "9" * 30])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read_threshold(text, Unit.MONEY)


@given(
    st.decimals(-(10**16), 10**16, places=6),
    st.sampled_from([Unit.MONEY, Unit.PERCENT, Unit.COUNT]),
    st.sampled_from(["ko", "en"]),
)
def test_what_is_shown_reads_back(value: Decimal, unit: Unit, language: str) -> None:
    scaled = value / 100 if unit is Unit.PERCENT else value
    assert read_threshold(typed(scaled, unit, language=language), unit) == scaled


@pytest.mark.parametrize(
    ("value", "korean", "english"),
    [
        (10_000_000_000, "100억", "10B"),
        (1_250_000_000, "12억 5,000만", "1.25B"),
        (12_345, "1만 2,345", "12,345"),
        (0, "0", "0"),
        (-3_000_000, "-300만", "-3M"),
    ],
)
def test_money_is_shown_in_the_persons_large_numbers(value: int, korean: str, english: str) -> None:
    shown = [typed(Decimal(value), Unit.MONEY, language=each) for each in ("ko", "en")]
    assert shown == [korean, english]
