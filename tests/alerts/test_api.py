"""Rules and incidents through the API."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from alerts.detect import evaluate
from alerts.models import AlertRule, Incident
from tests.alerts.rules import NOW, make_rule
from tests.cast import Cast, make_deal

RULES = "/api/v1/alert-rules/"


def as_(person: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def body(**changes: Any) -> dict[str, Any]:
    return {
        "kpi": "win_rate",
        "scope": "team:seoul-1",
        "period": "this-quarter",
        "direction": "below",
        "threshold": "0.35",
        **changes,
    }


def test_a_rule_is_written_read_changed_and_deleted(cast: Cast) -> None:
    client = as_(cast.lee)
    made = client.post(RULES, body(recipients=[cast.lee.pk], severity="critical"))
    assert made.status_code == 201
    assert made.data["threshold"] == "0.350000"
    assert made.data["recipients"] == [cast.lee.pk]
    assert (made.data["owner"], made.data["state"], made.data["value"]) == (
        cast.lee.pk,
        "waiting",
        None,
    )
    one = f"{RULES}{made.data['id']}/"
    changed = client.patch(one, {"threshold": "0.4", "scope": "team:seoul-1", "revision": 1})
    assert (changed.status_code, changed.data["revision"]) == (200, 2)
    assert client.delete(f"{one}?revision=2").status_code == 204
    assert client.get(one).status_code == 404


def test_a_stale_change_is_refused_with_both_versions(cast: Cast) -> None:
    rule = make_rule(cast)
    one = f"{RULES}{rule.pk}/"
    client = as_(cast.eunji)
    client.patch(one, {"threshold": "5", "revision": 1})
    answer = client.patch(one, {"threshold": "6", "revision": 1})
    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["current"]["threshold"], problem["yours"]["threshold"]) == ("5.000000", "6")


def test_a_change_to_nothing_leaves_the_revision(cast: Cast) -> None:
    client = as_(cast.eunji)
    url = f"{RULES}by-external-id/Q-1/"
    data = body(recipients=[cast.finn.pk])
    assert client.put(url, data).status_code == 201
    again = client.put(url, data)
    assert (again.status_code, again.data["revision"]) == (200, 1)
    assert client.put(url, {**data, "threshold": "0.5"}).data["revision"] == 2
    assert client.put(url, {**data, "recipients": []}).data["revision"] == 3


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"scope": "company"}, 403, ""),
        ({"scope": "moon"}, 400, "scope"),
        ({"kpi": "profit"}, 400, "kpi"),
        ({"kpi": "cac"}, 403, ""),
        ({"basis": "guess"}, 400, "basis"),
        ({"period": "2026-Q1"}, 400, "period"),
        ({"threshold": "much"}, 400, "threshold"),
        ({"threshhold": "1"}, 400, "threshhold"),
    ],
)
def test_what_cannot_be_is_a_problem_that_names_the_field(
    cast: Cast, changes: dict[str, str], status: int, field: str
) -> None:
    answer = as_(cast.lee).post(RULES, body(**changes))
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not field or field in answer.json()["errors"]
    assert not AlertRule.objects.exists()


def test_who_may_not_see_the_figure_cannot_be_told(cast: Cast) -> None:
    answer = as_(cast.lee).post(RULES, body(recipients=[cast.park.pk]))
    assert answer.status_code == 400
    assert "recipients" in answer.json()["errors"]


def test_a_refused_recipient_is_not_told_from_one_who_does_not_exist(cast: Cast) -> None:
    bora, nobody = cast.bora.pk, 10**9
    said = [
        as_(cast.minsu).post(RULES, body(scope=f"user:{cast.minsu.pk}", recipients=[pk])).content
        for pk in (bora, nobody)
    ]
    assert said[0].replace(str(bora).encode(), b"?") == said[1].replace(str(nobody).encode(), b"?")
    for odd in (10**30, -1, "1", True, None, 1.5):
        assert as_(cast.lee).post(RULES, body(recipients=[odd])).status_code == 400


def test_a_refused_recipient_does_not_tell_who_exists(cast: Cast) -> None:
    nobody = 10 * cast.park.pk

    answer = as_(cast.lee).post(RULES, body(recipients=[cast.park.pk, nobody, cast.lee.pk]))

    assert answer.status_code == 400
    assert answer.json()["errors"] == {
        "recipients": [f"May not see this figure: {cast.park.pk}, {nobody}."]
    }


@pytest.mark.parametrize("recipients", [["x"], [True], [0], [10**30], [None], "1", {"id": 1}])
def test_recipients_are_a_list_of_ids(cast: Cast, recipients: object) -> None:
    assert as_(cast.lee).post(RULES, body(recipients=recipients)).status_code == 400


def test_somebody_looks_after_an_incident(cast: Cast) -> None:
    make_rule(cast, by=cast.lee, scope="team:seoul-1")
    evaluate(at=NOW)
    incident = f"/api/v1/incidents/{Incident.objects.get().pk}/"

    assert as_(cast.park).post(f"{incident}acknowledge/").status_code == 404
    taken = as_(cast.lee).post(f"{incident}acknowledge/")
    again = as_(cast.eunji).post(f"{incident}acknowledge/")

    assert (taken.status_code, taken.data["acknowledged_by"]) == (200, cast.lee.pk)
    assert (again.status_code, again.data["acknowledged_by"]) == (200, cast.lee.pk)
    assert again.data["acknowledged_at"] == taken.data["acknowledged_at"]
    found = as_(cast.lee).get("/api/v1/incidents/?acknowledged=false").data["results"]
    assert (found, as_(cast.lee).get("/api/v1/incidents/?acknowledged=true").data["results"]) == (
        [],
        [again.data],
    )


def test_an_incident_at_its_end_needs_nobody(cast: Cast) -> None:
    make_rule(cast)
    evaluate(at=NOW)
    make_deal(cast, cast.minsu, cast.won, amount=12_000_000)
    evaluate(at=NOW.replace(minute=1))
    incident = f"/api/v1/incidents/{Incident.objects.get().pk}/"

    answer = as_(cast.eunji).post(f"{incident}acknowledge/")

    assert answer.status_code == 400
    assert Incident.objects.get().acknowledged_by is None


def test_each_sees_the_rules_and_incidents_of_their_scopes(cast: Cast) -> None:
    make_rule(cast)
    mine = make_rule(cast, by=cast.lee, scope="team:seoul-1")
    evaluate(at=NOW)
    lee = as_(cast.lee)
    (found,) = lee.get(RULES).data["results"]
    assert (found["id"], found["state"], found["value"]) == (mine.pk, "firing", "0.0000000000")
    (incident,) = lee.get("/api/v1/incidents/?open=true").data["results"]
    assert (incident["rule"], incident["scope"]) == (mine.pk, "team:seoul-1")
    assert [step["kind"] for step in incident["transitions"]] == ["fired"]
    assert len(as_(cast.eunji).get("/api/v1/incidents/").data["results"]) == 2
    assert as_(cast.park).get(RULES).data["results"] == []
    assert as_(cast.eunji).get(f"{RULES}?scope=team:seoul-1").data["results"][0]["id"] == mine.pk
