"""Team totals follow the tree of the row's date, or today's where that is asked for."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from accounts.models import User
from accounts.scope import resolve
from history import as_recorded_at
from kpis.evaluate import answer
from kpis.questions import BadQuestion, Question
from kpis.records import records
from pipeline.models import Cost
from tests.cast import Cast, make_cast, make_deal, seoul

NOW = seoul(2026, 3, 16, 12)
MOVED = seoul(2026, 2, 10, 9)
# Day of the win, and amount; seoul-1 became a part of busan on 10 February at 9.
WINS = (
    (seoul(2026, 1, 20), 1),
    (seoul(2026, 2, 10, 8, 59), 20),
    (seoul(2026, 2, 10, 9), 300),
    (seoul(2026, 3, 3), 4000),
)


@pytest.fixture
def moved(db: None) -> Cast:
    """A company that was reorganised in the middle of a quarter."""
    with as_recorded_at(seoul(2025, 6, 1)):
        cast = make_cast()
    for closed_at, amount in WINS:
        with as_recorded_at(max(closed_at, seoul(2026, 1, 5))):
            make_deal(cast, cast.minsu, cast.won, amount=amount, closed_at=closed_at)
    with as_recorded_at(seoul(2026, 1, 6)):
        make_deal(cast, cast.minsu, 2, amount=50_000)
    team = cast.teams["seoul-1"]
    team.parent = cast.teams["busan"]
    with as_recorded_at(MOVED):
        team.save()
    return cast


def ask(cast: Cast, scope: str, period: str = "2026-Q1", **options: object) -> Question:
    kpi = str(options.pop("kpi", "won_revenue"))
    viewer = User.objects.get(pk=cast.eunji.pk)
    span = cast.company.calendar.parse(period, at=NOW)
    return Question(kpi, resolve(scope, viewer), span, **options)  # type: ignore[arg-type]


def value(cast: Cast, scope: str, period: str = "2026-Q1", **options: object) -> Decimal | None:
    (found,) = answer([ask(cast, scope, period, **options)], viewer=cast.eunji, at=NOW)
    return found.value


def naive(under: str, *, start: datetime, end: datetime) -> int:
    """What counts for a team, win by win, by who it belonged to on the day."""
    return sum(
        amount
        for closed_at, amount in WINS
        if start <= closed_at < end and under == ("busan" if closed_at >= MOVED else "seoul")
    )


@pytest.mark.parametrize("period", ["2026-Q1", "2026-01", "2026-02", "2026-03", "2026-W07"])
@pytest.mark.parametrize("team", ["seoul", "busan"])
def test_a_win_counts_where_its_team_belonged_on_the_day(
    moved: Cast, team: str, period: str
) -> None:
    span = moved.company.calendar.parse(period, at=NOW)
    expected = naive(team, start=span.starts_at, end=span.ends_at)
    assert value(moved, f"team:{team}", period) == expected


def test_the_split_by_team_follows_the_same_tree(moved: Cast) -> None:
    (found,) = answer([ask(moved, "company", by="team")], viewer=moved.eunji, at=NOW)
    assert {row.label: row.result.value for row in found.rows} == {"Seoul": 21, "Busan": 4300}


def test_the_present_structure_restates_the_past(moved: Cast) -> None:
    assert value(moved, "team:busan", structure="present") == 4321
    question = ask(moved, "company", by="team", structure="present")
    (found,) = answer([question], viewer=moved.eunji, at=NOW)
    assert {row.label: row.result.value for row in found.rows} == {"Busan": 4321}
    with pytest.raises(BadQuestion):
        value(moved, "company", structure="past")


def test_a_stock_is_credited_by_the_tree_of_its_instant(moved: Cast) -> None:
    assert value(moved, "team:seoul", "2026-01", kpi="open_pipeline") == 50_000
    assert value(moved, "team:busan", "2026-01", kpi="open_pipeline") == 0
    assert value(moved, "team:busan", kpi="open_pipeline") == 50_000


def test_a_cost_of_a_day_counts_by_the_tree_at_its_end(moved: Cast) -> None:
    make_deal(moved, moved.bora, moved.won, closed_at=seoul(2026, 2, 9))
    for day, amount in ((date(2026, 2, 9), 6), (date(2026, 2, 10), 70)):
        Cost.objects.create(kind="sales", day=day, amount=amount, team=moved.teams["seoul-1"])
    questions = [ask(moved, f"team:{team}", kpi="cac") for team in ("seoul", "busan")]
    found = answer(questions, viewer=moved.eunji, at=NOW)
    assert [each.parts["numerator"] for each in found] == [6, 70]


def test_the_rows_behind_a_team_total_add_up_to_it(moved: Cast) -> None:
    behind = records(ask(moved, "team:seoul"), viewer=moved.eunji, at=NOW)
    assert sum(row["contribution"] for row in behind.rows) == behind.total == 21


def test_as_of_a_day_before_the_move_nobody_had_moved(moved: Cast) -> None:
    assert value(moved, "team:seoul", as_of=seoul(2026, 2, 10, 8)) == 1
    assert value(moved, "team:busan", as_of=seoul(2026, 2, 10, 8)) == 0
