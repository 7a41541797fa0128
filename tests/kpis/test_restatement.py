"""A closed period's figure that is another one now says so, and opens to what changed it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.scope import resolve
from history import as_recorded_at, recorded_by
from kpis.questions import Question
from kpis.restatement import moved_rows
from pipeline.models import Deal
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
