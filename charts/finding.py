"""The title that states a chart's finding, where one can be computed; else None.

The caller then asks the chart's question instead. Titles are plain text, not HTML.
"""

from collections.abc import Sequence
from decimal import Decimal

from charts.canvas import amount, measured
from charts.comparison import middle_of, rank
from charts.data import Dot, Segment, Stage, Stay, Step, Style
from charts.korean import subject
from charts.language import is_korean
from charts.numbers import Unit, is_zero, write

TOP = 3


def attainment_finding(name: str, attainment: Decimal | None, style: Style) -> str | None:
    """How far `name` is from its target: "서울 1팀이 목표를 6 % 앞섭니다"."""
    if attainment is None:
        return None
    gap, who = _size(attainment - 1, Unit.PERCENT, style), subject(name)
    if not gap:
        return _say(style, f"{who} 목표에 도달했습니다", f"{name} is on target")
    if attainment > 1:
        return _say(style, f"{who} 목표를 {gap} 앞섭니다", f"{name} is {gap} ahead of target")
    return _say(style, f"{who} 목표에 {gap} 못 미칩니다", f"{name} is {gap} short of target")


def change_finding(
    name: str, delta: Decimal | None, basis: str, style: Style, *, unit: Unit = Unit.PERCENT
) -> str | None:
    """How a KPI moved against `basis` ("작년 같은 52일", "the same 52 days last year").

    `delta` is a relative change with unit percent, or a difference with unit points.
    """
    if delta is None:
        return None
    size, what = _size(delta, unit, style), subject(name)
    if not size:
        return _say(style, f"{what} {basis} 대비 그대로입니다", f"{name} is level with {basis}")
    grew, shrank = ("높습니다", "낮습니다") if unit is Unit.POINTS else ("늘었습니다", "줄었습니다")
    if delta > 0:
        return _say(style, f"{what} {basis}보다 {size} {grew}", f"{name} is up {size} on {basis}")
    return _say(style, f"{what} {basis}보다 {size} {shrank}", f"{name} is down {size} on {basis}")


def bottleneck_finding(stages: Sequence[Stage | Stay], style: Style) -> str | None:
    """Which stage holds deals the longest."""
    marked = next((stage.label for stage in stages if stage.bottleneck), None)
    if marked is None:
        return None
    return _say(
        style,
        f"기회가 가장 오래 머무는 단계는 ‘{marked}’입니다",
        f"Deals spend the most time in “{marked}”",
    )


def comparison_finding(
    dots: Sequence[Dot], unit: Unit, style: Style, *, down_is_good: bool = False
) -> str | None:
    """Who is ahead of the rest, and the median; None where nobody is."""
    middle = middle_of(dots)
    ranked = [dot for dot in rank(dots, down_is_good=down_is_good) if dot.value is not None]
    if len(ranked) < 2 or ranked[0].value == ranked[1].value:
        return None
    best, value = ranked[0].label, amount(ranked[0].value, unit, style)
    median = amount(middle, unit, style)
    return _say(
        style,
        f"{subject(best)} 가장 앞섭니다({value}, 팀 중앙값 {median})",
        f"{best} leads with {value}; the team’s median is {median}",
    )


def concentration_finding(segments: Sequence[Segment], style: Style) -> str | None:
    """What share the three largest segments bring; None unless there are more than three."""
    values = sorted(measured(segment.value for segment in segments), reverse=True)
    total = sum(values, Decimal(0))
    if len(values) <= TOP or total <= 0 or values[-1] < 0:
        return None
    share = _size(sum(values[:TOP], Decimal(0)) / total, Unit.PERCENT, style)
    return _say(
        style,
        f"상위 {TOP}개가 전체의 {share}를 차지합니다",
        f"The top {TOP} bring {share} of the total",
    )


def waterfall_finding(name: str, steps: Sequence[Step], unit: Unit, style: Style) -> str | None:
    """How far `name` moved from the first total to the last, and what moved it most."""
    totals = [step.value for step in steps if step.total]
    if len(totals) < 2:
        return None
    moved = totals[-1] - totals[0]
    size, what = _size(moved, unit, style), subject(name)
    if not size:
        return _say(style, f"{what} 그대로입니다", f"{name} is unchanged")
    because = _main_cause(steps, moved, unit, style)
    if moved > 0:
        return _say(style, f"{what} {size} 늘었습니다", f"{name} grew by {size}") + because
    return _say(style, f"{what} {size} 줄었습니다", f"{name} fell by {size}") + because


def _main_cause(steps: Sequence[Step], moved: Decimal, unit: Unit, style: Style) -> str:
    """The largest step in the direction of the whole; "" without one."""
    causes = [step for step in steps if not step.total and step.value * moved > 0]
    if not causes:
        return ""
    main = max(causes, key=lambda step: abs(step.value))
    value = amount(main.value, unit, style, signed=True)
    return _say(
        style, f"(가장 큰 요인: {main.label} {value})", f", most of all by {main.label} ({value})"
    )


def _say(style: Style, korean: str, english: str) -> str:
    return korean if is_korean(style.language) else english


def _size(value: Decimal, unit: Unit, style: Style) -> str:
    """How much, without a sign and, for percentages, without decimals; "" for nothing."""
    text = write(
        abs(value),
        unit,
        language=style.language,
        currency=style.currency,
        places=0 if unit is Unit.PERCENT else None,
    )
    return "" if is_zero(text) else text
