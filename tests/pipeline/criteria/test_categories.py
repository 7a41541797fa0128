"""A forecast category of a deal's own outlives every move, and nothing about it is silent."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from history import as_recorded_at
from pipeline.actions.deals import move_deal
from pipeline.categories import notice_of
from pipeline.models import Category, Deal
from tests.cast import make_customer, make_deal, seoul

if TYPE_CHECKING:
    from accounts.models import User
    from tests.cast import Cast

KEPT = "Its own forecast category stays: Commit. The stage's is Best case."


@pytest.fixture
def deal(cast: Cast) -> Deal:
    """In the pipeline by its stage, promised by its owner."""
    fields = {"amount": Decimal(100), "customer": make_customer(), "category": Category.COMMIT}
    return make_deal(cast, cast.minsu, 2, **fields)


def api(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def press(user: User, path: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    """The note that a button of a page leaves, and what its buttons send."""
    client = Client()
    client.force_login(user)
    answer = client.post(path, fields)
    assert answer.status_code == 302
    (note,) = get_messages(answer.wsgi_request)
    return str(note), json.loads(note.extra_tags or "{}")


def test_the_page_says_that_it_stays_and_offers_the_stage_s(cast: Cast, deal: Deal) -> None:
    path = f"/deals/{deal.pk}/"
    note, buttons = press(cast.minsu, f"{path}move/", revision=1, stage=cast.stages[2].pk)
    assert note == f"{deal} is now in Negotiate. {KEPT}"
    other = buttons["other"]
    deal.refresh_from_db()
    assert (deal.category, other["text"]) == (Category.COMMIT, "Take the stage's")

    page = Client()
    page.force_login(cast.minsu)
    text = page.get(path).content.decode()
    assert "Counts as Commit by its owner's choice; the stage says Best case." in text
    taken = api(cast.minsu).patch(other["url"], other["body"], format="json").json()
    assert (taken["category"], taken["forecast_category"]) == ("", Category.BEST_CASE)


def test_taking_the_stage_s_on_the_page_can_be_undone(cast: Cast, deal: Deal) -> None:
    note, undo = press(cast.minsu, f"/deals/{deal.pk}/category/", revision=1)
    assert note == "It counts as Pipeline now."
    back = api(cast.minsu).patch(undo["url"], undo["body"], format="json").json()
    assert back["category"] == Category.COMMIT


def test_the_api_answers_it(cast: Cast, deal: Deal) -> None:
    url = f"/api/v1/deals/{deal.pk}/move/"
    body = {"revision": 1, "stage": cast.stages[2].pk}
    moved = api(cast.minsu).post(url, body, format="json").json()
    told = [moved[name] for name in ("category", "stage_category", "keeps_own_category", "notice")]
    assert told == [Category.COMMIT, Category.BEST_CASE, True, KEPT]


def test_a_deal_without_one_says_how_it_counts_now(cast: Cast) -> None:
    deal = make_deal(cast, cast.minsu, 2)
    url = f"/api/v1/deals/{deal.pk}/move/"
    body = {"revision": 1, "stage": cast.stages[2].pk}
    moved = api(cast.minsu).post(url, body, format="json").json()
    assert (moved["category"], moved["notice"]) == ("", "It counts as Best case now.")


def test_reopening_and_upserts_keep_it_too(cast: Cast, deal: Deal) -> None:
    Deal.objects.filter(pk=deal.pk).update(external_id="crm-1")
    url = "/api/v1/deals/by-external-id/crm-1/"
    put = api(cast.minsu).put(url, {"stage": cast.stages[2].pk}, format="json").json()
    assert (put["category"], put["keeps_own_category"]) == (Category.COMMIT, True)
    lost = {"revision": put["revision"], "outcome": "lost", "lost_reason": "price"}
    gone = api(cast.minsu).post(f"/api/v1/deals/{deal.pk}/move/", lost, format="json").json()
    assert (gone["keeps_own_category"], gone["notice"]) == (False, "")
    again = {"revision": gone["revision"], "stage": cast.stages[0].pk}
    back = api(cast.minsu).post(f"/api/v1/deals/{deal.pk}/reopen/", again, format="json").json()
    assert (back["category"], back["forecast_category"]) == (Category.COMMIT, Category.COMMIT)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    own=st.sampled_from(["", "omitted", "pipeline", "best_case", "commit"]),
    route=st.lists(st.integers(0, 3), min_size=1, max_size=4),
)
def test_no_route_through_the_stages_changes_it(cast: Cast, own: str, route: list[int]) -> None:
    deal = make_deal(cast, cast.minsu, 1, category=own)
    for day, place in enumerate(route, start=1):
        before = deal.forecast_category
        with as_recorded_at(seoul(2026, 3, day)):
            deal = move_deal(
                deal=deal,
                to=cast.stages[place],
                by=cast.minsu,
                revision=deal.revision,
                at=seoul(2026, 3, day),
            )
        assert deal.category == own
        changed = deal.forecast_category != before
        differs = bool(own) and own != deal.stage.category
        assert bool(notice_of(deal, before)) == (changed or differs)
