"""Targets: whose they are, what they come to, and what is measured against them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from history import as_recorded_at
from kpis.declarations import State
from pipeline.models import Target
from tests.cast import Cast, make_deal, seoul
from tests.kpis.asking import ask, rows


def test_coverage_is_open_pipeline_over_what_remains_of_the_target(deals: Cast) -> None:
    q1 = {"start": date(2026, 1, 1), "end": date(2026, 4, 1)}
    assert ask(deals, "pipeline_coverage").state is State.NO_TARGET
    target = Target.objects.create(kpi="won_revenue", value=11_000_000, **q1)
    make_deal(deals, deals.minsu, 2, amount=8_000_000, expected_close=date(2026, 3, 20))
    make_deal(deals, deals.minsu, 2, amount=5_000_000, expected_close=date(2026, 3, 1))
    make_deal(deals, deals.minsu, 2, amount=5_000_000, expected_close=date(2026, 4, 1))
    found = ask(deals, "pipeline_coverage")
    assert found.value == 2
    assert found.parts["overdue"] == 1
    target.value = Decimal(7_000_000)
    target.save()
    assert (ask(deals, "pipeline_coverage").value, ask(deals, "pipeline_coverage").state) == (
        None,
        State.MET,
    )


def test_coverage_of_a_past_period_is_read_at_its_start(cast: Cast) -> None:
    Target.objects.create(kpi="won_revenue", value=50, start=date(2026, 2, 1), end=date(2026, 3, 1))
    with as_recorded_at(seoul(2026, 1, 5)):
        deal = make_deal(cast, cast.minsu, 2, amount=100, expected_close=date(2026, 2, 20))
    with as_recorded_at(seoul(2026, 2, 10)):
        type(deal).objects.update(stage=cast.won, outcome="won", closed_at=seoul(2026, 2, 10))
    assert ask(cast, "pipeline_coverage", "2026-02").value == 2


def test_attainment_is_never_capped_and_a_teams_target_is_its_own(deals: Cast) -> None:
    q1 = {"start": date(2026, 1, 1), "end": date(2026, 4, 1), "kpi": "won_revenue"}
    Target.objects.create(value=3_500_000, **q1)
    Target.objects.create(value=1_000_000, team=deals.teams["busan"], **q1)
    assert ask(deals, "target_attainment").value == 2
    assert ask(deals, "target_attainment", scope="team:busan").value == 4
    found = ask(deals, "target_attainment", scope="team:seoul")
    assert (found.value, found.state) == (None, State.NO_TARGET)


def test_the_target_of_a_longer_period_is_the_sum_of_its_parts_where_complete(deals: Cast) -> None:
    for month in (1, 2):
        Target.objects.create(
            kpi="won_revenue", value=10, start=date(2026, month, 1), end=date(2026, month + 1, 1)
        )
    assert ask(deals, "won_revenue").target is None
    Target.objects.create(kpi="won_revenue", value=15, start=date(2026, 3, 1), end=date(2026, 4, 1))
    found = ask(deals, "won_revenue")
    assert found.target == 35
    assert found.target_is_sum


def test_targets_of_a_stock_are_never_summed_over_time(cast: Cast) -> None:
    for month in (1, 2, 3):
        span = {"start": date(2026, month, 1), "end": date(2026, month + 1, 1)}
        Target.objects.create(kpi="open_pipeline", value=10, **span)
    assert ask(cast, "open_pipeline", "2026-02").target == 10
    assert ask(cast, "open_pipeline", "2026-Q1").target is None


def test_teams_and_people_are_held_against_their_own_targets(deals: Cast) -> None:
    q1 = {"start": date(2026, 1, 1), "end": date(2026, 4, 1), "kpi": "won_revenue"}
    Target.objects.create(value=1_500_000, team=deals.teams["seoul"], **q1)
    Target.objects.create(value=500_000, user=deals.minsu, **q1)
    teams = rows(ask(deals, "target_attainment", by="team"))
    assert teams == {"Seoul": 2, "Busan": None}
    people = rows(ask(deals, "target_attainment", by="rep"))
    assert people == {"Minsu": 2, "Jiwoo": None, "Bora": None}
    make_deal(deals, deals.jiwoo, 2, amount=900_000, expected_close=date(2026, 3, 30))
    Target.objects.create(value=2_300_000, user=deals.jiwoo, **q1)
    assert rows(ask(deals, "pipeline_coverage", by="rep"))["Jiwoo"] == 3


def test_what_a_team_won_itself_is_not_held_against_the_target_of_all_below_it(cast: Cast) -> None:
    team = cast.teams["seoul"]
    make_deal(cast, cast.rho, cast.won, team=team)
    q1 = {"start": date(2026, 1, 1), "end": date(2026, 4, 1)}
    Target.objects.create(kpi="won_revenue", value=10, team=team, **q1)
    found = ask(cast, "target_attainment", scope="team:seoul", by="team")
    assert found.value == 100_000
    assert rows(found) == {"Seoul": None}
