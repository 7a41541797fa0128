"""Titles that state the finding."""

import pytest

from charts.data import Dot, Segment, Stage, Step
from charts.finding import (
    attainment_finding,
    bottleneck_finding,
    change_finding,
    comparison_finding,
    concentration_finding,
    waterfall_finding,
)
from charts.korean import subject
from charts.numbers import Unit
from tests.charts.samples import ENGLISH, KOREAN, d


def plain(text: str | None) -> str:
    """The title with ordinary spaces."""
    return (text or "").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("attainment", "korean", "english"),
    [
        ("1.06", "서울 1팀이 목표를 6 % 앞섭니다", "서울 1팀 is 6 % ahead of target"),
        ("0.83", "서울 1팀이 목표에 17 % 못 미칩니다", "서울 1팀 is 17 % short of target"),
        ("1.001", "서울 1팀이 목표에 도달했습니다", "서울 1팀 is on target"),
    ],
)
def test_how_far_to_target(attainment: str, korean: str, english: str) -> None:
    assert plain(attainment_finding("서울 1팀", d(attainment), KOREAN)) == korean
    assert plain(attainment_finding("서울 1팀", d(attainment), ENGLISH)) == english


def test_how_a_kpi_moved() -> None:
    basis = "작년 같은 52일"

    assert plain(change_finding("수주 금액", d("0.12"), basis, KOREAN)) == (
        "수주 금액이 작년 같은 52일보다 12 % 늘었습니다"
    )
    assert plain(change_finding("수주율", d("-0.034"), basis, KOREAN, unit=Unit.POINTS)) == (
        "수주율이 작년 같은 52일보다 3.4 %p 낮습니다"
    )
    assert plain(change_finding("수주율", d(0), basis, KOREAN)) == (
        "수주율이 작년 같은 52일 대비 그대로입니다"
    )
    assert plain(change_finding("Sales cycle", d("-0.25"), "last year", ENGLISH)) == (
        "Sales cycle is down 25 % on last year"
    )


def test_where_it_hangs() -> None:
    stages = [Stage("기회 검증", d(1), 1), Stage("가격 협상", d(1), 1, bottleneck=True)]

    assert bottleneck_finding(stages, KOREAN) == "기회가 가장 오래 머무는 단계는 ‘가격 협상’입니다"
    assert bottleneck_finding(stages, ENGLISH) == "Deals spend the most time in “가격 협상”"


def test_who_is_ahead() -> None:
    dots = [Dot("지우", d("0.5")), Dot("민수", d("0.7")), Dot("하늘", None)]

    assert plain(comparison_finding(dots, Unit.PERCENT, KOREAN)) == (
        "민수가 가장 앞섭니다(70.0 %, 팀 중앙값 60.0 %)"
    )
    assert plain(comparison_finding(dots, Unit.PERCENT, ENGLISH, down_is_good=True)) == (
        "지우 leads with 50.0 %; the team’s median is 60.0 %"
    )


def test_where_money_comes_from() -> None:
    segments = [Segment(label, d(value)) for label, value in zip("abcd", (1, 6, 2, 1), strict=True)]

    assert plain(concentration_finding(segments, KOREAN)) == "상위 3개가 전체의 90 %를 차지합니다"
    assert plain(concentration_finding(segments, ENGLISH)) == "The top 3 bring 90 % of the total"


def test_what_moved_the_pipeline() -> None:
    steps = [
        Step("시작", d("5e9"), total=True),
        Step("신규", d("3e9")),
        Step("감액", d("-1e9")),
        Step("실주", d("-2.8e9")),
        Step("끝", d("4.2e9"), total=True),
    ]

    assert waterfall_finding("파이프라인", steps, Unit.MONEY, KOREAN) == (
        "파이프라인이 8억 줄었습니다(가장 큰 요인: 실주 −28억)"
    )
    assert waterfall_finding("Pipeline", steps, Unit.MONEY, ENGLISH) == (
        "Pipeline fell by $800M, most of all by 실주 (−$2.8B)"
    )


def test_a_pipeline_that_ends_where_it_began_is_unchanged() -> None:
    steps = [Step("a", d(5), total=True), Step("b", d(5), total=True)]

    assert waterfall_finding("Pipeline", steps, Unit.MONEY, ENGLISH) == "Pipeline is unchanged"


def test_where_nothing_can_be_computed_nothing_is_claimed() -> None:
    tied = [Dot("민수", d(1)), Dot("지우", d(1))]

    assert attainment_finding("팀", None, KOREAN) is None
    assert change_finding("수주율", None, "작년", KOREAN) is None
    assert bottleneck_finding([Stage("A", d(1), 1)], KOREAN) is None
    assert comparison_finding(tied, Unit.COUNT, KOREAN) is None
    assert comparison_finding([], Unit.COUNT, KOREAN) is None
    assert concentration_finding([Segment("a", d(1))] * 3, KOREAN) is None
    assert concentration_finding([Segment("a", d(0))] * 4, KOREAN) is None
    assert waterfall_finding("P", [Step("a", d(1), total=True)], Unit.MONEY, KOREAN) is None


@pytest.mark.parametrize(
    ("word", "with_particle"),
    [
        ("서울 1팀", "서울 1팀이"),
        ("민수", "민수가"),
        ("수주율", "수주율이"),
        ("Q1", "Q1이"),
        ("Q2", "Q2가"),
        ("ARM", "ARM이"),
        ("CAC", "CAC가"),
        ("이익(세전)", "이익(세전)이"),
        ("—", "—가"),
    ],
)
def test_the_korean_particle_follows_the_last_sound(word: str, with_particle: str) -> None:
    assert subject(word) == with_particle
