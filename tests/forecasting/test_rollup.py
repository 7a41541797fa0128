"""The roll-up: ten deals worked by hand, and trees of any shape that add up at every node."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Team
from accounts.scope import resolve
from forecasting.rollup import Amounts, Node
from history import as_recorded_at
from kpis.evaluate import answer
from kpis.questions import Question
from pipeline.models import Deal, Rate
from tests.cast import Cast, make_cast, make_deal, seoul
from tests.forecasting.asking import NOW, SOON, forecast_of, named, open_deal, quarter, won_deal

# Ten deals of the first quarter of 2026, in millions of won.
#   owner   stage                own category   amount   close          counts as
DEALS = (
    ("minsu", "won", "", 10, "won in February", "closed"),
    ("minsu", "contract", "", 20, "March", "commit"),
    ("minsu", "negotiate", "", 30, "March", "best case"),
    ("minsu", "identify", "", 40, "March", "pipeline"),
    ("jiwoo", "qualify", "", 50, "March", "omitted"),
    ("jiwoo", "lost", "", 60, "lost in February", "nothing"),
    ("jiwoo", "identify", "commit", 70, "March", "commit: its own category"),
    ("jiwoo", "contract", "omitted", 80, "March", "omitted: its own category"),
    ("bora", "contract", "", 90, "April", "nothing: another quarter"),
    ("bora", "negotiate", "", 100, "March", "best case"),
)
STAGES = ("qualify", "identify", "negotiate", "contract", "won", "lost")
CLOSES = {"March": SOON, "April": date(2026, 4, 2)}

SINGLE = """
            closed  commit  best case  pipeline  omitted
minsu           10      20         30        40        0
jiwoo            0      70          0         0      130
seoul-1         10      90         30        40      130
seoul           10      90         30        40      130
bora             0       0        100         0        0
busan-1          0       0        100         0        0
busan            0       0        100         0        0
all             10      90        130        40      130
"""
CUMULATIVE = """
            closed  commit forecast  best case forecast  open pipeline
minsu           10               30                  60             90
jiwoo            0               70                  70             70
seoul-1         10              100                 130            160
seoul           10              100                 130            160
bora             0                0                 100            100
busan-1          0                0                 100            100
busan            0                0                 100            100
all             10              100                 230            260
"""
MILLION = 1_000_000


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast as it has been for long, so that its teams have a past."""
    with as_recorded_at(seoul(2024, 1, 1)):
        return make_cast()


@pytest.fixture
def ten(cast: Cast) -> Cast:
    for owner, stage, category, amount, close, _counts in DEALS:
        make_deal(
            cast,
            getattr(cast, owner),
            STAGES.index(stage) + 1,
            category=category,
            amount=amount * MILLION,
            expected_close=CLOSES.get(close),
            lost_reason="price" if stage == "lost" else "",
        )
    return cast


def worked(table: str) -> dict[str, list[int]]:
    lines = [line.split() for line in table.strip().splitlines()[1:]]
    return {name: [int(figure) for figure in figures] for name, *figures in lines}


def single(amounts: Amounts) -> list[int]:
    columns = (
        amounts.closed,
        amounts.commit,
        amounts.best_case,
        amounts.pipeline,
        amounts.omitted,
    )
    return [int(each) // MILLION for each in columns]


def cumulative(amounts: Amounts) -> list[int]:
    columns = (
        amounts.closed,
        amounts.commit_forecast,
        amounts.best_case_forecast,
        amounts.open_pipeline,
    )
    return [int(each) // MILLION for each in columns]


def test_ten_deals_stand_each_in_the_column_of_their_own_category(ten: Cast) -> None:
    nodes = named(ten, forecast_of(ten))
    expected = worked(SINGLE)
    assert {name: single(nodes[name].amounts) for name in expected} == expected


def test_ten_deals_in_forecasts_that_include_what_is_surer(ten: Cast) -> None:
    nodes = named(ten, forecast_of(ten))
    expected = worked(CUMULATIVE)
    assert {name: cumulative(nodes[name].amounts) for name in expected} == expected


def test_the_next_quarter_has_what_is_expected_in_it(ten: Cast) -> None:
    assert single(forecast_of(ten, period="2026-Q2").forest.root.amounts) == [0, 90, 0, 0, 0]


@pytest.mark.parametrize("scope", ["company", "team:seoul", "team:busan-1"])
def test_the_grid_equals_the_tiles(ten: Cast, scope: str) -> None:
    whose, period = resolve(scope, ten.eunji), quarter(ten)
    amounts = forecast_of(ten, scope).forest.root.amounts
    won, waiting = answer(
        [
            Question("won_revenue", whose, period),
            Question("open_pipeline", whose, period, closing=period),
        ],
        viewer=ten.eunji,
        at=NOW,
    )
    assert (amounts.closed, amounts.open_pipeline) == (won.value, waiting.value)


def test_a_team_and_a_person_see_their_own_part(ten: Cast) -> None:
    seoul_1 = forecast_of(ten, "team:seoul-1").forest.root
    assert single(seoul_1.amounts) == worked(SINGLE)["seoul-1"]
    assert {member.user for member in seoul_1.members} >= {ten.minsu.pk, ten.jiwoo.pk}
    minsu = forecast_of(ten, f"user:{ten.minsu.pk}").forest.root
    assert single(minsu.amounts) == worked(SINGLE)["minsu"]


def test_a_move_to_another_stage_leaves_a_category_that_was_chosen(ten: Cast) -> None:
    deal = Deal.objects.get(amount=70 * MILLION)
    deal.stage = ten.stages[2]
    deal.save()
    assert single(forecast_of(ten).forest.root.amounts)[1] == 90


def test_an_open_deal_that_calls_itself_closed_is_no_more_than_promised(cast: Cast) -> None:
    open_deal(cast, cast.minsu, 5 * MILLION, stage=2, category="closed")
    assert single(forecast_of(cast).forest.root.amounts) == [0, 5, 0, 0, 0]


def test_foreign_money_counts_at_the_rate_and_without_one_nothing_is_known(cast: Cast) -> None:
    open_deal(cast, cast.minsu, 1000, currency="USD")
    won_deal(cast, cast.bora, MILLION)
    assert forecast_of(cast).forest.root.amounts.commit.is_nan()
    Rate.objects.create(currency="USD", day=NOW.date() - timedelta(days=3), price=1400)
    nodes = named(cast, forecast_of(cast))
    assert nodes["minsu"].amounts.commit == 1_400_000
    assert nodes["all"].amounts.commit_forecast == 2_400_000


def test_as_of_an_earlier_instant_the_forecast_is_what_it_was(cast: Cast) -> None:
    with as_recorded_at(seoul(2026, 3, 2)):
        deal = open_deal(cast, cast.minsu, 5 * MILLION, stage=3)
    with as_recorded_at(seoul(2026, 3, 9)):
        deal.category, deal.amount = "commit", Decimal(8 * MILLION)
        deal.save()
    earlier: dict[str, Any] = {"at": seoul(2026, 3, 5), "as_of": seoul(2026, 3, 5)}
    assert single(forecast_of(cast, **earlier).forest.root.amounts) == [0, 0, 5, 0, 0]
    assert single(forecast_of(cast).forest.root.amounts) == [0, 8, 0, 0, 0]


def test_what_a_team_won_before_it_moved_stays_with_the_team_above_it(cast: Cast) -> None:
    with as_recorded_at(seoul(2026, 1, 1)):
        Team.objects.filter(pk=cast.teams["seoul-1"].pk).update(parent=cast.teams["busan"])
    with as_recorded_at(seoul(2026, 3, 1)):
        Team.objects.filter(pk=cast.teams["seoul-1"].pk).update(parent=cast.teams["seoul"])
    won_deal(cast, cast.minsu, 3 * MILLION, closed_at=seoul(2026, 2, 10))
    won_deal(cast, cast.minsu, 4 * MILLION, closed_at=seoul(2026, 3, 10))
    open_deal(cast, cast.minsu, 5 * MILLION)

    whole = forecast_of(cast).forest.root
    tops = {member.team: member for member in whole.members}
    assert single(tops[cast.teams["busan"].pk].amounts) == [3, 0, 0, 0, 0]
    assert single(tops[cast.teams["seoul"].pk].amounts) == [4, 5, 0, 0, 0]
    assert single(forecast_of(cast, "team:busan").forest.root.amounts) == [3, 0, 0, 0, 0]
    present = forecast_of(cast, present_tree=True).forest.root
    assert {member.team for member in present.members if member.amounts != Amounts()} == {
        cast.teams["seoul"].pk
    }


def test_however_many_deals_and_periods_one_statement_reads_them(ten: Cast) -> None:
    with CaptureQueriesContext(connection) as few:
        forecast_of(ten)
    for number in range(20):
        open_deal(ten, ten.everyone[number % 9], MILLION)
    with CaptureQueriesContext(connection) as many:
        forecast_of(ten)
    assert len(many) == len(few)
    reads = [query["sql"] for query in many if '"pipeline_deal"' in query["sql"]]
    assert len(reads) == 1


moves = st.lists(
    st.tuples(
        st.sampled_from(["deal", "person", "team", "category", "win", "lose"]),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    max_size=12,
)
work = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 5), st.integers(0, 3), st.integers(0, 99)),
    max_size=14,
)


@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(deals=work, changes=moves, parents=st.lists(st.integers(0, 8), min_size=6, max_size=6))
def test_every_node_is_the_sum_of_its_parts_for_any_tree_and_moves(
    cast: Cast, deals: list[Any], changes: list[Any], parents: list[int]
) -> None:
    with transaction.atomic():
        teams = _grown(cast, parents)
        for number, deal in enumerate(deals):
            _sold(cast, teams, number, *deal)
        for number, (kind, which, where) in enumerate(changes):
            with as_recorded_at(seoul(2026, 1, 10) + timedelta(days=5 * number)):
                _moved(cast, teams, kind, which, where)
        for scope in ("company", *(f"team:{team.slug}" for team in teams)):
            root = forecast_of(cast, scope, everybody=True).forest.root
            _check_sums(root)
            whole = root.amounts
            expected = sum((_naive(deal) for deal in _in_scope(cast, scope)), Amounts())
            if not any(kind == "team" for kind, _which, _where in changes):
                assert whole == expected, scope
        transaction.set_rollback(True)


def _grown(cast: Cast, parents: list[int]) -> list[Team]:
    """Six more teams, each below one that is there already, or on top."""
    teams = list(cast.teams.values())
    with as_recorded_at(seoul(2025, 1, 1)):
        for number, parent in enumerate(parents):
            above = teams[parent % len(teams)] if parent else None
            teams.append(Team.objects.create(slug=f"t{number}", name=f"T{number}", parent=above))
    return teams


def _sold(
    cast: Cast, teams: list[Team], number: int, who: int, stage: int, own: int, amount: int
) -> None:
    where = cast.stages[stage]
    reason = "price" if where.outcome == "lost" else ""
    category = ("", "commit", "omitted", "best_case")[own] if where.outcome == "open" else ""
    make_deal(
        cast,
        cast.everyone[who],
        where,
        team=(None, *teams)[(who + number) % (len(teams) + 1)],
        amount=amount,
        category=category,
        lost_reason=reason,
        expected_close=SOON,
    )


def _moved(cast: Cast, teams: list[Team], kind: str, which: int, where: int) -> None:
    deals = list(Deal.objects.order_by("pk"))
    team = teams[where % len(teams)]
    if kind == "team":
        moving = teams[which % len(teams)]
        below = Team.objects.filter(pk=moving.pk)
        if team.pk not in _subtree(moving):
            below.update(parent=team)
        return
    if not deals:
        return
    changed = Deal.objects.filter(pk=deals[which % len(deals)].pk)
    if kind == "deal":
        changed.update(team=team)
    elif kind == "person":
        changed.update(owner=cast.everyone[where % 9])
    elif kind == "category":
        changed.update(category=("", "commit", "omitted", "pipeline")[where % 4])
    else:
        stage = cast.won if kind == "win" else cast.lost
        reason = "" if kind == "win" else "price"
        changed.update(
            stage=stage,
            outcome=stage.outcome,
            closed_at=seoul(2026, 3, 1),
            lost_reason=reason,
            category="",
        )


def _subtree(team: Team) -> set[int]:
    found = {team.pk}
    for child in Team.objects.filter(parent=team):
        found |= _subtree(child)
    return found


def _check_sums(node: Node) -> None:
    if node.members:
        assert node.amounts == sum((each.amounts for each in node.members), Amounts())
    for member in node.members:
        _check_sums(member)


def _in_scope(cast: Cast, scope: str) -> list[Deal]:
    deals = list(Deal.objects.select_related("stage"))
    if scope == "company":
        return deals
    inside = _subtree(Team.objects.get(slug=scope.partition(":")[2]))
    return [deal for deal in deals if deal.team_id in inside]


def _naive(deal: Deal) -> Amounts:
    """What one deal is by the words of the definition."""
    amount = deal.amount or Decimal(0)
    if deal.outcome == "won":
        return Amounts(closed=amount)
    if deal.outcome == "lost" or deal.expected_close is None:
        return Amounts()
    return Amounts(**{deal.forecast_category: amount})
