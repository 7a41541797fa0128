"""How far ahead of its target's schedule a figure is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kpis.declarations import State
from kpis.progress import Standing, progress_of
from kpis.questions import BadQuestion
from pipeline.models import Contract, Cost, Target
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.kpis.asking import NOW, ask, rows

Q1 = {"start": date(2026, 1, 1), "end": date(2026, 4, 1), "kpi": "won_revenue"}


def gone(cast: Cast) -> Decimal:
    """The share of the first quarter's working days that have come by 16 March."""
    days = cast.company.calendar.working_days
    whole = days(date(2026, 1, 1), date(2026, 4, 1))
    return Decimal(days(date(2026, 1, 1), date(2026, 3, 17))) / whole


def test_pace_is_attainment_less_the_working_days_gone(deals: Cast) -> None:
    assert ask(deals, "pace").state is State.NO_TARGET
    Target.objects.create(value=14_000_000, **Q1)
    found = ask(deals, "pace")
    assert found.value == Decimal(1) / 2 - gone(deals)
    assert found.expected == gone(deals)


def test_at_the_end_pace_is_what_attainment_lacks(deals: Cast) -> None:
    Target.objects.create(value=10_000_000, **Q1)
    assert ask(deals, "pace", at=seoul(2026, 4, 1)).value == Decimal("-0.3")
    assert ask(deals, "pace", at=seoul(2026, 4, 1), basis="curve").value == Decimal("-0.3")


def test_by_the_curve_a_quarter_is_as_far_as_the_last_eight_were_by_then(deals: Cast) -> None:
    Target.objects.create(value=10_000_000, **Q1)
    assert ask(deals, "pace", basis="curve").state is State.EMPTY
    for year, month, day, amount in (
        (2025, 12, 28, 600),
        (2025, 10, 2, 100),
        (2024, 1, 2, 300),
        (2023, 12, 31, 999),
    ):
        closed = {"amount": amount, "closed_at": seoul(year, month, day)}
        make_deal(deals, deals.minsu, deals.won, **closed)
    # Of 1,000 in eight quarters 400 were there by the same working day.
    found = ask(deals, "pace", basis="curve")
    assert found.expected == Decimal("0.4")
    assert found.value == Decimal("0.7") - Decimal("0.4")


def test_a_lower_figure_is_good_where_down_is_good(deals: Cast) -> None:
    Cost.objects.create(kind="marketing", day=date(2026, 2, 1), amount=600)
    Target.objects.create(value=150, **{**Q1, "kpi": "cac"})
    assert ask(deals, "target_attainment", of="cac").value == Decimal(150) / 300


def churned(cast: Cast) -> None:
    """A tenth of a yearly worth of 365 ended within the quarter; its limit is 60 a month."""
    span = {"start": date(2025, 2, 1), "end": date(2026, 2, 1)}
    Contract.objects.create(customer=make_customer("Gone"), **span, value=365)
    Target.objects.create(value=60, **{**Q1, "kpi": "churned_value"})


def test_a_limit_is_kept_or_not_when_the_period_is_over(cast: Cast) -> None:
    """Half a limit used in most of the time is no attainment of 200 % yet."""
    churned(cast)
    value = ask(cast, "churned_value").value
    assert value is not None
    running = ask(cast, "pace", of="churned_value")
    assert (running.value, running.state) == (None, State.EMPTY)
    over = ask(cast, "pace", of="churned_value", at=seoul(2026, 4, 2))
    assert over.value == Decimal(60) / value - 1


def test_a_goal_that_is_a_limit_says_how_much_of_it_is_used(cast: Cast) -> None:
    churned(cast)
    (running,) = progress_of(list(Target.objects.all()), viewer=cast.eunji, at=NOW)
    assert running.value is not None
    assert running.used == running.value / 60
    assert running.attainment is None
    assert running.pace == gone(cast) - running.used
    assert running.standing is Standing.AHEAD

    (over,) = progress_of(list(Target.objects.all()), viewer=cast.eunji, at=seoul(2026, 4, 2))
    assert (over.used, over.standing) == (None, Standing.REACHED)
    assert over.attainment == 60 / running.value

    Target.objects.update(value=20)
    (broken,) = progress_of(list(Target.objects.all()), viewer=cast.eunji, at=NOW)
    assert broken.standing is Standing.MISSED


def test_a_rate_has_attainment_but_no_pace(deals: Cast) -> None:
    Target.objects.create(value=Decimal("0.5"), **{**Q1, "kpi": "win_rate"})
    assert ask(deals, "target_attainment", of="win_rate").value == Decimal("1.5")
    with pytest.raises(BadQuestion) as caught:
        ask(deals, "pace", of="win_rate")
    assert caught.value.field == "of"


def test_attainment_of_coverage_needs_its_own_target_and_that_of_revenue(deals: Cast) -> None:
    Target.objects.create(value=8_000_000, **Q1)
    Target.objects.create(value=4, **{**Q1, "kpi": "pipeline_coverage"})
    make_deal(deals, deals.minsu, 2, amount=2_000_000, expected_close=date(2026, 3, 20))
    assert ask(deals, "pipeline_coverage").value == 2
    assert ask(deals, "target_attainment", of="pipeline_coverage").value == Decimal(1) / 2


def test_velocity_can_have_a_target(deals: Cast) -> None:
    make_deal(deals, deals.minsu, 2)
    Target.objects.create(value=175_000, **{**Q1, "kpi": "sales_velocity"})
    assert ask(deals, "target_attainment", of="sales_velocity").value == Decimal(1) / 2


def test_paces_of_months_are_held_against_their_own_targets(deals: Cast) -> None:
    Target.objects.create(
        kpi="won_revenue", value=14_000_000, start=date(2026, 2, 1), end=date(2026, 3, 1)
    )
    assert rows(ask(deals, "pace", by="month")) == {
        "Jan": None,
        "Feb": Decimal("-0.5"),
        "Mar": None,
    }
