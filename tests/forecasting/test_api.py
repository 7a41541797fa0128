"""The forecast over HTTP: the grid, submitting, adjusting, refusals as problem details."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from tests.cast import Cast, make_deal

FORECAST = "/api/v1/forecast/"


@pytest.fixture
def deals(cast: Cast) -> Cast:
    """minsu has 10 closed today and 20 committed, bora 50 likely."""
    today = cast.company.calendar.business_day(timezone.now())
    make_deal(cast, cast.minsu, cast.won, amount=10, closed_at=timezone.now())
    make_deal(cast, cast.minsu, 4, amount=20, expected_close=today)
    make_deal(cast, cast.bora, 3, amount=50, expected_close=today)
    return cast


def as_(viewer: User) -> APIClient:
    api = APIClient()
    api.force_authenticate(User.objects.get(pk=viewer.pk))
    return api


def adjusting(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "team": "seoul-1",
        "member": f"user:{cast.minsu.pk}",
        "period": "this-quarter",
        "column": "commit",
        "value": "15",
        "number": 0,
        "reason": "Too hopeful",
        **changes,
    }


def test_the_grid_has_a_row_a_member_and_its_layers(deals: Cast) -> None:
    found = as_(deals.lee).get(FORECAST, {"mode": "single"}).json()
    assert found["scope"] == "team:seoul-1"
    assert found["total"]["amounts"] == {
        "closed": "10", "commit": "20", "best_case": "0", "pipeline": "0", "omitted": "0",
    }  # fmt: skip
    minsu = next(row for row in found["rows"] if row["key"] == f"user:{deals.minsu.pk}")
    assert minsu["waiting"] is True
    assert minsu["commit"]["value"] == "30"
    assert minsu["commit"]["submitted"] is None


def test_the_grid_is_taken_away_as_a_file(deals: Cast) -> None:
    answer: Any = as_(deals.eunji).get(FORECAST, {"format": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[0].startswith("Member,Target,Closed,Commit forecast")
    assert "Seoul" in text


def test_a_rep_submits_and_is_told_what_is_wrong(deals: Cast) -> None:
    api, body = as_(deals.minsu), {"period": "this-quarter", "commit": "5", "best_case": "40"}
    refused: Any = api.post(f"{FORECAST}submissions/", body, format="json")
    assert refused.status_code == 400
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert "commit" in refused.json()["errors"]

    made = api.post(f"{FORECAST}submissions/", {**body, "commit": "25"}, format="json").json()
    assert (made["user"], made["team"], made["commit"]) == (deals.minsu.pk, "seoul-1", "25.00")
    listed = as_(deals.lee).get(f"{FORECAST}submissions/").json()["results"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert as_(deals.park).get(f"{FORECAST}submissions/").json()["results"] == []


def test_the_second_of_two_leads_is_answered_with_both_versions(deals: Cast) -> None:
    path = f"{FORECAST}adjustments/"
    assert as_(deals.lee).post(path, adjusting(deals), format="json").status_code == 201

    late: Any = as_(deals.rho).post(path, adjusting(deals, value="16"), format="json")

    assert late.status_code == 409
    assert late.headers["Content-Type"] == "application/problem+json"
    assert late.json()["current"]["value"] == "15.00"
    assert late.json()["yours"]["value"] == "16"


@pytest.mark.parametrize("who", ["minsu", "jiwoo", "finn", "park"])
def test_others_adjust_nothing(deals: Cast, who: str) -> None:
    api = as_(getattr(deals, who))
    refused = api.post(f"{FORECAST}adjustments/", adjusting(deals), format="json")
    assert refused.status_code in (400, 403)


def test_the_history_of_a_cell_says_who_what_and_why(deals: Cast) -> None:
    as_(deals.lee).post(f"{FORECAST}adjustments/", adjusting(deals), format="json")
    asked = {"scope": f"user:{deals.minsu.pk}", "team": "seoul-1"}
    (said,) = as_(deals.minsu).get(f"{FORECAST}history/", asked).json()
    assert (said["author"], said["before"], said["after"]) == (deals.lee.pk, "30", "15")
    assert said["why"] == "Too hopeful"


def test_a_scope_of_others_is_refused_and_a_misspelt_parameter_named(deals: Cast) -> None:
    assert as_(deals.minsu).get(FORECAST, {"scope": "team:seoul-1"}).status_code == 403
    assert as_(deals.eunji).get(FORECAST, {"mod": "single"}).status_code == 400
    assert as_(deals.eunji).get(FORECAST, {"mode": "triple"}).status_code == 400
