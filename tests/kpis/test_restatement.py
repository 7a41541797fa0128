"""A closed period's figure that is another one now says so, and opens to what changed it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.scope import resolve
from history import as_recorded_at, infinity, recorded_because, recorded_by, version_model
from kpis.drain import drain
from kpis.questions import Question
from kpis.restatement import moved_rows
from pipeline.actions.closings import close_period, reopen_period
from pipeline.models import Closing, Deal, Target
from tests.cast import Cast, make_cast, make_deal, seoul
from tests.kpis.asking import NOW, ask

CLOSE = seoul(2026, 2, 1)


@pytest.fixture
def told(db: None) -> Cast:
    """Two wins in January; one was worth another amount in February."""
    with as_recorded_at(seoul(2025, 6, 1)):
        cast = make_cast()
    with as_recorded_at(seoul(2026, 1, 20)):
        for amount in (100, 20):
            make_deal(cast, cast.minsu, cast.won, amount=amount, closed_at=seoul(2026, 1, 20))
    with as_recorded_at(seoul(2026, 2, 10)), recorded_by(cast.minsu.pk):
        Deal.objects.filter(amount=20).update(amount=27)
    return cast


def question(cast: Cast, period: str) -> Question:
    span = cast.company.calendar.parse(period, at=NOW)
    return Question("won_revenue", resolve("company", cast.eunji), span)


def test_a_changed_figure_of_a_closed_period_keeps_what_it_was(told: Cast) -> None:
    found = ask(told, "won_revenue", "2026-01", against_close=True)
    assert found.value == 127
    assert found.restated is not None
    assert found.restated.then.value == 120
    assert found.restated.closed_at == CLOSE


@pytest.mark.parametrize(("kpi", "period"), [("won_deals", "2026-01"), ("won_revenue", "2026-Q1")])
def test_what_did_not_change_or_runs_still_is_not_restated(
    told: Cast, kpi: str, period: str
) -> None:
    assert ask(told, kpi, period, against_close=True).restated is None


def test_a_period_from_before_the_first_record_is_not_restated_by_an_import(told: Cast) -> None:
    make_deal(told, told.minsu, told.won, amount=5, closed_at=seoul(2024, 1, 20))
    assert ask(told, "won_revenue", "2024-01", against_close=True).restated is None


def test_it_opens_to_the_changes_by_row_person_and_date(told: Cast) -> None:
    (moved,) = moved_rows(question(told, "2026-01"), viewer=told.eunji, at=NOW, part="numerator")
    (change,) = moved.changes
    assert (moved.before, moved.after) == (Decimal(20), Decimal(27))
    assert (change.by, change.recorded_at) == (told.minsu, seoul(2026, 2, 10))
    assert [(field.name, field.after) for field in change.fields] == [("amount", 27)]
    assert moved_rows(question(told, "2026-Q1"), viewer=told.eunji, at=NOW, part="numerator") == []


def close(cast: Cast, code: str, at: datetime) -> Closing:
    period = cast.company.calendar.parse(code, at=NOW)
    return close_period(period=period, by=cast.sam, at=at)


@pytest.mark.parametrize("code", ["2026-01", "2026-01-01..2026-02-28"])
def test_a_closed_period_is_held_against_the_instant_of_its_closing(told: Cast, code: str) -> None:
    """What was mended before somebody closed it is no restatement; what came after is."""
    close(told, code, seoul(2026, 3, 2, 18))
    assert ask(told, "won_revenue", "2026-01", against_close=True).restated is None

    with as_recorded_at(seoul(2026, 3, 3)), recorded_because("Signed for 30"):
        Deal.objects.filter(amount=27).update(amount=30)
    found = ask(told, "won_revenue", "2026-01", against_close=True).restated
    assert found is not None
    assert (found.then.value, found.closed_at, found.by_hand) == (
        Decimal(127),
        seoul(2026, 3, 2, 18),
        True,
    )
    (moved,) = moved_rows(question(told, "2026-01"), viewer=told.eunji, at=NOW, part="numerator")
    assert [(change.fields[0].before, change.fields[0].after) for change in moved.changes] == [
        (27, 30)
    ]


def test_a_period_is_closed_when_the_last_of_its_parts_is(told: Cast) -> None:
    close(told, "2026-01", seoul(2026, 2, 5))
    two_months = "2026-01-01..2026-02-28"
    found = ask(told, "won_revenue", two_months, against_close=True).restated
    assert found is None, "only one of its parts is closed, and it was over after the change"

    close(told, "2026-02", seoul(2026, 3, 4))
    with as_recorded_at(seoul(2026, 3, 5)), recorded_because("Signed for 30"):
        Deal.objects.filter(amount=27).update(amount=30)
    found = ask(told, "won_revenue", two_months, against_close=True).restated
    assert found is not None
    assert (found.then.value, found.closed_at) == (Decimal(127), seoul(2026, 3, 4))


def test_a_period_opened_again_is_held_against_its_end(told: Cast) -> None:
    closing = close(told, "2026-01", seoul(2026, 3, 2))
    reopen_period(closing=closing, by=told.sam, at=seoul(2026, 3, 3))
    found = ask(told, "won_revenue", "2026-01", against_close=True).restated
    assert found is not None
    assert (found.closed_at, found.by_hand) == (CLOSE, False)


def test_attainment_is_held_against_the_target_of_then(told: Cast) -> None:
    january = {"start": date(2026, 1, 1), "end": date(2026, 2, 1)}
    with as_recorded_at(seoul(2025, 12, 1)):
        target = Target.objects.create(kpi="won_revenue", value=240, **january)
    with as_recorded_at(seoul(2026, 2, 20)):
        Target.objects.filter(pk=target.pk).update(value=127)
    found = ask(told, "target_attainment", "2026-01", against_close=True)
    assert found.value == 1
    assert found.restated is not None
    assert (found.restated.then.value, found.restated.target) == (Decimal("0.5"), Decimal(240))


def test_what_came_at_the_very_midnight_is_not_of_the_period_before(db: None) -> None:
    """February's first instant belongs to February: at January's end it was not known yet."""
    with as_recorded_at(seoul(2026, 1, 10)):
        cast = make_cast()
        make_deal(cast, cast.minsu, cast.won, amount=5, closed_at=seoul(2026, 1, 20))
    with as_recorded_at(CLOSE):
        Deal.objects.update(amount=6)
    found = ask(cast, "won_revenue", "2026-01", against_close=True)
    assert found.restated is not None
    assert (found.value, found.restated.then.value) == (Decimal(6), Decimal(5))


def test_what_was_loaded_after_the_close_is_not_read_as_it_was_then(told: Cast) -> None:
    with CaptureQueriesContext(connection) as queries:
        ask(told, "won_revenue", "2024-01", against_close=True)
    facts = [query["sql"] for query in queries if " AS part_" in query["sql"]]
    assert facts
    assert not any("pipeline_dealversion" in sql for sql in facts)


def test_days_in_stage_are_held_against_what_was_known_of_visits(told: Cast) -> None:
    """An import tells in March that the deal had moved on ten days earlier than was known."""
    came, went, known = seoul(2026, 1, 3), seoul(2026, 1, 23), seoul(2026, 3, 2)
    with as_recorded_at(came):
        deal = make_deal(told, told.minsu, 1, created_at=came)
    with as_recorded_at(went):
        Deal.objects.filter(pk=deal.pk).update(stage=told.stages[1])
    assert ask(told, "stage_dwell", "2026-01", against_close=True).restated is None

    versions = version_model(Deal).objects
    (state,) = versions.filter(row=deal.pk, valid_from=came).values()
    versions.filter(pk=state.pop("id")).update(recorded_to=known)
    state = {**state, "recorded_from": known, "recorded_to": infinity()}
    versions.create(**{**state, "valid_to": seoul(2026, 1, 13)})
    second = {"stage_id": told.stages[1].pk, "valid_from": seoul(2026, 1, 13)}
    versions.create(**{**state, **second})
    found = ask(told, "stage_dwell", "2026-01", against_close=True)
    assert found.restated is not None
    assert (found.value, found.restated.then.value) == (Decimal(10), Decimal(20))


@pytest.mark.usefixtures("stored_values")
def test_what_a_period_was_at_its_close_is_recalled(told: Cast) -> None:
    drain()
    first = ask(told, "won_revenue", "2026-01", against_close=True)
    with CaptureQueriesContext(connection) as queries:
        assert ask(told, "won_revenue", "2026-01", against_close=True).restated == first.restated
    assert first.restated is not None
    assert not [query for query in queries if '"number"' in query["sql"]]
