"""A line as small as a word."""

import re
from decimal import Decimal
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from charts.sparkline import HEIGHT, WIDTH, sparkline
from tests.charts.samples import d

values = st.lists(st.none() | st.decimals(-(10**12), 10**12, places=2), max_size=12)


def path(svg: str, name: str = "sparkline-line") -> str | None:
    found = ElementTree.fromstring(svg).find(f"path[@class='{name}']")
    return None if found is None else found.get("d")


def test_values_go_from_left_to_right_and_up() -> None:
    assert path(sparkline([d(0), d(5), d(10)])) == "M3.0 29.0L60.0 16.0L117.0 3.0"


def test_a_gap_breaks_the_line() -> None:
    assert path(sparkline([d(0), d(10), None, d(5), d(0)])) == (
        "M3.0 29.0L31.5 3.0M88.5 16.0L117.0 29.0"
    )


def test_a_single_value_is_a_dot_in_the_middle() -> None:
    assert path(sparkline([d(7)])) == "M3.0 16.0h0"
    assert path(sparkline([None, d(7), None])) == "M60.0 16.0h0"


def test_equal_values_are_a_level_line() -> None:
    assert path(sparkline([d(4), d(4)])) == "M3.0 16.0L117.0 16.0"


def test_last_year_shares_the_scale() -> None:
    svg = sparkline([d(5), d(5)], last_year=[d(0), d(10)])

    assert path(svg) == "M3.0 16.0L117.0 16.0"
    assert path(svg, "sparkline-last-year") == "M3.0 29.0L117.0 3.0"


def test_the_newest_value_is_marked_if_there_is_one() -> None:
    assert '<path class="sparkline-dot" d="M117.0 3.0h0"' in sparkline([d(0), d(1)])
    assert "sparkline-dot" not in sparkline([d(0), None])


def test_it_is_hidden_from_screen_readers_and_takes_the_pages_colours() -> None:
    svg = sparkline([d(1), d(2)], last_year=[d(2), d(1)])

    assert 'aria-hidden="true"' in svg
    assert set(re.findall(r'(?:stroke|fill)="([^"]+)"', svg)) == {"currentColor", "none"}


def test_without_values_there_is_nothing_to_draw() -> None:
    assert sparkline([]) == sparkline([None, None], [None]) == ""


@given(values, values)
def test_every_line_stays_inside(now: list[Decimal | None], before: list[Decimal | None]) -> None:
    svg = sparkline(now, before)

    for stroke in re.findall(r' d="([^"]+)"', svg):
        for x, y in re.findall(r"[ML]([\d.-]+) ([\d.-]+)", stroke):
            assert 0 <= float(x) <= WIDTH
            assert 0 <= float(y) <= HEIGHT
