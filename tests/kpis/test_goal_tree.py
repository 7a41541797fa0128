"""The tree of goals: how far each is, and where the parts do not add up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.scope import resolve
from kpis.goal_tree import Node, tree_of, walk
from kpis.progress import Standing
from pipeline.models import Target
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.kpis.asking import NOW

Q1 = {"start": date(2026, 1, 1), "end": date(2026, 4, 1)}


def goal(value: int | str, **fields: Any) -> Target:
    return Target.objects.create(**{"kpi": "won_revenue", "value": value, **Q1, **fields})


def grown(cast: Cast, viewer: User | None = None, scope: str = "company") -> list[Node]:
    viewer = User.objects.get(pk=(viewer or cast.eunji).pk)
    period = cast.company.calendar.parse("2026-Q1", at=NOW)
    return tree_of(resolve(scope, viewer), period, viewer=viewer, at=NOW)


def by_owner(nodes: list[Node]) -> Mapping[str, Node]:
    return {node.progress.scope.code: node for node in walk(nodes)}


def test_a_tree_goes_from_the_company_down_to_people(deals: Cast) -> None:
    top = goal(10_000_000)
    seoul_ = goal(6_000_000, team=deals.teams["seoul"], parent=top)
    goal(4_000_000, team=deals.teams["busan"], parent=top)
    goal(2_000_000, user=deals.minsu, parent=seoul_)
    (root,) = grown(deals)
    assert [child.progress.scope.label for child in root.children] == ["Busan", "Seoul"]
    found = by_owner([root])
    assert found["company"].progress.value == 7_000_000
    assert found["company"].progress.attainment == Decimal("0.7")
    assert found["team:busan"].progress.standing is Standing.REACHED
    minsu = found[f"user:{deals.minsu.pk}"]
    assert minsu.progress.value == 1_000_000
    assert minsu.progress.standing is Standing.BEHIND


def test_pace_is_attainment_less_the_share_of_working_days_gone(deals: Cast) -> None:
    goal(10_000_000)
    (root,) = grown(deals)
    gone = root.progress.period.share_gone(NOW)
    assert root.progress.pace == Decimal("0.7") - gone


def test_children_that_do_not_add_up_are_told(deals: Cast) -> None:
    top = goal(10_000_000)
    goal(6_000_000, team=deals.teams["seoul"], parent=top)
    goal(3_000_000, team=deals.teams["busan"], parent=top)
    (root,) = grown(deals)
    assert root.parts is not None
    assert root.parts.count == 2
    assert root.parts.difference == -1_000_000


def test_rates_do_not_add_up_and_nobody_says_so(deals: Cast) -> None:
    top = goal("0.5", kpi="win_rate")
    goal("0.4", kpi="win_rate", team=deals.teams["seoul"], parent=top)
    (root,) = grown(deals)
    assert root.parts is None
    assert root.progress.pace is None


def test_shorter_periods_of_the_same_goal_are_a_sum_not_nodes(deals: Cast) -> None:
    top = goal(9_000_000)
    for month in (1, 2, 3):
        span = {"start": date(2026, month, 1), "end": date(2026, month + 1, 1)}
        goal(2_000_000, parent=top, **span)
    (root,) = grown(deals)
    assert root.children == []
    assert root.by_time is not None
    assert root.by_time.difference == -3_000_000


def test_a_goal_of_another_kpi_stands_below_the_one_it_contributes_to(deals: Cast) -> None:
    top = goal(9_000_000)
    goal(40, kpi="lead_volume", parent=top, start=date(2026, 2, 1), end=date(2026, 3, 1))
    (root,) = grown(deals)
    assert [child.goal.kpi for child in root.children] == ["lead_volume"]


def test_a_filter_narrows_the_figure(deals: Cast) -> None:
    goal(1_000_000, filters={"region": "overseas"})
    abroad = make_customer("Abroad", region="overseas")
    closed = {"closed_at": seoul(2026, 2, 3), "amount": 500_000}
    make_deal(deals, deals.minsu, deals.won, customer=abroad, **closed)
    (root,) = grown(deals)
    assert root.progress.value == 500_000


def test_where_down_is_good_a_lower_figure_reaches_more(cast: Cast) -> None:
    goal(20, kpi="sales_cycle")
    make_deal(
        cast, cast.minsu, cast.won, created_at=seoul(2026, 1, 1), closed_at=seoul(2026, 2, 10)
    )
    (root,) = grown(cast)
    assert root.progress.attainment == Decimal("0.5")


def test_imported_goals_that_nothing_answers_stay_and_say_so(cast: Cast) -> None:
    goal(10, kpi="luck")
    goal(10, kpi="visits", filters={"shoe": "44"})
    assert [node.progress.standing for node in grown(cast)] == [Standing.UNKNOWN] * 2


def test_everybody_sees_the_goals_of_their_scopes_and_of_kpis_they_may_open(cast: Cast) -> None:
    top = goal(10)
    goal(6, team=cast.teams["seoul-1"], parent=top)
    goal(3, user=cast.minsu)
    goal(1, kpi="cac", team=cast.teams["seoul-1"])
    lead = {node.goal.value for node in walk(grown(cast, cast.lee, "team:seoul-1"))}
    assert lead == {6, 3}
    own = [node.goal.value for node in grown(cast, cast.minsu, f"user:{cast.minsu.pk}")]
    assert own == [3]


def test_figures_of_any_number_of_goals_cost_the_same_queries(deals: Cast) -> None:
    top = goal(10_000_000)
    few = _queries(deals)
    for team in deals.teams.values():
        goal(1_000_000, team=team, parent=top)
    for person in (deals.minsu, deals.jiwoo, deals.bora, deals.lee):
        goal(100_000, user=person, parent=top)
        goal("0.3", kpi="win_rate", user=person)
    assert _queries(deals) == few


def _queries(cast: Cast) -> int:
    with CaptureQueriesContext(connection) as found:
        grown(cast)
    return len(found)
