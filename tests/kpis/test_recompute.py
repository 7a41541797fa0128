"""Computing all stored values anew: in steps, by several, stopped, gone on with, told of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from kpis import tasks
from kpis.actions.recomputations import (
    resume_recomputation,
    start_recomputation,
    stop_recomputation,
)
from kpis.drain import drain
from kpis.models import Recomputation, State, StoredUnit, StoredValue
from kpis.storage import recomputing
from kpis.storage.recomputing import take_step
from tests.cast import Cast, make_deal, seoul
from tests.kpis.storing import NOW, differing, fill


def start(cast: Cast, **options: Any) -> Recomputation:
    return start_recomputation(by=cast.sam, at=NOW, **options)


def told() -> Any:
    return Recomputation.objects.for_listing()[0]


@pytest.fixture
def filled(cast: Cast) -> Cast:
    day = seoul(2026, 2, 5)
    make_deal(cast, cast.minsu, cast.won, amount=700, created_at=day, closed_at=day)
    drain()
    fill()
    return cast


def change_past_the_triggers() -> None:
    StoredValue.objects.filter(level="leaf").update(won_amount=1)


def test_step_by_step_everything_is_made_right(filled: Cast) -> None:
    change_past_the_triggers()
    start(filled)
    while take_step(at=NOW):
        pass
    assert differing() == {}
    assert told().state == State.FINISHED
    assert told().spans == told().spans_done == StoredUnit.objects.count()
    assert told().rows_differed == 2
    assert told().started_by == filled.sam


def test_earlier_months_may_be_left_out(filled: Cast) -> None:
    start(filled, since=date(2026, 2, 1))
    starts = [start for step in told().steps.all() for start in step.starts]
    assert min(starts) == date(2026, 1, 26)
    assert date(2026, 2, 1) in starts


def test_nobody_starts_in_the_future(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="not in the future"):
        start(cast, since=date(2026, 2, 17))


def test_one_at_a_time(cast: Cast) -> None:
    start(cast)
    with pytest.raises(ValidationError, match="under way"):
        start(cast)


def test_only_staff_start_stop_and_go_on(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        start_recomputation(by=cast.eunji, at=NOW)
    with pytest.raises(PermissionDenied):
        stop_recomputation(by=cast.eunji, at=NOW)
    with pytest.raises(PermissionDenied):
        resume_recomputation(by=cast.eunji)


def test_stopped_it_takes_no_more_steps_and_goes_on_where_it_was(filled: Cast) -> None:
    start(filled)
    assert take_step(at=NOW)
    stop_recomputation(by=filled.sam, at=NOW)
    done = told().spans_done
    assert not take_step(at=NOW)
    assert (told().state, told().stopped_by, told().spans_done) == ("stopped", filled.sam, done)
    resume_recomputation(by=filled.sam)
    assert take_step(at=NOW)
    assert told().spans_done > done > 0


def test_what_has_finished_is_not_gone_on_with(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        resume_recomputation(by=cast.sam)


def test_only_the_last_ones_are_told_of(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpis.actions.recomputations.KEPT", 2)
    for _ in range(3):
        start(cast, since=date(2026, 2, 1))
        stop_recomputation(by=cast.sam, at=NOW)
    assert Recomputation.objects.count() == 2


def test_a_step_that_cannot_be_done_stops_it_and_says_why(
    filled: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> int:
        raise RuntimeError("no such month")

    monkeypatch.setattr(recomputing, "fill_spans", refuse)
    start(filled)
    with pytest.raises(RuntimeError):
        tasks.recompute_step(0)
    assert (told().state, told().problem) == ("stopped", "RuntimeError: no such month")


@pytest.fixture
def few_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MONTHS_AHEAD", "MONTHS_BEFORE_FACTS"):
        monkeypatch.setattr(f"kpis.storage.keeping.{name}", 0)
    monkeypatch.setattr("kpis.storage.keeping.MONTHS_AT_LEAST", 1)


@pytest.fixture
def another_at_a_step() -> Iterator[threading.Event]:
    """A worker that took the first step, and dies in the midst of it when told to."""
    took, dies = threading.Event(), threading.Event()

    def work() -> None:
        with transaction.atomic():
            recomputing._next_step()
            took.set()
            dies.wait(30)
            transaction.set_rollback(True)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    took.wait(30)
    yield dies
    dies.set()
    thread.join()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("few_spans")
def test_a_step_is_done_by_one_and_by_another_where_that_one_died(cast: Cast, request: Any) -> None:
    start(cast)
    dies = request.getfixturevalue("another_at_a_step")
    while take_step(at=NOW):
        pass
    assert (told().state, told().spans_done < told().spans) == ("running", True)
    dies.set()
    while told().state == State.RUNNING:
        take_step(at=NOW)
    assert told().spans_done == told().spans


def test_the_command_shows_its_progress(filled: Cast) -> None:
    progress, said = StringIO(), StringIO()
    change_past_the_triggers()
    call_command("recompute", "--since", "2026-02-01", stdout=said, stderr=progress)
    spans = told().spans
    assert said.getvalue() == f"{spans} spans computed, 2 rows differed.\n"
    assert f"{'█' * 30} {spans}/{spans}" in progress.getvalue()


def test_the_command_goes_on_with_a_stopped_one(filled: Cast) -> None:
    start(filled)
    take_step(at=NOW)
    stop_recomputation(by=filled.sam, at=NOW)
    call_command("recompute", "--resume", stdout=StringIO(), stderr=StringIO())
    assert told().state == State.FINISHED


def test_interrupted_the_command_says_how_to_go_on(
    filled: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_arguments: Any, **_options: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(recomputing, "fill_spans", interrupt)
    with pytest.raises(CommandError, match="--resume"):
        call_command("recompute", stdout=StringIO(), stderr=StringIO())
    assert told().state == State.STOPPED
