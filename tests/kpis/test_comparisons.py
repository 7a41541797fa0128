"""Figures beside those of an earlier period, like for like."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from history import as_recorded_at
from pipeline.models import Lead, LeadStatus, Target
from tests.cast import Cast, make_deal, seoul
from tests.kpis.asking import ask


def test_cohorts_are_compared_at_equal_age(cast: Cast) -> None:
    for converted in (seoul(2026, 2, 5), seoul(2026, 3, 5)):
        Lead.objects.create(
            owner=cast.minsu,
            status=LeadStatus.CONVERTED,
            created_at=seoul(2026, 2, 2),
            converted_at=converted,
        )
    found = ask(cast, "lead_conversion_rate", "2026-03", compare="previous")
    assert found.comparison is not None
    assert found.comparison.value == Decimal(1) / 2


def test_a_running_period_is_compared_with_the_same_part_of_the_earlier_one(deals: Cast) -> None:
    make_deal(deals, deals.minsu, deals.won, amount=10, closed_at=seoul(2026, 3, 3))
    found = ask(deals, "won_revenue", "2026-03", compare="previous")
    assert found.comparison is not None
    assert found.comparison.like_for_like
    # Eleven working days of March have come; so many February had by the 13th.
    assert found.comparison.period.code == "2026-02-01..2026-02-13"
    assert found.comparison.change == (Decimal(10) - 1_000_000) / 1_000_000


def test_rates_change_in_points(deals: Cast) -> None:
    found = ask(deals, "win_rate", "2026-02", compare="previous")
    assert found.comparison is not None
    assert found.comparison.change is None
    make_deal(deals, deals.minsu, deals.won, closed_at=seoul(2026, 1, 5))
    make_deal(deals, deals.minsu, deals.lost, closed_at=seoul(2026, 1, 6), lost_reason="price")
    found = ask(deals, "win_rate", "2026-02", compare="previous")
    assert found.comparison is not None
    assert found.comparison.change == Decimal(3) / 4 - Decimal(1) / 2


def test_a_cohort_is_followed_at_least_to_the_end_of_its_period(cast: Cast) -> None:
    """February is three days shorter than January, whose last leads count all the same."""
    Lead.objects.create(
        owner=cast.minsu,
        status=LeadStatus.CONVERTED,
        created_at=seoul(2026, 1, 30),
        converted_at=seoul(2026, 1, 30, 9),
    )
    at = seoul(2026, 3, 1, 1)
    found = ask(cast, "lead_conversion_rate", "2026-02", compare="previous", at=at)
    assert found.comparison is not None
    assert found.comparison.value == 1


def test_deals_won_of_those_created_are_compared_at_equal_age(cast: Cast) -> None:
    for closed in (seoul(2026, 2, 10), seoul(2026, 3, 10)):
        created = seoul(2026, 2, 2)
        make_deal(cast, cast.minsu, cast.won, created_at=created, closed_at=closed)
    found = ask(cast, "win_rate", "2026-03", basis="created", compare="previous")
    assert found.comparison is not None
    assert found.comparison.value == Decimal(1) / 2
    assert ask(cast, "win_rate", "2026-02", basis="created").value == 1


def test_a_stock_is_compared_at_the_same_elapsed_instant(cast: Cast) -> None:
    """Eleven working days of March have come; so many February had by the 13th."""
    for day, amount in ((12, 100), (16, 1000)):
        with as_recorded_at(seoul(2026, 2, day)):
            make_deal(cast, cast.minsu, 2, amount=amount)
    found = ask(cast, "open_pipeline", "2026-03", compare="previous")
    assert found.value == 1100
    assert found.comparison is not None
    assert found.comparison.value == 100


def test_coverage_is_compared_with_all_that_remained_at_the_same_elapsed_instant(
    cast: Cast,
) -> None:
    february = {"start": date(2026, 2, 1), "end": date(2026, 3, 1)}
    Target.objects.create(kpi="won_revenue", value=50, **february)
    with as_recorded_at(seoul(2026, 2, 3)):
        make_deal(cast, cast.minsu, 2, amount=80, expected_close=date(2026, 2, 26))
        make_deal(cast, cast.minsu, cast.won, amount=10, closed_at=seoul(2026, 2, 3))
    with as_recorded_at(seoul(2026, 2, 20)):
        make_deal(cast, cast.minsu, 2, amount=1000, expected_close=date(2026, 2, 27))
    found = ask(cast, "pipeline_coverage", "2026-03", compare="previous")
    assert found.comparison is not None
    assert found.comparison.value == 2
