"""What the demo's people called in the past is what people like them would have said then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from accounts.scope import COMPANY, Scope, ScopeKind, Tree
from forecasting.accuracy.called import calls_of
from forecasting.calls import people_of
from forecasting.demo.calls import add_calls
from forecasting.forecasts import Forecast, forecast
from forecasting.models import Adjustment, Column, Deadline, Submission
from periods import Grain, Period
from pipeline.demo.plan import Plan
from pipeline.demo.seeding import seed
from pipeline.reading import Reading
from tests.forecasting.imagined import LAST_QUARTER, SEOUL, UNTIL

pytestmark = pytest.mark.django_db
PLAN = Plan(400, 4, UNTIL, SEOUL)
RUNNING = LAST_QUARTER.next()
A_SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demo company with its calls, taken back after the module's tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        seed(PLAN, say=lambda _line: None)
        add_calls(PLAN, say=lambda _line: None)
        yield
        transaction.set_rollback(True)


def _forecast(call: Submission | Adjustment, *, before: bool = False) -> Forecast:
    """The forecast of the person's team (or of themselves) at the instant of a call."""
    period = Period.containing(call.start, Grain.QUARTER, SEOUL)
    at, tree = call.at - A_SECOND if before else call.at, Tree.load()
    scope = Scope(ScopeKind.USER, call.user_id or 0)
    if before and call.team_id:
        scope = tree.scope(tree.teams[call.team_id])
    return forecast(Reading(scope, period, at, "KRW", as_of=at, known_at=at), tree)


def test_what_the_system_had_is_what_the_forecast_of_then_says() -> None:
    for each in Submission.objects.order_by("pk")[5::120]:
        amounts = _forecast(each).forest.person(each.team_id, each.user_id).amounts
        found = (amounts.closed, amounts.commit_forecast, amounts.best_case_forecast)
        assert tuple(round(amount, 2) for amount in found) == (
            each.base_closed,
            each.base_commit,
            each.base_best_case,
        )


def test_an_adjustment_replaces_what_stood_in_the_cell() -> None:
    for each in Adjustment.objects.order_by("pk")[3::90]:
        found = _forecast(each, before=True)
        figure = found.calls.of(found.forest.person(each.team_id, each.user_id or 0)).of(
            each.column
        )
        assert (figure.base, figure.number) == (each.base, each.number - 1)


def test_figures_are_in_order() -> None:
    cells: dict[tuple[object, ...], dict[str, Decimal]] = {}
    for each in Adjustment.objects.exclude(value=None):
        key = (each.start, each.team_id, each.user_id, each.number)
        cells.setdefault(key, {})[each.column] = each.value or Decimal(0)
    assert len(cells) > 50
    assert all(cell[Column.BEST_CASE] >= cell[Column.COMMIT] for cell in cells.values())
    assert Submission.objects.filter(at__gt=UNTIL).count() == 0


def test_people_differ_and_their_leads_know_it_in_part() -> None:
    tree, missed = Tree.load(), dict[int, list[Decimal]]()
    adjusted_misses = commit_misses = Decimal(0)
    for quarter in LAST_QUARTER.trailing(4):
        at = quarter.starts_at + timedelta(days=40)
        ended = calls_of(quarter, quarter.last_instant, tree)
        end = forecast(Reading(COMPANY, quarter, UNTIL, "KRW"), tree)
        came = {(node.team, node.user): node.amounts.closed for node in people_of(end.forest.root)}
        for (team, user), call in calls_of(quarter, at, tree).items():
            if user is not None and (team, user) in ended:
                actual = came.get((team, user), Decimal(0))
                missed.setdefault(user, []).append(call.commit - actual)
                commit_misses += abs(call.commit - actual)
                adjusted_misses += abs(call.adjusted - actual)
    signs = {all(each > 0 for each in misses) for misses in missed.values()}
    assert signs == {True, False}
    assert adjusted_misses < commit_misses


def test_this_week_some_have_not_submitted_and_some_adjustments_are_stale() -> None:
    found = forecast(Reading(COMPANY, RUNNING, UNTIL, "KRW"), Tree.load(), everybody=True)
    figures = [found.calls.of(node) for node in people_of(found.forest.root)]
    submitted = [each.submission.at for each in figures if each.submission]
    week_ago = UNTIL - timedelta(days=7)
    assert any(at < week_ago for at in submitted)
    assert any(at > week_ago for at in submitted)
    assert any(each.commit.is_stale for each in figures)


def test_the_same_plan_gives_the_same_calls_and_nothing_is_added_twice() -> None:
    first = _all()
    add_calls(PLAN, say=lambda _line: None)
    assert _all() == first
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE forecasting_submission, forecasting_adjustment")
    add_calls(PLAN, say=lambda _line: None)
    assert _all() == first


def _all() -> list[tuple[object, ...]]:
    submitted = Submission.objects.order_by("pk").values_list(
        "user", "team", "start", "at", "commit", "best_case", "note", "base_commit"
    )
    adjusted = Adjustment.objects.order_by("pk").values_list(
        "user", "team", "start", "at", "column", "number", "value", "base", "reason", "author"
    )
    return [*submitted, *adjusted]


def test_only_reps_who_were_there_submit_and_their_leads_adjust() -> None:
    authors = User.objects.filter(pk__in=Adjustment.objects.values("author"))
    assert {person.role for person in authors} == {"lead"}
    people = User.objects.filter(pk__in=Submission.objects.values("user"))
    assert {person.role for person in people} == {"rep"}


def test_its_people_are_asked_to_submit_by_wednesdays() -> None:
    assert str(Deadline.objects.get()) == "Every week: Wednesday 18:00"
    assert Deadline.objects.filter(since=PLAN.until).exists(), "nobody has missed one before"
