"""Exit criteria: what is ticked, by whom and when, and what a move past them asks for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from history import as_recorded_at, recorded_by
from pipeline.actions.closed import because
from pipeline.actions.criteria import CriteriaUnmet, tick
from pipeline.actions.deals import lose_deal, move_deal, reopen_deal, win_deal
from pipeline.actions.syncing import sync_deal
from pipeline.criteria import Checks
from pipeline.eight_steps import STEPS, make_eight_steps
from pipeline.models import Criterion, Deal, Outcome, SalesProcess, Skip, Stage, Tick
from pipeline.timeline import timeline_of
from tests.cast import make_deal, seoul

if TYPE_CHECKING:
    from tests.cast import Cast

NOON = seoul(2026, 3, 2, 12)


@pytest.fixture
def asked(cast: Cast) -> list[Criterion]:
    """A must-have in each of the first three stages, and one in the second that may be missing."""
    return [
        criterion(cast, 1, "Need"),
        criterion(cast, 2, "Champion"),
        criterion(cast, 2, "Loss in figures", is_must=False),
        criterion(cast, 3, "Price"),
    ]


def criterion(cast: Cast, stage: int, name: str, **fields: Any) -> Criterion:
    return Criterion.objects.create(stage=cast.stages[stage - 1], name=name, **fields)


def say(cast: Cast, deal: Deal, about: Criterion, at: datetime = NOON) -> None:
    tick(deal=deal, criterion=about, met=True, by=cast.minsu, at=at)


def move(cast: Cast, deal: Deal, to: int | Stage, at: datetime = NOON) -> Deal:
    stage = cast.stages[to - 1] if isinstance(to, int) else to
    return move_deal(deal=deal, to=stage, by=cast.minsu, revision=deal.revision, at=at)


def names(unmet: pytest.ExceptionInfo[CriteriaUnmet]) -> list[str]:
    return [each.name for each in unmet.value.criteria]


def test_a_tick_says_who_and_when_and_can_be_taken_back(cast: Cast, asked: list[Criterion]) -> None:
    deal = make_deal(cast, cast.minsu, 1)
    need = asked[0]
    say(cast, deal, need)
    tick(deal=deal, criterion=need, met=False, by=cast.lee, at=NOON + timedelta(hours=1))
    tick(deal=deal, criterion=need, met=False, by=cast.rho, at=NOON + timedelta(hours=2))

    process = cast.stages[0].process_id
    earlier, now = (
        Checks.read([deal.pk], process, at=NOON + timedelta(minutes=minutes)).of(
            deal.pk, cast.stages[0].pk
        )
        for minutes in (30, 180)
    )
    assert (earlier.met, earlier.missing) == (1, [])
    assert (now.met, now.missing) == (0, [need])
    assert now.checks[0].tick is not None
    assert now.checks[0].tick.by == cast.lee, "saying it again changes nothing"
    assert Tick.objects.count() == 2


def test_what_was_said_is_never_rewritten(cast: Cast, asked: list[Criterion]) -> None:
    deal = make_deal(cast, cast.minsu, 1)
    say(cast, deal, asked[0])
    with pytest.raises(DatabaseError), transaction.atomic():
        Tick.objects.update(is_met=False)
    deal.delete()
    assert not Tick.objects.exists(), "deleted deals take it along"


def test_only_what_is_asked_of_a_deal_is_ticked(cast: Cast, asked: list[Criterion]) -> None:
    deal = make_deal(cast, cast.minsu, 1)
    other = make_eight_steps(slug="other", name="Other", is_default=False)
    foreign = Criterion.objects.filter(stage__process=other)[0]
    retired = criterion(cast, 1, "Retired", is_active=False)
    for each in (foreign, retired):
        with pytest.raises(ValidationError):
            say(cast, deal, each)


def test_a_move_past_an_unticked_must_have_needs_a_reason(
    cast: Cast, asked: list[Criterion]
) -> None:
    deal = make_deal(cast, cast.minsu, 1)
    with pytest.raises(CriteriaUnmet) as unmet:
        move(cast, deal, 2)
    assert names(unmet) == ["Need"]
    deal.refresh_from_db()
    assert (deal.stage, deal.revision) == (cast.stages[0], 1)

    with because("  The customer asked for it  "):
        moved = move(cast, deal, 2)
    assert moved.stage == cast.stages[1]
    kept = Skip.objects.get()
    assert (kept.reason, kept.criteria, kept.by) == (
        "The customer asked for it",
        [asked[0].pk],
        cast.minsu,
    )


def test_ticked_must_haves_and_unticked_others_let_it_pass(
    cast: Cast, asked: list[Criterion]
) -> None:
    deal = make_deal(cast, cast.minsu, 2)
    say(cast, deal, asked[1])
    assert move(cast, deal, 3).stage == cast.stages[2]
    assert not Skip.objects.exists()


def test_skipping_stages_and_winning_count_every_stage_passed(
    cast: Cast, asked: list[Criterion]
) -> None:
    deal = make_deal(cast, cast.minsu, 1)
    with pytest.raises(CriteriaUnmet) as skipped:
        move(cast, deal, 4)
    assert names(skipped) == ["Need", "Champion", "Price"]
    say(cast, deal, asked[1])
    with pytest.raises(CriteriaUnmet) as won:
        win_deal(deal=deal, by=cast.minsu, revision=1, at=NOON)
    assert names(won) == ["Need", "Price"]


def test_back_lost_and_open_again_ask_nothing(cast: Cast, asked: list[Criterion]) -> None:
    deal = make_deal(cast, cast.minsu, 3)
    deal = move(cast, deal, 1)
    deal = lose_deal(deal=deal, by=cast.minsu, revision=deal.revision, at=NOON, reason="price")
    won = make_deal(cast, cast.minsu, cast.won)
    again = reopen_deal(deal=won, to=cast.stages[3], by=cast.minsu, revision=1, at=NOON)
    assert (deal.outcome, again.outcome) == (Outcome.LOST, Outcome.OPEN)
    assert not Skip.objects.exists()


def test_a_lost_deal_does_not_come_back_further_than_it_was(
    cast: Cast, asked: list[Criterion]
) -> None:
    with as_recorded_at(NOON - timedelta(days=2)):
        deal = make_deal(cast, cast.minsu, 2)
    with as_recorded_at(NOON - timedelta(days=1)):
        deal = lose_deal(deal=deal, by=cast.minsu, revision=1, at=NOON, reason="price")
    with pytest.raises(CriteriaUnmet) as unmet:
        move(cast, deal, 4)
    assert names(unmet) == ["Champion", "Price"]
    assert move(cast, deal, 2).stage == cast.stages[1]


def test_taking_one_s_own_move_back_asks_nothing(cast: Cast, asked: list[Criterion]) -> None:
    with as_recorded_at(NOON - timedelta(days=1)):
        deal = make_deal(cast, cast.minsu, 3)
    with as_recorded_at(NOON), recorded_by(cast.minsu.pk):
        deal = move(cast, deal, 1)
    later = NOON + timedelta(minutes=30)
    with pytest.raises(CriteriaUnmet):
        move(cast, deal, 3, at=later)
    with pytest.raises(CriteriaUnmet):
        move(cast, deal, 2, at=NOON + timedelta(minutes=1))
    assert move(cast, deal, 3, at=NOON + timedelta(minutes=1)).stage == cast.stages[2]


def test_another_system_that_reports_a_move_is_not_asked(
    cast: Cast, asked: list[Criterion]
) -> None:
    deal = make_deal(cast, cast.minsu, 1)
    changes = {"revision": 1, "stage": cast.stages[3]}
    assert sync_deal(deal=deal, by=cast.minsu, at=NOON, changes=changes).stage == cast.stages[3]


def test_the_timeline_tells_ticks_and_reasons(cast: Cast, asked: list[Criterion]) -> None:
    with as_recorded_at(NOON - timedelta(days=1)):
        deal = make_deal(cast, cast.minsu, 2)
    say(cast, deal, asked[2])
    with as_recorded_at(NOON + timedelta(hours=1)), because("In a hurry"):
        move(cast, deal, 3, at=NOON + timedelta(hours=1))
    entries = timeline_of(deal, until=seoul(2099, 1, 1))
    (told,) = [each.passed for each in entries if each.passed]
    (ticked,) = [each.tick for each in entries if each.tick]
    assert (told.reason, [each.name for each in told.criteria]) == ("In a hurry", ["Champion"])
    assert ticked.criterion == asked[2]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ticked=st.sets(st.integers(0, 3)),
    start=st.integers(0, 3),
    end=st.integers(0, 4),
)
def test_asked_for_are_exactly_the_unticked_must_haves_on_the_way(
    cast: Cast, ticked: set[int], start: int, end: int
) -> None:
    with transaction.atomic():
        asked = [criterion(cast, place + 1, f"C{place}") for place in range(4)]
        deal = make_deal(cast, cast.minsu, start + 1)
        for place in ticked:
            say(cast, deal, asked[place])
        wanted = [f"C{place}" for place in range(start, end) if place not in ticked]
        found: list[str] = []
        try:
            with transaction.atomic():
                move(cast, deal, end + 1)
        except CriteriaUnmet as unmet:
            found = [each.name for each in unmet.criteria]
        assert found == wanted
        transaction.set_rollback(True)


def test_the_eight_steps_come_with_criteria_in_both_languages(db: None) -> None:
    process = make_eight_steps(slug="eight", name="Eight", is_default=True)
    stages = Stage.objects.filter(process=process).prefetch_related("criteria")
    assert [stage.name for stage in stages] == [step.name for step in STEPS]
    for stage in stages:
        texts = [(each.name, each.name_ko) for each in stage.criteria.all()]
        assert all(english and korean for english, korean in texts)
        assert bool(texts) == (stage.outcome == Outcome.OPEN)
    assert SalesProcess.objects.get().is_default
