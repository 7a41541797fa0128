"""Where does money come from: bars by segment."""

from charts.data import Segment
from charts.numbers import Unit
from charts.segments import fold, segment_bars
from charts.theme import LIGHT, Role
from tests.charts.samples import ENGLISH, KOREAN, d, texts


def many(count: int, margin: int | None = 2) -> list[Segment]:
    return [
        Segment(f"S{n}", d(n), None if margin is None else d(margin)) for n in range(1, count + 1)
    ]


def test_the_largest_segment_is_on_top() -> None:
    rows = fold([Segment("a", d(1)), Segment("b", d(3)), Segment("c", None)], ENGLISH)

    assert [row.label for row in rows] == ["b", "a", "c"]


def test_beyond_the_eight_largest_the_rest_is_folded_into_their_sum() -> None:
    rows = fold(many(11), KOREAN)

    assert [row.label for row in rows[:8]] == [f"S{n}" for n in range(11, 3, -1)]
    assert (rows[8].label, rows[8].value, rows[8].margin) == ("그 외 3개", d(6), d(6))
    assert fold(many(11), ENGLISH)[8].label == "3 others"


def test_folding_keeps_the_total() -> None:
    for count in range(1, 20):
        rows = fold(many(count), KOREAN)
        assert sum(row.value or 0 for row in rows) == count * (count + 1) / 2
        assert len(rows) <= 9


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    (*_largest, others) = fold([*many(10), Segment("S0", d(0), margin=None)], KOREAN)
    assert (others.value, others.margin) == (d(3), None)

    (*_largest, others) = fold([*many(10), Segment("S0", None, d(2))], KOREAN)
    assert (others.value, others.margin) == (None, d(6))


def test_margin_is_a_dot_on_the_same_axis_red_below_zero() -> None:
    segments = [Segment("a", d(9), d(3)), Segment("b", d(5), d(-1)), Segment("c", d(2))]

    figure = segment_bars(segments, Unit.MONEY, ENGLISH)
    bars, margins = figure.data

    assert bars.x == (9, 5, 2)
    assert margins.x == (3, -1, None)
    assert margins.marker.color[:2] == (LIGHT[Role.GOOD], LIGHT[Role.BAD])
    assert texts(figure) == ["◆ Margin"]
    assert figure.layout.xaxis.range[0] < -1
    assert "xaxis2" not in figure.to_plotly_json()["layout"]


def test_without_margins_none_are_named() -> None:
    figure = segment_bars(many(3, margin=None), Unit.MONEY, KOREAN)

    assert figure.data[1].x == (None, None, None)
    assert texts(figure) == []
    assert figure.layout.xaxis.range[0] == 0


def test_without_values_it_says_so() -> None:
    figure = segment_bars([Segment("a", None, d(1))], Unit.MONEY, ENGLISH)

    assert texts(figure) == ["Nothing to show here yet."]
