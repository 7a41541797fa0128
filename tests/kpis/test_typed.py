"""Numbers are read as people type them, and shown so that they can be typed again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from charts.numbers import Unit
from kpis.typed import read_number, typed


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
    assert read_number(text, unit) == value


@pytest.mark.parametrize("text", ["", "-", "a lot", "1..2", "1e5", "--3", "10억원만큼", "9" * 30])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read_number(text, Unit.MONEY)


@given(
    st.decimals(-(10**16), 10**16, places=6),
    st.sampled_from([Unit.MONEY, Unit.PERCENT, Unit.COUNT]),
    st.sampled_from(["ko", "en"]),
)
def test_what_is_shown_reads_back(value: Decimal, unit: Unit, language: str) -> None:
    scaled = value / 100 if unit is Unit.PERCENT else value
    assert read_number(typed(scaled, unit, language=language), unit) == scaled


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
