"""What goes to the browser: compact, safe, and drawn by the small bundle."""

import json

import pytest

from charts.bullets import bullet
from charts.canvas import nothing, to_json
from charts.comparison import dot_comparison
from charts.data import Bullet, Dot, Point, Segment, Stage, Step, Style
from charts.numbers import Unit
from charts.segments import segment_bars
from charts.stages import stage_bars
from charts.theme import DARK, LIGHT, TRANSPARENT
from charts.trend import line
from charts.waterfalls import waterfall
from tests.charts.samples import KOREAN, d

FINANCE_BUNDLE = {
    "scatter", "bar", "histogram", "pie", "funnel", "funnelarea", "waterfall", "indicator",
    "candlestick", "ohlc",
}  # fmt: skip
NAME = "<b>Kim & Lee</b>"
AMOUNT = d(1_234_567_890)


def figures(style: Style) -> dict[str, object]:
    return {
        "line": line([Point(NAME, AMOUNT, AMOUNT, AMOUNT)] * 24, Unit.MONEY, style),
        "bullet": bullet([Bullet(NAME, AMOUNT, AMOUNT, AMOUNT)] * 12, Unit.MONEY, style),
        "stages": stage_bars([Stage(NAME, AMOUNT, 3, d("0.5"))] * 8, Unit.MONEY, style),
        "dots": dot_comparison([Dot(NAME, AMOUNT)] * 30, Unit.MONEY, style),
        "segments": segment_bars([Segment(NAME, AMOUNT, AMOUNT)] * 30, Unit.MONEY, style),
        "waterfall": waterfall([Step(NAME, AMOUNT)] * 14, Unit.MONEY, style),
        "nothing": nothing(style),
    }


KINDS = sorted(figures(KOREAN))


def spec(kind: str, style: Style = KOREAN) -> str:
    return to_json(figures(style)[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_is_small_and_has_no_template(kind: str) -> None:
    assert len(spec(kind).encode()) < 10_000
    assert "template" not in json.loads(spec(kind))["layout"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_finance_bundle_draws_every_trace(kind: str) -> None:
    assert {trace["type"] for trace in json.loads(spec(kind))["data"]} <= FINANCE_BUNDLE


@pytest.mark.parametrize("kind", KINDS)
def test_names_are_shown_as_they_stand_and_close_no_script(kind: str) -> None:
    assert "<" not in spec(kind)
    assert "\\u003cb>Kim" not in spec(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_colour_is_one_that_the_page_can_swap(kind: str) -> None:
    def colours(style: Style) -> set[str]:
        return set(_colours(json.loads(spec(kind, style)))) - {TRANSPARENT}

    assert colours(KOREAN) <= set(LIGHT.values())
    assert colours(Style("ko", "KRW", dark=True)) <= set(DARK.values())


@pytest.mark.parametrize("kind", KINDS)
def test_swapping_the_colours_of_a_light_figure_gives_the_dark_one(kind: str) -> None:
    swapped = spec(kind)
    for role, colour in LIGHT.items():
        swapped = swapped.replace(f'"{colour}"', f'"{DARK[role]}"')

    assert swapped == spec(kind, Style("ko", "KRW", dark=True))


def _colours(node: object, key: str = "") -> list[str]:
    if isinstance(node, dict):
        return [found for key, value in node.items() for found in _colours(value, key)]
    if isinstance(node, list):
        return [found for value in node for found in _colours(value, key)]
    return [str(node)] if key.endswith("color") else []
