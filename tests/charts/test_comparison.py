"""Who does what: dots and the team's median."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from charts.comparison import dot_comparison, middle_of, rank
from charts.data import Dot
from charts.numbers import Unit
from charts.theme import LIGHT, Role
from tests.charts.samples import ENGLISH, KOREAN, d, texts

TEAM = [
    Dot("지우", d("0.58")),
    Dot("하늘", None),
    Dot("민수", d("0.712"), href="/minsu"),
    Dot("보라", d("0.64"), ramping=True),
]


def test_dots_are_sorted_with_the_best_on_top() -> None:
    figure = dot_comparison(TEAM, Unit.PERCENT, KOREAN)
    (dots,) = figure.data

    assert dots.x == (0.712, 0.64, 0.58, None)
    assert dots.text == ("71.2\u00a0%", "64.0\u00a0%", "58.0\u00a0%", "–")
    assert dots.customdata == ("/minsu", "", "", "")
    assert figure.layout.yaxis.ticktext == ("민수", "보라 (적응 중)", "지우", "하늘 –")


def test_parts_of_something_stand_against_all_of_it() -> None:
    figure = dot_comparison(TEAM, Unit.PERCENT, KOREAN, whole=d("0.6"))

    assert figure.layout.shapes[0].x0 == 0.6
    assert "전체 60.0\u00a0%" in texts(figure)


def test_figures_stand_off_the_line_of_the_median() -> None:
    (dots,) = dot_comparison(TEAM, Unit.PERCENT, KOREAN).data

    assert dots.textposition == ("middle right", "middle right", "middle left", "middle right")


def test_the_lowest_is_on_top_where_down_is_good() -> None:
    ranked = rank(TEAM, down_is_good=True)

    assert [dot.label for dot in ranked] == ["지우", "보라", "민수", "하늘"]


def test_the_median_is_a_line_with_its_value() -> None:
    figure = dot_comparison(TEAM, Unit.PERCENT, KOREAN)

    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (0.64, 0.64)
    assert texts(figure) == ["팀 중앙값 64.0\u00a0%"]


def test_new_people_are_hollow_dots() -> None:
    colours = dot_comparison(TEAM, Unit.PERCENT, ENGLISH).data[0].marker.color

    assert [colour == LIGHT[Role.SURFACE] for colour in colours] == [False, True, False, False]


def test_the_axis_follows_the_dots_and_need_not_start_at_zero() -> None:
    low, high = dot_comparison(TEAM, Unit.PERCENT, KOREAN).layout.xaxis.range

    assert 0 < low < 0.58
    assert high > 0.712


@given(st.lists(st.decimals(-100, 100, places=2), min_size=1))
def test_half_of_the_people_are_on_either_side_of_the_median(values: list[Decimal]) -> None:
    middle = middle_of([Dot("x", value) for value in values])

    assert middle is not None
    assert sum(value < middle for value in values) <= len(values) / 2
    assert sum(value > middle for value in values) <= len(values) / 2


def test_without_values_it_says_so() -> None:
    figure = dot_comparison([Dot("하늘", None)], Unit.PERCENT, ENGLISH)

    assert texts(figure) == ["Nothing to show here yet."]


def test_the_median_is_that_of_all_however_few_are_drawn() -> None:
    dots = [Dot(str(value), Decimal(value)) for value in (9, 8, 3, 2, 1)]
    figure = dot_comparison(dots, Unit.COUNT, ENGLISH, most=2)
    assert list(figure.data[0].x) == [9, 8]
    assert figure.layout.shapes[0].x0 == 3
