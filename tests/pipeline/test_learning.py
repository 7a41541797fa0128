"""Probabilities of stages, learned from the deals that were closed within twelve months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from accounts.scope import resolve
from history import as_recorded_at, version_model
from kpis.evaluate import answer
from kpis.questions import Question
from pipeline.actions.processes import set_probabilities
from pipeline.learning import Learned, learned_probabilities
from pipeline.models import Deal, SalesProcess, Stage
from pipeline.tasks import learn_probabilities
from tests.cast import Cast, make_deal, seoul
from tests.pipeline.test_admin import stages_form

NOW = seoul(2026, 3, 31, 12)
# After the stages of the cast were written, which tests do not date.
TONIGHT = seoul(2199, 1, 1)
BORN = seoul(2026, 1, 5)


def walk(cast: Cast, stages: Sequence[int], *, born: datetime = BORN, reason: str = "") -> Deal:
    """A deal that comes to a stage (by number) each day."""
    first, *rest = stages
    with as_recorded_at(born):
        deal = make_deal(cast, cast.minsu, first, created_at=born)
    for day, number in enumerate(rest, 1):
        stage, at = cast.stages[number - 1], born + timedelta(days=day)
        with as_recorded_at(at):
            Deal.objects.filter(pk=deal.pk).update(
                stage=stage,
                outcome=stage.outcome,
                closed_at=None if stage.outcome == "open" else at,
                lost_reason=reason if stage == cast.lost else "",
            )
    return deal


def shares(cast: Cast) -> dict[int, Learned]:
    """By the position of the stage."""
    found = learned_probabilities(SalesProcess.objects.get(), at=NOW)
    return {stage.position: found[stage.pk] for stage in cast.stages if stage.pk in found}


@pytest.fixture
def closed(cast: Cast) -> Cast:
    """Two won (one skipping stages), one lost in the third stage and one in the first."""
    walk(cast, [1, 2, 3, 4, 5])
    walk(cast, [1, 5])
    walk(cast, [1, 3, 6], reason="price")
    walk(cast, [1, 6], reason="price")
    return cast


def test_of_the_deals_that_reached_a_stage_or_beyond_the_share_won(closed: Cast) -> None:
    assert shares(closed) == {
        1: Learned(4, 2),
        2: Learned(3, 2),
        3: Learned(3, 2),
        4: Learned(2, 2),
    }


def test_open_deals_duplicates_and_older_ones_do_not_count(closed: Cast) -> None:
    before = shares(closed)
    walk(closed, [1, 2, 3])
    walk(closed, [1, 6], reason="duplicate")
    walk(closed, [1, 5], born=seoul(2025, 3, 20))
    assert shares(closed) == before


def test_a_deal_that_was_seen_in_no_stage_tells_nothing(cast: Cast) -> None:
    walk(cast, [5])
    assert shares(cast) == {}


def test_learned_values_are_in_force_from_the_night_on_and_dated(closed: Cast) -> None:
    process = SalesProcess.objects.get()
    process.learns = True
    with as_recorded_at(TONIGHT):
        assert set_probabilities(process=process, at=NOW) == 4
        assert set_probabilities(process=process, at=NOW) == 0
    assert Stage.objects.get(position=2).probability == Decimal("0.6667")
    versions = version_model(Stage).objects.known().filter(row=closed.stages[1].pk)
    assert [version.probability for version in versions] == [Decimal("0.1"), Decimal("0.6667")]
    assert versions[1].valid_from == TONIGHT


def test_back_by_hand_they_are_what_they_were(closed: Cast) -> None:
    process = SalesProcess.objects.get()
    was = list(Stage.objects.values_list("probability", flat=True))
    for learns in (True, False):
        process.learns = learns
        set_probabilities(process=process, at=NOW)
    assert list(Stage.objects.values_list("probability", flat=True)) == was


def test_a_stage_that_nobody_reached_keeps_what_was_set_by_hand(cast: Cast) -> None:
    walk(cast, [1, 6], reason="price")
    process = SalesProcess.objects.get()
    process.learns = True
    set_probabilities(process=process, at=NOW)
    assert list(Stage.objects.open().values_list("probability", flat=True)) == [
        0,
        Decimal("0.1"),
        Decimal("0.6"),
        Decimal("0.8"),
    ]


def test_the_weighted_pipeline_uses_them(closed: Cast) -> None:
    make_deal(closed, closed.minsu, 2, amount=1_000_000)
    SalesProcess.objects.update(learns=True)
    process = SalesProcess.objects.get()
    set_probabilities(process=process, at=NOW)
    period = closed.company.calendar.parse("2026-Q2", at=NOW)
    scope = resolve("company", closed.eunji)
    (found,) = answer([Question("weighted_pipeline", scope, period)], viewer=closed.eunji, at=NOW)
    assert found.value == 666_700


def test_the_nightly_task_leaves_others_alone(closed: Cast) -> None:
    was = list(Stage.objects.values_list("probability", flat=True))
    learn_probabilities()
    assert list(Stage.objects.values_list("probability", flat=True)) == was


class TestAdmin:
    @pytest.fixture
    def lost(self, cast: Cast) -> Cast:
        """One deal that came to the second stage and was lost yesterday."""
        walk(cast, [1, 2, 6], born=timezone.now() - timedelta(days=3), reason="price")
        return cast

    def save(self, client: Client, cast: Cast, **changed: object) -> None:
        process = SalesProcess.objects.get()
        form = stages_form(process) | changed
        client.force_login(cast.sam)
        answer = client.post(f"/admin/pipeline/salesprocess/{process.pk}/change/", form)
        assert answer.status_code == 302

    def test_staff_choose_learned_ones_and_see_what_they_would_be(
        self, lost: Cast, client: Client
    ) -> None:
        process = SalesProcess.objects.get()
        client.force_login(lost.sam)
        page = client.get(f"/admin/pipeline/salesprocess/{process.pk}/change/").content.decode()
        assert "0.0 % (0 of 1 won)" in page.replace("\xa0", " ")
        self.save(client, lost, learns="on")
        stage = Stage.objects.get(position=2)
        assert (stage.probability, stage.by_hand) == (Decimal(0), Decimal("0.1"))

    def test_what_is_typed_meanwhile_is_kept_for_later(self, lost: Cast, client: Client) -> None:
        self.save(client, lost, learns="on")
        self.save(client, lost, **{"learns": "on", "stages-1-probability": "0.3"})
        stage = Stage.objects.get(position=2)
        assert (stage.probability, stage.by_hand) == (Decimal(0), Decimal("0.3"))
        self.save(client, lost, **{"stages-1-probability": "0.3"})
        stage = Stage.objects.get(position=2)
        assert (stage.probability, stage.by_hand) == (Decimal("0.3"), None)
