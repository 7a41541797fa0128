"""Small lines: one for each part, all on one scale."""

from decimal import Decimal

from charts.data import Point, Series, Style
from charts.multiples import MOST, small_lines
from charts.numbers import Unit

STYLE = Style("en", "KRW")


def series(label: str, *values: int | None) -> Series:
    points = [
        Point(f"M{place}", None if value is None else Decimal(value), running=place == 2)
        for place, value in enumerate(values)
    ]
    return Series(label, points)


def test_each_part_has_its_own_place_on_one_scale() -> None:
    figure = small_lines([series("A", 1, 5, 2), series("B", 90, 10, None)], Unit.COUNT, STYLE)

    assert [list(trace.y) for trace in figure.data] == [[1, 5, 2], [90, 10, None]]
    assert figure.layout.yaxis.range == figure.layout.yaxis2.range == (0, 100)
    assert figure.layout.xaxis.domain[1] < figure.layout.xaxis2.domain[0]
    assert list(figure.layout.xaxis.ticktext) == ["M0", "M2"]


def test_each_line_is_named_with_its_last_value() -> None:
    figure = small_lines([series("A<b>", 1, 5, 2), series("B", 90, 10, None)], Unit.COUNT, STYLE)

    texts = [each.text for each in figure.layout.annotations]
    assert texts == ["A&lt;b&gt;<br><b>2</b>", "B<br><b>10</b>"]


def test_the_running_point_is_hollow() -> None:
    (trace,) = small_lines([series("A", 1, 5, 2)], Unit.COUNT, STYLE).data

    assert trace.marker.color[0] == trace.marker.color[1] != trace.marker.color[2]


def test_no_more_are_drawn_than_can_be_told_apart() -> None:
    figure = small_lines([series(str(place), 1, 2, 3) for place in range(20)], Unit.COUNT, STYLE)

    assert len(figure.data) == MOST


def test_without_any_value_it_says_so() -> None:
    assert not small_lines([series("A", None, None)], Unit.COUNT, STYLE).data
