"""Deals through the API: through the stages, and from owner to owner."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from pipeline.actions.deals import edit_deal
from pipeline.models import Deal, Outcome
from tests.cast import Cast, make_deal
from tests.pipeline.api.conftest import DEALS, As, move


def test_moving_to_a_stage(cast: Cast, as_: As, deal: Deal) -> None:
    answer = move(as_(cast.minsu), deal, stage=cast.stages[2].pk)
    assert answer.status_code == 200
    assert answer.json()["stage"] == cast.stages[2].pk
    assert answer.json()["revision"] == 2
    assert answer.json()["amount"] == "1000000.00"


def test_closing_by_outcome(cast: Cast, as_: As, deal: Deal) -> None:
    won = move(as_(cast.minsu), deal, outcome="won", amount="2000000").json()
    assert (won["outcome"], won["amount"]) == ("won", "2000000.00")
    assert won["closed_at"] is not None
    deal.refresh_from_db()
    unsaid = move(as_(cast.minsu), deal, outcome="lost")
    assert unsaid.status_code == 400
    assert list(unsaid.json()["errors"]) == ["lost_reason"]
    lost = move(as_(cast.minsu), deal, outcome="lost", lost_reason="price").json()
    assert (lost["outcome"], lost["lost_reason"]) == ("lost", "price")


@pytest.mark.parametrize("body", [{}, {"stage": 1, "outcome": "won"}, {"stage": 10**9}])
def test_a_move_names_one_known_place(
    cast: Cast, as_: As, deal: Deal, body: dict[str, Any]
) -> None:
    assert move(as_(cast.minsu), deal, **body).status_code == 400


def test_a_stale_move_is_refused_and_shows_both_versions(cast: Cast, as_: As, deal: Deal) -> None:
    edit_deal(deal=deal, by=cast.lee, revision=1, changes={"amount": Decimal(5)})
    answer = move(as_(cast.minsu), deal, stage=cast.stages[1].pk)
    problem = answer.json()
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert problem["current"]["amount"] == "5.00"
    assert problem["current"]["revision"] == 2
    assert problem["yours"] == {"revision": 1, "stage": cast.stages[1].pk}


def test_a_lead_reassigns_and_a_rep_does_not(cast: Cast, as_: As, deal: Deal) -> None:
    url, body = f"{DEALS}{deal.pk}/reassign/", {"revision": 1, "owner": cast.jiwoo.pk}
    assert as_(cast.minsu).post(url, {**body, "owner": cast.minsu.pk}).status_code == 403
    assert as_(cast.lee).post(url, {**body, "owner": cast.bora.pk}).status_code == 400
    assert as_(cast.lee).post(url, body).json()["owner"] == cast.jiwoo.pk


def test_reopening(cast: Cast, as_: As) -> None:
    deal = make_deal(cast, cast.minsu, cast.won)
    url, body = f"{DEALS}{deal.pk}/reopen/", {"revision": 1, "stage": cast.stages[2].pk}
    assert as_(cast.minsu).post(url, {**body, "stage": cast.lost.pk}).status_code == 400
    answer = as_(cast.minsu).post(url, body).json()
    assert (answer["outcome"], answer["closed_at"]) == ("open", None)


def test_the_close_is_the_moment_of_the_call(cast: Cast, as_: As, deal: Deal) -> None:
    before = timezone.now()
    move(as_(cast.minsu), deal, outcome="won")
    deal.refresh_from_db()
    assert deal.outcome == Outcome.WON
    assert deal.closed_at is not None
    assert before <= deal.closed_at <= timezone.now()
