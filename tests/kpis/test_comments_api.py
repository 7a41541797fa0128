"""Comments and saved views through the API."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from accounts.models import User
from kpis import live
from kpis.actions import comments
from kpis.models import Comment, SavedView
from tests.cast import Cast

COMMENTS, VIEWS = "/api/v1/comments/", "/api/v1/saved-views/"


def as_(person: User) -> APIClient:
    client = APIClient()
    client.force_login(person)
    return client


def said(cast: Cast, by: User, **changes: Any) -> dict[str, Any]:
    figure = {"kpi": "won_revenue", "scope": "team:seoul-1", "period": "2026-Q1"}
    body = {**figure, "text": "Well done", **changes}
    answer = as_(by).post(COMMENTS, body, format="json")
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_comment_is_written_read_changed_and_taken_back(cast: Cast) -> None:
    made = said(cast, cast.lee, filters={"industry": "Finance"})
    lee, one = as_(cast.lee), f"{COMMENTS}{made['id']}/"

    assert made["author"] == {"id": cast.lee.pk, "name": "Lee"}
    assert (made["scope"], made["period"]) == ("team:seoul-1", "2026-Q1")
    assert made["filters"] == {"industry": "Finance"}
    assert lee.patch(one, {"text": "Better"}, format="json").status_code == 400
    changed = lee.patch(one, {"text": "Better", "revision": 1}, format="json").json()
    assert (changed["text"], changed["revision"]) == ("Better", 2)
    stale = lee.patch(one, {"text": "Worse", "revision": 1}, format="json")
    assert stale.status_code == 409
    assert stale.json()["current"]["text"] == "Better"
    fixed = {"kpi": "won_deals", "revision": 2}
    assert lee.patch(one, fixed, format="json").status_code == 400
    assert lee.delete(f"{one}?revision=2").status_code == 204
    assert not Comment.objects.exists()


def test_comments_are_for_those_who_see_the_figure(cast: Cast) -> None:
    made = said(cast, cast.lee)

    assert as_(cast.eunji).get(COMMENTS).json()["results"] == [made]
    assert as_(cast.park).get(COMMENTS).json()["results"] == []
    assert as_(cast.park).get(f"{COMMENTS}{made['id']}/").status_code == 404
    others = {"text": "No", "revision": 1}
    answer = as_(cast.eunji).patch(f"{COMMENTS}{made['id']}/", others, format="json")
    assert answer.status_code == 403
    outside = {"kpi": "won_revenue", "scope": "team:busan-1", "period": "2026-Q1", "text": "?"}
    assert as_(cast.lee).post(COMMENTS, outside, format="json").status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("scope=team:seoul-1", {"a", "b"}),
        ("scope=company", {"c"}),
        ("period=2026-Q2", {"b"}),
        ("kpi=won_deals", {"c"}),
        ("search=b", {"b"}),
    ],
)
def test_comments_are_found_by_what_they_are_on(cast: Cast, query: str, found: set[str]) -> None:
    said(cast, cast.lee, text="a")
    said(cast, cast.lee, text="b", period="2026-Q2")
    said(cast, cast.eunji, text="c", scope="company", kpi="won_deals")

    rows = as_(cast.eunji).get(f"{COMMENTS}?{query}").json()["results"]
    assert {row["text"] for row in rows} == found


def test_comments_come_in_pages(cast: Cast) -> None:
    for number in range(3):
        said(cast, cast.lee, text=str(number))
    eunji = as_(cast.eunji)

    first = eunji.get(f"{COMMENTS}?page_size=2&ordering=-created_at").json()
    second = eunji.get(first["next"]).json()
    assert [row["text"] for row in (*first["results"], *second["results"])] == ["2", "1", "0"]
    assert second["next"] is None


def test_a_comment_tells_the_pages_of_those_who_see_its_scope(
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    told: list[live.Change] = []
    monkeypatch.setattr(comments, "publish", told.extend)
    with django_capture_on_commit_callbacks(execute=True):
        said(cast, cast.lee)
        said(cast, cast.lee, scope=f"user:{cast.minsu.pk}")
        said(cast, cast.eunji, scope="company")

    team = frozenset({cast.teams["seoul-1"].pk})
    assert told == [
        live.Change("comment", frozenset(), team),
        live.Change("comment", frozenset({cast.minsu.pk}), team),
        live.Change("comment"),
    ]


def test_a_page_asks_for_what_was_said_again(cast: Cast) -> None:
    said(cast, cast.lee, text="Look at this")
    client = as_(cast.eunji)
    address = "/goals/comments/said/?kpi=won_revenue&scope=team:seoul-1&period=2026-Q1"

    assert "Look at this" in client.get(address).content.decode()
    assert "Look at this" not in client.get(f"{address}&filters=%7B%22size%22%3A%22s%22%7D").text
    page = client.get("/explain/won_revenue/?scope=team:seoul-1&period=2026-Q1").content.decode()
    assert 'data-facts="comment" hx-get="/goals/comments/said/?kpi=won_revenue' in page


def kept(cast: Cast, by: User, **changes: Any) -> dict[str, Any]:
    body = {"name": "Mine", "kpi": "win_rate", "state": {"by": "rep"}, **changes}
    answer = as_(by).post(VIEWS, body, format="json")
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_view_is_kept_renamed_shared_and_deleted(cast: Cast) -> None:
    made = kept(cast, cast.lee, state={"by": "rep", "period": "this-quarter"})
    lee, one = as_(cast.lee), f"{VIEWS}{made['id']}/"

    assert made["state"] == {"by": "rep", "period": "this-quarter"}
    assert made["team"] is None
    assert as_(cast.minsu).get(one).status_code == 404
    shared = {"name": "Ours", "team": "seoul-1", "revision": 1}
    assert lee.patch(one, shared, format="json").json()["team"] == "seoul-1"
    assert as_(cast.minsu).get(one).json()["name"] == "Ours"
    theirs = as_(cast.minsu).patch(one, {"name": "Mine", "revision": 2}, format="json")
    assert theirs.status_code == 403
    again = {"state": {"by": "team"}, "revision": 2}
    assert lee.patch(one, again, format="json").status_code == 400
    assert lee.delete(one).status_code == 204
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"kpi": "cac"}, 403),
        ({"kpi": "nonsense"}, 400),
        ({"state": {"by": "weather"}}, 400),
        ({"state": {"scope": "team:busan-1"}}, 403),
        ({"team": "busan-1"}, 400),
        ({"name": ""}, 400),
    ],
)
def test_what_cannot_be_kept_is_refused(cast: Cast, changes: dict[str, Any], status: int) -> None:
    body = {"name": "Mine", "kpi": "win_rate", **changes}

    assert as_(cast.lee).post(VIEWS, body, format="json").status_code == status


def test_views_come_in_pages_by_kpi(cast: Cast) -> None:
    for name, kpi in (("A", "win_rate"), ("B", "won_deals"), ("C", "win_rate")):
        kept(cast, cast.lee, name=name, kpi=kpi, state={})
    lee = as_(cast.lee)

    rows = lee.get(f"{VIEWS}?kpi=win_rate&page_size=1&ordering=-name").json()
    assert [row["name"] for row in rows["results"]] == ["C"]
    assert [row["name"] for row in lee.get(rows["next"]).json()["results"]] == ["A"]
