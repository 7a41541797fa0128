"""Axes: round ticks that enclose the values."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts.axes import round_ticks, row_axis, value_axis
from charts.numbers import Unit
from tests.charts.samples import ENGLISH, KOREAN, d

amounts = st.decimals(-(10**15), 10**15, places=4)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        ("0", "29", ["0", "10", "20", "30"]),
        ("0", "0.83", ["0", "0.5", "1.0"]),
        ("0", "0.7", ["0", "0.2", "0.4", "0.6", "0.8"]),
        ("-3", "8", ["-5", "0", "5", "10"]),
        ("0", "0", ["0", "0.5"]),
    ],
)
def test_ticks_are_round(low: str, high: str, ticks: list[str]) -> None:
    assert round_ticks(d(low), d(high), Unit.MONEY) == list(map(d, ticks))


def test_counts_have_whole_ticks() -> None:
    assert round_ticks(d(0), d(2), Unit.COUNT) == [0, 1, 2]
    assert round_ticks(d(0), d(0), Unit.COUNT) == [0, 1]


@given(amounts, amounts, st.sampled_from(Unit))
def test_ticks_enclose_the_values_in_few_even_steps(
    one: Decimal, other: Decimal, unit: Unit
) -> None:
    low, high = sorted((one, other))

    ticks = round_ticks(low, high, unit)

    assert ticks[0] <= low <= high <= ticks[-1]
    assert 2 <= len(ticks) <= 7
    assert len({after - before for before, after in pairwise(ticks)}) == 1


def test_an_axis_of_values_starts_at_zero_and_leaves_room() -> None:
    axis = value_axis([d("0.3"), d("0.7")], Unit.PERCENT, KOREAN, room=d("0.25"))

    assert axis["range"] == [0, 1]
    assert axis["ticktext"] == ["0", "20", "40", "60", "80"]
    assert axis["title"]["text"] == "%"


def test_values_of_one_sign_below_zero_leave_zero_at_the_end() -> None:
    axis = value_axis([d(-7)], Unit.COUNT, ENGLISH)

    assert axis["range"] == [-8, 0]
    assert axis["ticktext"][0] == "−8"


def test_a_long_name_is_cut_where_it_would_take_the_room_of_the_marks() -> None:
    (label,) = row_axis(["A very long segment name indeed"], ENGLISH)["ticktext"]

    assert label == "A very long segment nam…"
