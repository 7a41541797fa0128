"""Submitting and adjusting: what is allowed, what it does to the figures above, what is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import InternalError, connection, transaction

from accounts.models import Membership, User
from accounts.roles import Role
from forecasting.actions.calls import Cell, Change, Overtaken, adjust, submit
from forecasting.forecasts import said_of
from forecasting.models import Adjustment, Column, Submission
from history import as_recorded_at
from tests.cast import JOINED, Cast, seoul
from tests.forecasting.asking import NOW, forecast_of, ints, named, open_deal, quarter, won_deal

COMMIT, BEST = Column.COMMIT, Column.BEST_CASE


@pytest.fixture
def deals(cast: Cast) -> Cast:
    """minsu has 10 closed, 20 committed and 30 likely; jiwoo 40 committed, bora 50."""
    won_deal(cast, cast.minsu, 10)
    open_deal(cast, cast.minsu, 20)
    open_deal(cast, cast.minsu, 30, stage=3)
    open_deal(cast, cast.jiwoo, 40)
    open_deal(cast, cast.bora, 50)
    return cast


def submitted(cast: Cast, by: User, commit: int, best: int, **how: Any) -> Submission:
    figures = {"commit": Decimal(commit), "best_case": Decimal(best)}
    return submit(by=by, period=quarter(cast), **{**figures, "at": NOW, **how})


def adjusted(
    cast: Cast, by: User, cell: Cell, value: int | None, *, column: Column = COMMIT, **how: Any
) -> Adjustment:
    change = Change(None if value is None else Decimal(value), how.pop("number", 0))
    options = {"period": quarter(cast), "reason": "They know less", "at": NOW, **how}
    (made,) = adjust(by=by, cell=cell, changes={column: change}, **options)
    return made


def of_minsu(cast: Cast) -> Cell:
    return Cell(cast.teams["seoul-1"], user=cast.minsu)


def commits(cast: Cast, **how: Any) -> dict[str, Decimal]:
    found = forecast_of(cast, **how)
    return {
        name: found.calls.of(node).commit.value
        for name, node in named(cast, found).items()
        if found.calls.of(node).commit.value
    }


def test_until_somebody_submits_the_system_stands_in(deals: Cast) -> None:
    found = forecast_of(deals)
    minsu = found.calls.of(named(deals, found)["minsu"])
    assert ints(minsu.commit.value, minsu.commit.submitted) == [30, None]
    assert commits(deals)["all"] == 120


def test_what_a_rep_submits_counts_in_every_team_above_once(deals: Cast) -> None:
    submitted(deals, deals.minsu, 25, 70)
    assert commits(deals) == {
        "minsu": 25, "jiwoo": 40, "seoul-1": 65, "seoul": 65,
        "bora": 50, "busan-1": 50, "busan": 50, "all": 115,
    }  # fmt: skip


def test_adjusting_a_rep_changes_team_and_company_once_and_every_layer_stays(deals: Cast) -> None:
    submitted(deals, deals.minsu, 25, 70)
    adjusted(deals, deals.lee, of_minsu(deals), 15)

    assert commits(deals) == {
        "minsu": 15, "jiwoo": 40, "seoul-1": 55, "seoul": 55,
        "bora": 50, "busan-1": 50, "busan": 50, "all": 105,
    }  # fmt: skip
    found = forecast_of(deals)
    minsu = found.calls.of(named(deals, found)["minsu"]).commit
    assert ints(minsu.system, minsu.submitted, minsu.adjusted) == [30, 25, 15]
    assert not minsu.is_stale
    whole = found.calls.of(found.forest.root).commit
    assert ints(whole.system, whole.value) == [120, 105]


def test_a_team_adjusted_by_the_lead_above_replaces_all_below_it_there(deals: Cast) -> None:
    adjusted(deals, deals.lee, of_minsu(deals), 15)
    adjusted(deals, deals.rho, Cell(deals.teams["seoul"], child=deals.teams["seoul-1"]), 20)
    found = commits(deals)
    assert [found[name] for name in ("minsu", "seoul-1", "seoul", "all")] == [15, 20, 20, 70]
    own = forecast_of(deals, "team:seoul-1")
    root = own.calls.of(own.forest.root).commit
    assert ints(root.base, root.adjusted) == [55, 20]


def test_every_effect_adds_up_to_what_was_called(deals: Cast) -> None:
    submitted(deals, deals.minsu, 25, 70)
    adjusted(deals, deals.lee, of_minsu(deals), 15)
    adjusted(deals, deals.rho, Cell(deals.teams["seoul"], child=deals.teams["seoul-1"]), 20)
    found = forecast_of(deals)
    root = found.calls.of(found.forest.root).commit
    moved = [each.amount for each in found.calls.effects if each.column == COMMIT]
    assert root.system + sum(moved) == root.value == 70


def test_an_adjustment_is_stale_once_what_it_replaced_has_moved(deals: Cast) -> None:
    adjusted(deals, deals.lee, of_minsu(deals), 15)
    submitted(deals, deals.minsu, 28, 70, at=NOW + timedelta(hours=1))
    found = forecast_of(deals)
    minsu = found.calls.of(named(deals, found)["minsu"]).commit
    assert minsu.is_stale
    assert ints(minsu.value, Adjustment.objects.get().base) == [15, 30]


def test_an_adjustment_is_taken_back_and_both_acts_are_kept(deals: Cast) -> None:
    adjusted(deals, deals.lee, of_minsu(deals), 15)
    adjusted(deals, deals.lee, of_minsu(deals), None, number=1, reason="I was wrong")
    assert commits(deals)["minsu"] == 30
    kept = Adjustment.objects.order_by("number").values_list("number", "value", "base", "reason")
    assert list(kept) == [(1, 15, 30, "They know less"), (2, None, 30, "I was wrong")]


def test_nothing_that_was_said_can_be_changed(deals: Cast) -> None:
    submission = submitted(deals, deals.minsu, 25, 70)
    with pytest.raises(InternalError), transaction.atomic():
        Submission.objects.filter(pk=submission.pk).update(commit=99)
    with pytest.raises(InternalError), transaction.atomic():
        submission.delete()


@pytest.mark.parametrize(
    ("commit", "best", "field"), [(9, 70, "commit"), (25, 24, "best_case"), (-1, 0, "commit")]
)
def test_best_case_includes_commit_and_that_includes_what_is_closed(
    deals: Cast, commit: int, best: int, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        submitted(deals, deals.minsu, commit, best)
    assert field in refused.value.message_dict


def test_an_adjustment_keeps_the_order_too(deals: Cast) -> None:
    for value in (9, 61):
        with pytest.raises(ValidationError):
            adjusted(deals, deals.lee, of_minsu(deals), value)
    both = {COMMIT: Change(Decimal(61), 0), BEST: Change(Decimal(61), 0)}
    cell, period = of_minsu(deals), quarter(deals)
    made = adjust(by=deals.lee, cell=cell, period=period, changes=both, reason="More", at=NOW)
    assert {each.column: int(each.value or 0) for each in made} == {"commit": 61, "best_case": 61}


def test_an_adjustment_says_why(deals: Cast) -> None:
    with pytest.raises(ValidationError) as refused:
        adjusted(deals, deals.lee, of_minsu(deals), 15, reason="  ")
    assert "reason" in refused.value.message_dict


@pytest.mark.parametrize("who", ["minsu", "jiwoo", "park", "finn"])
def test_only_those_who_lead_may_adjust(deals: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        adjusted(deals, getattr(deals, who), of_minsu(deals), 15)


@pytest.mark.parametrize("who", ["lee", "rho", "eunji"])
def test_the_lead_those_above_and_executives_adjust(deals: Cast, who: str) -> None:
    assert adjusted(deals, getattr(deals, who), of_minsu(deals), 15).author == getattr(deals, who)


def test_nobody_adjusts_their_own(deals: Cast) -> None:
    with pytest.raises(PermissionDenied):
        adjusted(deals, deals.lee, Cell(deals.teams["seoul-1"], user=deals.lee), 0)


def test_only_direct_members_are_adjusted(deals: Cast) -> None:
    with pytest.raises(ValidationError):
        adjusted(deals, deals.rho, Cell(deals.teams["seoul"], user=deals.minsu), 15)
    with pytest.raises(ValidationError):
        adjusted(deals, deals.eunji, Cell(None, child=deals.teams["seoul-1"]), 15)


def test_a_period_that_is_over_is_called_no_more(deals: Cast) -> None:
    later = seoul(2026, 4, 1)
    with pytest.raises(ValidationError):
        submitted(deals, deals.minsu, 25, 70, at=later)
    with pytest.raises(ValidationError):
        adjusted(deals, deals.lee, of_minsu(deals), 15, at=later)


def test_finance_reads_and_submits_nothing(deals: Cast) -> None:
    with pytest.raises(PermissionDenied):
        submitted(deals, deals.finn, 0, 0)


def test_as_of_an_earlier_instant_what_was_said_by_then_counts(cast: Cast) -> None:
    with as_recorded_at(seoul(2026, 1, 5)):
        won_deal(cast, cast.minsu, 10)
        open_deal(cast, cast.minsu, 20)
    for day, commit in ((9, 12), (12, 25), (15, 28)):
        submitted(cast, cast.minsu, commit, 70, at=seoul(2026, 3, day))
    then = seoul(2026, 3, 13)
    assert commits(cast, at=then, as_of=then)["all"] == 25
    assert commits(cast, at=then, as_of=then, known_at=then)["all"] == 25
    assert commits(cast)["all"] == 28


def test_what_was_said_before_the_last_word_is_not_read(deals: Cast) -> None:
    for number, commit in enumerate((25, 28, 31)):
        submitted(deals, deals.minsu, commit, 70, at=NOW + timedelta(days=number))
        adjusted(deals, deals.lee, of_minsu(deals), commit + 1, number=number)
    before = NOW + timedelta(days=1)
    company = forecast_of(deals).reading
    said = said_of([replace(company, known_at=before), replace(company, known_at=None)])
    assert [each.commit for each in said.submissions] == [28, 31]
    assert [each.value for each in said_of([company]).adjustments] == [32]


def test_a_rep_who_changes_teams_is_asked_anew(deals: Cast) -> None:
    submitted(deals, deals.minsu, 25, 70)
    today = NOW.date()
    deals.minsu.memberships.update(end=today)
    Membership.objects.create(user=deals.minsu, team=deals.teams["busan-1"], start=today)
    assert commits(deals)["minsu"] == 30


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_hundred_reps_at_once_lose_nothing(cast: Cast) -> None:
    team = cast.teams["seoul-2"]
    reps = User.objects.bulk_create(
        User(email=f"rep{number}@example.com", name=f"Rep {number}", role=Role.REP)
        for number in range(200)
    )
    Membership.objects.bulk_create(Membership(user=rep, team=team, start=JOINED) for rep in reps)
    period = quarter(cast)

    def say(number: int) -> None:
        figure = Decimal(1000 + number)
        try:
            submit(by=reps[number], period=period, commit=figure, best_case=figure, at=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(say, range(200)))

    kept = dict(Submission.objects.values_list("user__email", "commit"))
    assert kept == {f"rep{number}@example.com": 1000 + number for number in range(200)}
    assert commits(cast)["seoul-2"] == sum(range(1000, 1200))


@pytest.mark.django_db(transaction=True)
def test_of_two_leads_at_once_one_wins_and_the_other_sees_what_they_said(deals: Cast) -> None:
    together = Barrier(2)

    def say(by: User, value: int) -> str:
        try:
            together.wait(timeout=20)
            adjusted(deals, by, of_minsu(deals), value)
        except Overtaken as overtaken:
            return f"refused: {overtaken.current.author.name} said {overtaken.current.value:f}"
        finally:
            connection.close()
        return "won"

    with ThreadPoolExecutor(2) as pool:
        lee, rho = pool.submit(say, deals.lee, 15), pool.submit(say, deals.rho, 16)
        answers = {lee.result(), rho.result()}

    assert answers in (
        {"won", "refused: Rho said 16.00"},
        {"won", "refused: Lee said 15.00"},
    )
    assert Adjustment.objects.count() == 1


def test_who_saw_an_older_version_is_refused(deals: Cast) -> None:
    adjusted(deals, deals.rho, of_minsu(deals), 16)
    with pytest.raises(Overtaken) as refused:
        adjusted(deals, deals.lee, of_minsu(deals), 15)
    assert refused.value.current.value == 16
    adjusted(deals, deals.lee, of_minsu(deals), 15, number=1)
    assert commits(deals)["minsu"] == 15
