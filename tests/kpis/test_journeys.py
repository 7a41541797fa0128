"""What deals went through: stages reached, days spent there, and where they hang."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.scope import resolve
from history import as_recorded_at, version_model
from kpis.evaluate import answer
from kpis.questions import Answer, Question
from kpis.records import records
from pipeline.models import Deal, Outcome
from tests.cast import Cast, make_deal, seoul
from tests.kpis.naive_journeys import FIGURES
from tests.kpis.test_naive import narrowed, same, world_of

NOW = seoul(2026, 3, 31, 18)
START = seoul(2026, 1, 5, 9)
Move = tuple[int, int]
STATE = (
    "row_id",
    "stage_id",
    "outcome",
    "owner_id",
    "team_id",
    "created_at",
    "deleted",
    "valid_from",
    "recorded_from",
)


def ask(cast: Cast, kpi: str, period: str = "2026-Q1", **options: Any) -> Answer:
    scope = resolve(options.pop("scope", "company"), cast.eunji)
    at = options.pop("at", NOW)
    span = cast.company.calendar.parse(period, at=at)
    question = Question(kpi, scope, span, **options)
    return answer([question], viewer=cast.eunji, at=at)[0]


def by_stage(found: Answer) -> dict[str, Decimal | None]:
    return {row.label: row.result.value for row in found.rows}


def walk(cast: Cast, owner: User, moves: Sequence[Move], **fields: Any) -> Deal:
    """A deal that comes to stages (by number) on days after START, the first one created."""
    (day, stage), *rest = moves
    born = START + timedelta(days=day)
    with as_recorded_at(born):
        deal = make_deal(cast, owner, stage, **{"created_at": born, **fields})
    for day, stage in rest:
        move(cast, deal, stage, START + timedelta(days=day))
    return deal


def move(cast: Cast, deal: Deal, stage: int, at: datetime) -> None:
    deal.stage = cast.stages[stage - 1]
    deal.outcome = deal.stage.outcome
    deal.closed_at = None if deal.outcome == Outcome.OPEN else at
    with as_recorded_at(at):
        deal.save()


@pytest.fixture
def deals(cast: Cast) -> Cast:
    """One goes step by step to won, one skips to the third and is lost, one waits in the second."""
    walk(cast, cast.minsu, [(0, 1), (2, 2), (12, 3), (22, 4), (24, 5)])
    walk(cast, cast.jiwoo, [(1, 1), (5, 3), (45, 6)])
    walk(cast, cast.bora, [(3, 1), (4, 2)])
    return cast


def test_conversion_counts_skipped_stages_as_passed_and_lost_as_the_end(deals: Cast) -> None:
    found = by_stage(ask(deals, "stage_conversion", by="stage"))
    assert found == {
        "Qualify the opportunity": 1,
        "Identify the problem": 1,
        "Negotiate": Decimal(1) / 2,
        "Contract procedure": 1,
    }


def test_conversion_with_deals_still_in_the_stage(deals: Cast) -> None:
    found = by_stage(ask(deals, "stage_conversion", by="stage", basis="all"))
    assert found["Identify the problem"] == Decimal(2) / 3
    whole = ask(deals, "stage_conversion", basis="all")
    assert whole.value == Decimal(7) / 9


def test_each_deal_counts_when_it_first_came_so_far(cast: Cast) -> None:
    walk(cast, cast.minsu, [(0, 1), (2, 3), (60, 1), (70, 3)])
    january = by_stage(ask(cast, "stage_conversion", "2026-01", by="stage", basis="all"))
    assert january["Negotiate"] == 0
    assert by_stage(ask(cast, "stage_conversion", "2026-03", by="stage", basis="all")) == {}


def test_a_running_period_is_compared_at_equal_age(cast: Cast) -> None:
    """Both came to the first stage at a quarter's start; January's went on after 40 days."""
    walk(cast, cast.minsu, [(0, 1), (40, 2)])
    walk(cast, cast.minsu, [(88, 1)])
    at = START + timedelta(days=95)
    found = ask(cast, "stage_conversion", "2026-Q2", basis="all", compare="previous", at=at)
    assert found.value == 0
    assert found.comparison
    assert found.comparison.value == 0


def test_a_deal_that_was_seen_in_no_stage_says_nothing_about_stages(cast: Cast) -> None:
    walk(cast, cast.minsu, [(3, 5)])
    assert ask(cast, "stage_conversion", basis="all").value is None


def test_dwell_is_the_median_of_visits_that_ended_in_the_period(deals: Cast) -> None:
    found = by_stage(ask(deals, "stage_dwell", by="stage"))
    assert found == {
        "Qualify the opportunity": 2,
        "Identify the problem": 10,
        "Negotiate": 25,
        "Contract procedure": 2,
    }
    assert by_stage(ask(deals, "stage_dwell", "2026-02", by="stage")) == {"Negotiate": 40}


def test_the_bottleneck_has_the_most_days_in_total(deals: Cast) -> None:
    total = by_stage(ask(deals, "stage_dwell", by="stage", basis="total"))
    assert max(total, key=lambda name: total[name] or 0) == "Negotiate"
    assert total["Negotiate"] == 50


def test_open_visits_stand_beside(deals: Cast) -> None:
    found = by_stage(ask(deals, "stage_dwell", by="stage", basis="open"))
    assert found == {"Identify the problem": Decimal("81.375")}


def test_a_change_of_owner_does_not_end_a_visit(cast: Cast) -> None:
    deal = walk(cast, cast.minsu, [(0, 1)])
    with as_recorded_at(START + timedelta(days=5)):
        Deal.objects.update(owner=cast.bora, team=cast.teams["busan-1"])
    deal.refresh_from_db()
    move(cast, deal, 2, START + timedelta(days=8))
    assert ask(cast, "stage_dwell").value == 8
    assert ask(cast, "stage_dwell", scope="team:seoul").value is None
    assert ask(cast, "stage_dwell", scope="team:busan").value == 8


def test_a_deal_without_stage_history_has_no_dwell(cast: Cast) -> None:
    deal = walk(cast, cast.minsu, [(0, 1)], created_at=None)
    move(cast, deal, 2, START + timedelta(days=8))
    assert ask(cast, "stage_dwell").value is None
    assert by_stage(ask(cast, "stage_conversion", by="stage", basis="all")) == {
        "Identify the problem": 0
    }


def test_deleted_deals_went_through_nothing_but_did_before(deals: Cast) -> None:
    with as_recorded_at(START + timedelta(days=60)):
        Deal.objects.all().delete()
    assert ask(deals, "stage_dwell").value is None
    before = START + timedelta(days=50)
    assert ask(deals, "stage_dwell", as_of=before).value is not None
    assert ask(deals, "stage_conversion", as_of=before, basis="all").result.denominator == 9


def test_as_of_an_instant_later_moves_are_not_known(deals: Cast) -> None:
    on_the_tenth_day = START + timedelta(days=10)
    found = by_stage(ask(deals, "stage_conversion", by="stage", as_of=on_the_tenth_day))
    assert found == {"Qualify the opportunity": 1, "Identify the problem": 1}


def test_a_stages_rows_are_the_deals_behind_it(deals: Cast) -> None:
    scope = resolve("company", deals.eunji)
    period = deals.company.calendar.parse("2026-Q1", at=NOW)
    stage = str(deals.stages[2].pk)
    question = Question("stage_dwell", scope, period, "total", filters=(("stage", stage),))
    found = records(question, viewer=deals.eunji, at=NOW)
    assert sorted(row["contribution"] for row in found.rows) == [10, 40]
    assert found.total == 50


days = st.integers(0, 110)
stories = st.lists(
    st.fixed_dictionaries(
        {
            "owner": st.sampled_from(["minsu", "jiwoo", "bora"]),
            "moves": st.lists(
                st.tuples(days, st.integers(1, 6)), min_size=1, max_size=7, unique_by=lambda m: m[0]
            ),
            "heir": st.sampled_from(["", "", "bora"]),
            "is_deleted": st.sampled_from([False, False, False, True]),
            "is_told": st.sampled_from([True, True, False]),
        }
    ),
    max_size=6,
)


def tell(cast: Cast, stories: list[dict[str, Any]]) -> None:
    for story in stories:
        moves = sorted(story["moves"])
        fields = {} if story["is_told"] else {"created_at": None}
        deal = walk(cast, getattr(cast, story["owner"]), moves, **fields)
        last = START + timedelta(days=moves[-1][0], hours=1)
        if story["heir"]:
            heir = getattr(cast, story["heir"])
            with as_recorded_at(last):
                Deal.objects.filter(pk=deal.pk).update(owner=heir, team=heir.memberships.get().team)
        if story["is_deleted"]:
            with as_recorded_at(last + timedelta(hours=1)):
                deal.delete()


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    stories=stories,
    code=st.sampled_from(["2026-Q1", "2026-02", "2026", "2026-01-20..2026-03-03"]),
    whose=st.integers(0, 3),
    day=st.integers(0, 115),
)
def test_journeys_equal_their_naive_second_at_any_instant(
    cast: Cast, stories: list[dict[str, Any]], code: str, whose: int, day: int
) -> None:
    at = START + timedelta(days=day, hours=3)
    later = START + timedelta(days=120)
    period = cast.company.calendar.parse(code, at=at)
    scope = resolve(
        ("company", "team:seoul", "team:busan-1", f"user:{cast.minsu.pk}")[whose], cast.eunji
    )
    with transaction.atomic():
        tell(cast, stories)
        versions = version_model(Deal).objects.known().values(*STATE)
        world = replace(
            narrowed(world_of(period, None, now=at), scope), deal_versions=list(versions)
        )
        questions = [Question(kpi, scope, period, basis, as_of=at) for kpi, basis in FIGURES]
        found = answer(questions, viewer=cast.eunji, at=later)
        transaction.set_rollback(True)
    wrong = [
        (each.kpi.key, each.basis.key, each.value, expected)
        for each in found
        if not same(each.value, expected := _naive(world, each))
    ]
    assert wrong == []


def _naive(world: Any, each: Answer) -> Decimal | None:
    value = FIGURES[each.kpi.key, each.basis.key](world)
    return None if value is None else Decimal(value)
