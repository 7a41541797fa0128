"""What changed: a waterfall."""

from charts.data import Step
from charts.numbers import Unit
from charts.theme import LIGHT, Role
from charts.waterfalls import levels, waterfall
from tests.charts.samples import KOREAN, d, texts

STEPS = [
    Step("시작", d(50), total=True),
    Step("신규", d(21), href="/deals?new"),
    Step("실주", d(-28)),
    Step("끝", d(43), total=True),
]


def test_totals_stand_on_zero_and_changes_hang_between_them() -> None:
    (bars,) = waterfall(STEPS, Unit.COUNT, KOREAN).data

    assert bars.type == "waterfall"
    assert bars.y == (50, 21, -28, 43)
    assert bars.measure == ("absolute", "relative", "relative", "absolute")


def test_what_is_written_under_a_fall_to_nothing_stays_in_the_frame() -> None:
    to_nothing = [
        Step("시작", d(50), total=True),
        Step("실주", d(-49)),
        Step("끝", d(1), total=True),
    ]

    assert waterfall(STEPS, Unit.COUNT, KOREAN).layout.yaxis.range[0] == 0
    assert waterfall(to_nothing, Unit.COUNT, KOREAN).layout.yaxis.range[0] < 0


def test_changes_are_signed_and_totals_are_not() -> None:
    (bars,) = waterfall(STEPS, Unit.COUNT, KOREAN).data

    assert bars.text == ("50", "+21", "−28", "43")


def test_each_bar_opens_its_deals() -> None:
    (bars,) = waterfall(STEPS, Unit.COUNT, KOREAN).data

    assert bars.customdata == ("", "/deals?new", "", "")


def test_gains_losses_and_totals_have_their_colours() -> None:
    (bars,) = waterfall(STEPS, Unit.COUNT, KOREAN).data

    assert bars.increasing.marker.color == LIGHT[Role.GOOD]
    assert bars.decreasing.marker.color == LIGHT[Role.BAD]
    assert bars.totals.marker.color == LIGHT[Role.ACTUAL]


def test_the_axis_holds_every_level_on_the_way() -> None:
    assert levels(STEPS) == [50, 71, 43, 43]
    low, high = waterfall(STEPS, Unit.COUNT, KOREAN).layout.yaxis.range
    assert low == 0
    assert high > 71


def test_a_way_below_zero_is_shown() -> None:
    steps = [Step("a", d(1), total=True), Step("b", d(-4)), Step("c", d(-3), total=True)]

    assert waterfall(steps, Unit.COUNT, KOREAN).layout.yaxis.range[0] <= -3


def test_without_steps_it_says_so() -> None:
    assert texts(waterfall([], Unit.MONEY, KOREAN)) == ["아직 보여 드릴 데이터가 없어요."]
