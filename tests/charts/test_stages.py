"""What is in the pipeline: bars by stage."""

from charts.data import Stage
from charts.numbers import Unit
from charts.stages import stage_bars
from charts.theme import LIGHT, Role
from tests.charts.samples import ENGLISH, KOREAN, d, texts

STAGES = [
    Stage("기회 검증", d("3.2e9"), 41, conversion=d("0.33")),
    Stage("문제 파악", d("5.4e9"), 1, conversion=d(1), bottleneck=True),
    Stage("가격 협상", d("1.2e9"), 6, conversion=d("0.3")),
]


def test_a_bar_per_stage_from_zero_in_the_order_of_the_process() -> None:
    figure = stage_bars(STAGES, Unit.MONEY, KOREAN)
    (bars,) = figure.data

    assert (bars.orientation, bars.x) == ("h", (3.2e9, 5.4e9, 1.2e9))
    assert figure.layout.yaxis.ticktext == ("기회 검증", "문제 파악", "가격 협상")
    assert figure.layout.xaxis.range[0] == 0


def test_a_stage_without_a_count_says_its_value_alone() -> None:
    assert stage_bars([Stage("기회 검증", d(41))], Unit.COUNT, KOREAN).data[0].text == ("41",)


def test_amount_count_and_bottleneck_are_said_in_words() -> None:
    assert stage_bars(STAGES, Unit.MONEY, KOREAN).data[0].text == (
        "32억 · 41건",
        "54억 · 1건 · <b>병목</b>",
        "12억 · 6건",
    )
    assert stage_bars(STAGES, Unit.MONEY, ENGLISH).data[0].text[1] == (
        "$5.4B · 1 deal · <b>bottleneck</b>"
    )


def test_the_bottleneck_has_a_colour_of_its_own_too() -> None:
    colours = stage_bars(STAGES, Unit.MONEY, KOREAN).data[0].marker.color

    assert colours == (LIGHT[Role.ACTUAL], LIGHT[Role.BAD], LIGHT[Role.ACTUAL])


def test_the_conversion_stands_between_a_stage_and_the_next() -> None:
    labels = stage_bars(STAGES, Unit.MONEY, KOREAN).layout.annotations

    assert [(label.y, label.text) for label in labels] == [
        (0.5, "↓ 33.0\u00a0%"),
        (1.5, "↓ 100.0\u00a0%"),
    ]


def test_an_unknown_conversion_is_left_out() -> None:
    stages = [Stage("A", d(1), 1), Stage("B", d(1), 1)]

    assert texts(stage_bars(stages, Unit.MONEY, ENGLISH)) == []


def test_without_values_it_says_so() -> None:
    assert texts(stage_bars([], Unit.MONEY, ENGLISH)) == ["Nothing to show here yet."]
