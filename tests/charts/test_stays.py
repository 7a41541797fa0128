"""Where it hangs: how long deals stay in a stage, and how long they did."""

from charts.data import Stay
from charts.finding import bottleneck_finding
from charts.numbers import Unit
from charts.stays import stay_bars
from charts.theme import LIGHT, Role
from tests.charts.samples import ENGLISH, KOREAN, d, texts

STAYS = [
    Stay("기회 검증", d("10.5"), d("12")),
    Stay("문제 파악", d("30"), d("21"), bottleneck=True),
    Stay("가격 협상", None, d("4")),
]


def test_a_bar_per_stage_and_a_line_for_the_time_before() -> None:
    bars, before, _texts = stay_bars(STAYS, Unit.DAYS, KOREAN).data

    assert bars.x == (10.5, 30.0, None)
    assert before.x == (12.0, 21.0, 4.0)


def test_the_bottleneck_is_said_in_words_and_has_a_colour() -> None:
    bars, _before, said = stay_bars(STAYS, Unit.DAYS, KOREAN).data

    assert said.text[1] == " 30.0일 · <b>병목</b>"
    assert bars.marker.color[1] == LIGHT[Role.BAD]
    assert bottleneck_finding(STAYS, ENGLISH) == "Deals spend the most time in “문제 파악”"


def test_words_stand_right_of_the_bar_and_of_the_line() -> None:
    said = stay_bars(STAYS, Unit.DAYS, KOREAN).data[2]

    assert said.x == (12.0, 30.0, 4.0)


def test_without_values_it_says_so() -> None:
    assert texts(stay_bars([], Unit.DAYS, ENGLISH)) == ["Nothing to show here yet."]


def test_the_axis_leaves_room_for_what_is_said_of_the_longest_bar() -> None:
    long = [Stay("발굴", d(33), bottleneck=True), Stay("제안", d(8))]
    short = [Stay("발굴", d(33)), Stay("제안", d(8))]

    said = stay_bars(long, Unit.DAYS, KOREAN).layout.xaxis.range[1]

    assert said > stay_bars(short, Unit.DAYS, KOREAN).layout.xaxis.range[1] > 33
