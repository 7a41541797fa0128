"""Every goal is checked SMART, with a reason for each letter."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.scope import resolve
from kpis.smart import Draft, Finding, Verdict, check
from pipeline.models import Target
from tests.cast import Cast, make_deal, seoul

NOW = seoul(2026, 3, 16, 12)


@pytest.fixture
def grown(cast: Cast) -> Cast:
    """Won revenue by quarter since 2022, each a tenth to a half above that of the year before."""
    rates = ("1.1", "1.2", "1.3", "1.5")
    for quarter in range(4):
        amount = Decimal(1_000_000)
        for year in range(2022, 2026):
            closed = seoul(year, quarter * 3 + 2, 5)
            make_deal(cast, cast.minsu, cast.won, amount=amount, closed_at=closed)
            amount *= Decimal(rates[(quarter + year) % 4])
    return cast


def findings(cast: Cast, **changes: Any) -> dict[str, Finding]:
    draft = {
        "kpi": "won_revenue",
        "scope": resolve("company", cast.eunji),
        "period": cast.company.calendar.parse("2026-Q2", at=NOW),
        "value": Decimal(2_500_000),
        **changes,
    }
    found = check(Draft(**draft), viewer=cast.eunji, at=NOW)
    return {finding.letter: finding for finding in found}


def last_year(cast: Cast) -> Decimal:
    """Of the second quarter of 2025: what the goal of 2026's is held against."""
    return Decimal(1_000_000) * Decimal("1.5") * Decimal("1.1") * Decimal("1.2")


def test_a_goal_within_past_growth_is_smart(grown: Cast) -> None:
    found = findings(grown, value=last_year(grown) * Decimal("1.25"))
    assert {each.verdict for each in found.values()} == {Verdict.OK}
    assert "+25.0" in found["A"].reason
    assert "percentile" in found["A"].reason


def test_growth_that_was_hardly_ever_seen_is_doubted(grown: Cast) -> None:
    found = findings(grown, value=last_year(grown) * 2)
    assert found["A"].verdict is Verdict.WARN
    assert "percentile 100" in found["A"].reason


def test_less_than_the_present_level_is_doubted(grown: Cast) -> None:
    found = findings(grown, value=last_year(grown) - 1)
    assert found["A"].verdict is Verdict.WARN
    assert "less than the present level" in found["A"].reason


def test_what_is_reached_already_is_doubted(grown: Cast) -> None:
    make_deal(grown, grown.minsu, grown.won, amount=9_000_000, closed_at=seoul(2026, 2, 2))
    period = grown.company.calendar.parse("2026-Q1", at=NOW)
    found = findings(grown, period=period, value=Decimal(8_000_000))
    assert found["A"].verdict is Verdict.WARN
    assert "already" in found["A"].reason


def test_without_history_nothing_is_claimed(cast: Cast) -> None:
    found = findings(cast)
    assert found["A"].verdict is Verdict.OPEN
    assert found["M"].verdict is Verdict.WARN


def test_too_little_history_is_said(cast: Cast) -> None:
    make_deal(cast, cast.minsu, cast.won, amount=1_000_000, closed_at=seoul(2025, 5, 5))
    found = findings(cast)
    assert found["A"].verdict is Verdict.OPEN
    assert "+150.0" in found["A"].reason


def test_each_letter_says_what_is_missing(cast: Cast) -> None:
    found = findings(cast, kpi="", period=None, value=None)
    assert {letter: each.verdict for letter, each in found.items()} == {
        "S": Verdict.FAIL,
        "M": Verdict.OPEN,
        "A": Verdict.OPEN,
        "R": Verdict.OK,
        "T": Verdict.FAIL,
    }
    assert findings(cast, kpi="luck")["M"].verdict is Verdict.FAIL
    assert findings(cast, kpi="visits", filters={"industry": "IT"})["S"].verdict is Verdict.FAIL


def test_a_period_that_has_ended_is_no_date_to_reach_anything_by(grown: Cast) -> None:
    ended = grown.company.calendar.parse("2025-Q4", at=NOW)
    assert findings(grown, period=ended)["T"].verdict is Verdict.FAIL


def test_a_goal_outside_its_parents_period_is_doubted(grown: Cast) -> None:
    parent = Target.objects.create(
        kpi="won_revenue", value=1, start=date(2026, 1, 1), end=date(2026, 4, 1)
    )
    found = findings(grown, parent=parent)
    assert found["R"].verdict is Verdict.WARN
    parent.end = date(2027, 1, 1)
    assert findings(grown, parent=parent)["R"].verdict is Verdict.OK


def test_where_down_is_good_shorter_is_harder(cast: Cast) -> None:
    for year, days in ((2023, 80), (2024, 60), (2025, 50)):
        for month in (2, 5, 8, 11):
            begun = seoul(year, month, 1)
            make_deal(
                cast, cast.minsu, cast.won, created_at=begun, closed_at=begun + timedelta(days=days)
            )
    assert findings(cast, kpi="sales_cycle", value=Decimal(10))["A"].verdict is Verdict.WARN
    assert findings(cast, kpi="sales_cycle", value=Decimal(60))["A"].verdict is Verdict.WARN
    assert findings(cast, kpi="sales_cycle", value=Decimal(42))["A"].verdict is Verdict.OK
