"""How far to target: a bullet."""

from charts.bullets import bullet
from charts.data import Bullet
from charts.numbers import Unit
from tests.charts.samples import ENGLISH, KOREAN, d, texts

SEOUL = Bullet("서울 1팀", d("12.1e9"), d("12.7e9"), d("11.4e9"), note="목표의 95 %")
BUSAN = Bullet("부산 1팀", None, d("8e9"), hover="부산 1팀: 아직 수주가 없어요", href="/busan")


def test_the_bar_is_the_actual_value_with_marks_for_pace_and_target() -> None:
    bars, pace, target = bullet([SEOUL, BUSAN], Unit.MONEY, KOREAN).data

    assert bars.type == "bar"
    assert bars.x == (12.1e9, None)
    assert pace.x == (11.4e9, None)
    assert target.x == (12.7e9, 8e9)
    assert bars.y == pace.y == target.y == (0, 1)


def test_value_and_note_stand_beside_each_row() -> None:
    assert texts(bullet([SEOUL, BUSAN], Unit.MONEY, KOREAN))[-2:] == ["121억 · 목표의 95 %", "–"]


def test_the_marks_are_named_away_from_each_other() -> None:
    ahead = Bullet("Team", d(9), target=d(8), pace=d(4))
    behind = Bullet("Team", d(9), target=d(4), pace=d(8))

    def sides(row: Bullet) -> dict[str, str]:
        labels = bullet([row], Unit.COUNT, ENGLISH).layout.annotations[:2]
        return {label.text: label.xanchor for label in labels}

    assert sides(ahead) == {"Pace": "right", "Target": "left"}
    assert sides(behind) == {"Pace": "left", "Target": "right"}


def test_bars_start_at_zero_and_the_first_row_is_on_top() -> None:
    layout = bullet([SEOUL, BUSAN], Unit.MONEY, KOREAN).layout

    assert layout.xaxis.range[0] == 0
    assert layout.yaxis.range[0] > layout.yaxis.range[1]
    assert layout.yaxis.ticktext == ("서울 1팀", "부산 1팀")


def test_a_row_says_its_sentence_and_opens() -> None:
    bars = bullet([SEOUL, BUSAN], Unit.MONEY, KOREAN).data[0]

    assert bars.hovertext == ("서울 1팀: 121억", "부산 1팀: 아직 수주가 없어요")
    assert bars.customdata == ("", "/busan")


def test_without_values_it_says_so() -> None:
    assert texts(bullet([], Unit.MONEY, ENGLISH)) == ["Nothing to show here yet."]
