"""Pages of goals: the tree, the form, splitting, the journey, the scorecard."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.models import Company
from kpis.models import Comment
from pipeline.models import Target
from tests.cast import Cast, make_deal

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User
    from periods import Period


def quarter() -> Period:
    return Company.current().calendar.parse("this-quarter", at=timezone.now())


def goal(value: int | str, **fields: Any) -> Target:
    span = {"start": quarter().start, "end": quarter().end}
    return Target.objects.create(**{"kpi": "won_revenue", "value": value, **span, **fields})


def shown(client: Client, viewer: User, address: str) -> str:
    client.force_login(viewer)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def top(cast: Cast) -> Target:
    """Seoul won three times as much as Busan a year ago; the company's goal is 100 million."""
    before = timezone.now().replace(year=timezone.now().year - 1)
    for person, amount in ((cast.minsu, 30_000_000), (cast.bora, 10_000_000)):
        make_deal(cast, person, cast.won, amount=amount, created_at=before, closed_at=before)
    return goal(100_000_000)


def test_the_tree_shows_how_far_and_what_is_missing(
    client: Client, cast: Cast, top: Target
) -> None:
    goal(90_000_000, team=cast.teams["seoul"], parent=top)
    now = timezone.now()
    make_deal(cast, cast.minsu, cast.won, amount=50_000_000, created_at=now, closed_at=now)

    page = shown(client, cast.eunji, "/goals/")

    assert "of ₩100M" in page
    assert "₩10,000,000 less than this goal" in page
    assert "KGI" in page


def test_who_has_no_goals_is_told_what_they_are_for(client: Client, cast: Cast) -> None:
    assert "Set the first goal" in shown(client, cast.eunji, "/goals/")
    page = shown(client, cast.minsu, "/goals/")
    assert "Your lead sets goals." in page
    assert "Set the first goal" not in page


def test_a_goal_is_written_with_its_filter(client: Client, cast: Cast) -> None:
    client.force_login(cast.lee)
    body = {
        "kpi": "won_revenue",
        "scope": "team:seoul-1",
        "period": quarter().code,
        "value": "12.5M",
        "weight": "2",
        "region": "overseas",
    }
    answer = client.post("/goals/new/", body)
    assert answer.status_code == 302
    made = Target.objects.get()
    assert [made.value, made.weight] == [12_500_000, 2]
    assert made.filters == {"region": "overseas"}
    assert made.team == cast.teams["seoul-1"]


def test_a_filter_that_the_kpi_lacks_stays_at_its_field(client: Client, cast: Cast) -> None:
    client.force_login(cast.eunji)
    body = {"kpi": "visits", "scope": "company", "period": quarter().code, "value": "5"}
    answer = client.post("/goals/new/", {**body, "industry": "Retail"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["industry"]


def test_the_smart_check_follows_what_is_typed(client: Client, cast: Cast, top: Target) -> None:
    query = f"kpi=won_revenue&scope=company&period={quarter().code}&value=30M"
    page = shown(client, cast.eunji, f"/goals/check/?{query}")
    assert "less than the present level" in page
    assert "It is a KGI" in page


def test_a_stale_edit_shows_what_changed(client: Client, cast: Cast, top: Target) -> None:
    client.force_login(cast.eunji)
    body = {"kpi": top.kpi, "scope": "company", "period": quarter().code, "weight": "1"}
    assert client.post(f"/goals/{top.pk}/edit/", {**body, "value": "5", "revision": 1})["Location"]
    answer = client.post(f"/goals/{top.pk}/edit/", {**body, "value": "6", "revision": 1})
    assert answer.status_code == 409
    assert Target.objects.get().value == 5


def test_a_split_by_last_year_is_seen_before_it_is_saved(
    client: Client, cast: Cast, top: Target
) -> None:
    client.force_login(cast.eunji)
    address = f"/goals/{top.pk}/split/"
    rows = client.get(address).context["rows"]
    assert {row.part.scope.label: row.typed for row in rows} == {"Busan": "25M", "Seoul": "75M"}
    assert Target.objects.count() == 1

    body = {"revision": 1, "part-team:seoul": "80M", "part-team:busan": ""}
    assert client.post(address, body).status_code == 302

    child = Target.objects.get(parent=top)
    assert child.team == cast.teams["seoul"]
    assert child.value == 80_000_000


def test_a_split_changes_the_goals_that_are_there_unless_they_are_newer(
    client: Client, cast: Cast, top: Target
) -> None:
    child = goal(1, team=cast.teams["seoul"])
    client.force_login(cast.eunji)
    address = f"/goals/{top.pk}/split/"
    body = {"revision": 1, "part-team:seoul": "80M", "revision-team:seoul": "7"}
    assert client.post(address, body).status_code == 409
    assert client.post(address, {**body, "revision-team:seoul": "1"}).status_code == 302
    child.refresh_from_db()
    assert child.value == 80_000_000
    assert child.parent == top


def test_a_rate_is_every_parts_as_it_stands(client: Client, cast: Cast) -> None:
    rate = goal("0.4", kpi="win_rate")
    client.force_login(cast.eunji)
    rows = client.get(f"/goals/{rate.pk}/split/").context["rows"]
    assert {row.typed for row in rows} == {"40"}


def test_a_goal_is_deleted_and_its_children_stay(client: Client, cast: Cast, top: Target) -> None:
    child = goal(1, team=cast.teams["seoul"], parent=top)
    client.force_login(cast.eunji)
    assert client.post(f"/goals/{top.pk}/delete/", {"revision": 1}).status_code == 302
    child.refresh_from_db()
    assert child.parent is None


def test_the_journey_has_goals_and_figures_by_step(client: Client, cast: Cast, top: Target) -> None:
    client.force_login(cast.eunji)
    steps = client.get("/goals/?view=journey").context["steps"]
    assert [str(step.name) for step in steps][:3] == ["Awareness", "Consideration", "Decision"]
    assert [row.goal for row in steps[2].goals] == [top]
    assert "won_revenue" not in {figure.kpi.key for figure in steps[2].figures}
    assert "cac" in {figure.kpi.key for figure in steps[4].figures}
    client.force_login(cast.lee)
    lead = client.get("/goals/?view=journey").context["steps"]
    assert "cac" not in {figure.kpi.key for figure in lead[4].figures}


def test_a_scorecard_weighs_what_was_measured(client: Client, cast: Cast) -> None:
    now = timezone.now()
    make_deal(cast, cast.minsu, cast.won, amount=48, created_at=now, closed_at=now)
    goal(100, user=cast.minsu, weight=3)
    goal(1, kpi="won_deals", user=cast.minsu, weight=1)
    goal("0.5", kpi="renewal_rate", user=cast.minsu, weight=4)
    client.force_login(cast.minsu)
    card = client.get(f"/goals/scorecard/?scope=user:{cast.minsu.pk}").context["card"]
    assert card.unmeasured == 1
    # Three quarters of 48 % and one quarter of 100 %.
    assert card.score == "61\xa0%"
    assert {line.weight for line in card.lines} == {"75\xa0%", "25\xa0%", "–"}


def test_a_rep_sees_their_goals_and_changes_none(client: Client, cast: Cast) -> None:
    own = goal(100, user=cast.minsu)
    page = shown(client, cast.minsu, f"/goals/{own.pk}/")
    assert "Edit" not in page.split("<main")[1].split("How far")[0]
    assert client.get(f"/goals/{own.pk}/edit/").status_code == 403
    assert client.post(f"/goals/{own.pk}/delete/", {"revision": 1}).status_code == 403
    client.force_login(cast.jiwoo)
    assert client.get(f"/goals/{own.pk}/").status_code == 404
    assert Decimal(100) == Target.objects.get().value


def test_what_is_said_on_a_goal_stands_on_its_figure_and_scorecard_too(
    client: Client, cast: Cast, top: Target
) -> None:
    client.force_login(cast.eunji)
    body = {"kpi": "won_revenue", "scope": "company", "period": quarter().code, "filters": "{}"}
    said = {**body, "text": "Two large renewals slipped", "next": f"/goals/{top.pk}/"}
    assert client.post("/goals/comments/", said)["Location"] == f"/goals/{top.pk}/#comments"
    for address in (f"/goals/{top.pk}/", "/explain/won_revenue/", "/goals/scorecard/"):
        assert "Two large renewals slipped" in client.get(address).content.decode()
    for nonsense in ('["x"]', "[" * 100_000, '{"region": "\\ud800"}', '{"region": "\\u0000"}'):
        refused = client.post("/goals/comments/", {**said, "filters": nonsense})
        assert refused.status_code == 400
    (comment,) = Comment.objects.all()
    stale = {"revision": 7, "text": "No"}
    assert client.post(f"/goals/comments/{comment.pk}/", stale).status_code == 409
    client.force_login(cast.finn)
    assert client.post(f"/goals/comments/{comment.pk}/delete/", {"revision": 1}).status_code == 404
    client.force_login(cast.eunji)
    assert client.post(f"/goals/comments/{comment.pk}/delete/", {"revision": 1}).status_code == 302
