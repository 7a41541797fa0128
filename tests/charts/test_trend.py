"""Where is it going: a line."""

from typing import Any

from charts.data import Point
from charts.numbers import Unit
from charts.theme import LIGHT, Role
from charts.trend import line
from tests.charts.samples import ENGLISH, KOREAN, d, texts

QUARTER = [
    Point("9월", d(18), last_year=d(10), target=d(20)),
    Point("10월", d(24), last_year=d(12), target=d(20), hover="10월: 수주 24건", href="/deals"),
    Point("11월", d(7), last_year=d(14), target=d(20), running=True),
    Point("12월", None, last_year=d(16), target=d(20)),
]


def trace(figure: Any, role: Role, dash: str | None = None) -> Any:
    found = [
        trace
        for trace in figure.data
        if trace.mode == "lines" and trace.line.color == LIGHT[role] and trace.line.dash == dash
    ]
    assert len(found) == 1
    return found[0]


def test_finished_periods_are_solid_and_the_running_one_dotted() -> None:
    figure = line(QUARTER, Unit.COUNT, KOREAN)

    assert trace(figure, Role.ACTUAL).y == (18, 24, None, None)
    assert trace(figure, Role.ACTUAL, "dot").y == (None, 24, 7, None)


def test_the_grey_line_is_named_for_what_it_is() -> None:
    assert "작년" in texts(line(QUARTER, Unit.COUNT, KOREAN))
    assert "이전 기간" in texts(line(QUARTER, Unit.COUNT, KOREAN, earlier="이전 기간"))


def test_last_year_is_grey_and_the_target_dashed() -> None:
    figure = line(QUARTER, Unit.COUNT, KOREAN)

    assert trace(figure, Role.LAST_YEAR).y == (10, 12, 14, 16)
    assert trace(figure, Role.LAST_YEAR).line.width < trace(figure, Role.ACTUAL).line.width
    assert trace(figure, Role.TARGET, "dash").y == (20, 20, 20, 20)


def test_lines_are_named_at_their_ends_instead_of_in_a_legend() -> None:
    figure = line(QUARTER, Unit.COUNT, KOREAN)

    assert {"작년", "목표", "<b>7</b>"} <= set(texts(figure))
    assert figure.layout.showlegend is False


def test_names_that_would_overlap_are_moved_apart() -> None:
    close = [Point("1월", d(100), last_year=d(100), target=d(100))]

    shifts = [label.yshift for label in line(close, Unit.COUNT, KOREAN).layout.annotations[1:]]

    assert shifts == [0, 16, 32]


def test_nothing_measured_is_a_gap_and_not_zero() -> None:
    points = [Point("1월", d(5)), Point("2월", None), Point("3월", d(0))]

    dots = line(points, Unit.COUNT, KOREAN).data[-1]

    assert dots.y == (5, None, 0)
    assert dots.x == (0, 1, 2)


def test_dots_say_a_sentence_and_lead_somewhere() -> None:
    dots = line(QUARTER, Unit.COUNT, KOREAN).data[-1]

    assert dots.hovertext == ("9월: 18", "10월: 수주 24건", "11월: 7", "12월: –")
    assert dots.customdata == ("", "/deals", "", "")
    assert dots.hoverinfo == "text"


def test_only_the_running_dot_is_hollow() -> None:
    dots = line(QUARTER, Unit.COUNT, KOREAN).data[-1]

    hollow = [colour == LIGHT[Role.SURFACE] for colour in dots.marker.color]
    assert hollow == [False, False, True, False]


def test_the_axis_starts_at_zero_and_names_its_unit_once() -> None:
    points = [Point("1월", d(1_200_000_000)), Point("2월", d(2_900_000_000))]

    figure = line(points, Unit.MONEY, KOREAN)

    assert figure.layout.yaxis.range[0] == 0
    assert figure.layout.yaxis.ticktext == ("0", "10", "20", "30")
    assert figure.layout.yaxis.title.text is None
    assert texts(figure)[0] == "억 원"


def test_a_long_trend_labels_no_more_periods_than_fit_and_always_the_last() -> None:
    points = [Point(f"W{week}", d(week)) for week in range(1, 54)]

    axis = line(points, Unit.COUNT, ENGLISH).layout.xaxis

    assert len(axis.ticktext) <= 12
    assert axis.ticktext[-1] == "W53"


def test_equal_labels_stay_apart() -> None:
    points = [Point("1월", d(1)), Point("1월", d(2))]

    assert line(points, Unit.COUNT, KOREAN).data[-1].x == (0, 1)


def test_without_values_it_says_so() -> None:
    for points in ([], [Point("1월", None)]):
        figure = line(points, Unit.MONEY, KOREAN)
        assert not figure.data
        assert texts(figure) == ["아직 보여 드릴 데이터가 없어요."]


def test_names_stand_beyond_the_last_line_so_that_none_runs_through_them() -> None:
    points = [Point("11월", d(5), d(4), d(9)), Point("12월", None, d(8))]

    names = line(points, Unit.COUNT, KOREAN).layout.annotations[1:]

    assert {name.x for name in names} == {1}
