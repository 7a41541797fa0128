"""The pipeline's waterfall over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from history import as_recorded_at
from pipeline.models import Deal
from tests.cast import Cast, make_deal, seoul

JANUARY, MARCH = seoul(2026, 1, 10), seoul(2026, 3, 10)
WINDOW = {"closing": "2026-Q1", "start": "2026-01-31", "end": "2026-03-31"}


@pytest.fixture
def deals(cast: Cast) -> Cast:
    """Minsu's deal of 100 is won at 80 in March; bora's of 50 waits in dollars."""
    soon = date(2026, 3, 20)
    with as_recorded_at(JANUARY):
        deal = make_deal(cast, cast.minsu, 2, name="=Won", amount=100, expected_close=soon)
        make_deal(cast, cast.bora, 2, amount=50, currency="USD", expected_close=soon)
    with as_recorded_at(MARCH):
        Deal.objects.filter(pk=deal.pk).update(
            stage=cast.won, outcome="won", closed_at=MARCH, amount=80
        )
    return cast


def get(user: User, path: str = "", **parameters: Any) -> Any:
    api = APIClient()
    api.force_authenticate(user)
    return api.get(f"/api/v1/waterfall/{path}", {**WINDOW, **parameters})


def test_the_steps_add_up_to_the_end(deals: Cast) -> None:
    found = get(deals.lee).json()
    steps = {step["key"]: step["value"] for step in found["steps"] if step["value"] != "0"}
    assert (found["scope"], found["start"], found["end"]) == ("team:seoul-1", "100", "0")
    assert steps == {"decreased": "-20", "won": "-80"}
    assert found["residual"] == "0"


def test_a_missing_rate_is_named(deals: Cast) -> None:
    found = get(deals.eunji).json()
    assert (found["start"], found["residual"]) == (None, None)
    assert found["missing_rates"] == [
        {"currency": "USD", "day": "2026-01-31"},
        {"currency": "USD", "day": "2026-03-31"},
    ]


def test_the_deals_behind_a_step(deals: Cast) -> None:
    found = get(deals.lee, "records/", step="won").json()
    assert [(row["name"], row["contribution"]) for row in found["results"]] == [("=Won", "-80")]
    assert (found["total"], found["next"]) == ("-80", None)
    text = b"".join(get(deals.lee, "records/", step="won", format="csv")).decode("utf-8-sig")
    assert text.splitlines()[1].split(",")[1:] == ["'=Won", "", "Minsu", "100", "80", "KRW", "-80"]


def test_a_scope_of_others_is_refused(deals: Cast) -> None:
    assert get(deals.lee, scope="team:busan").status_code == 403


@pytest.mark.parametrize(
    ("name", "value"),
    [("start", "2027-01-01"), ("closing", "never"), ("nonsense", "1"), ("end", "x")],
)
def test_a_wrong_parameter_is_named(deals: Cast, name: str, value: str) -> None:
    answer = get(deals.lee, **{name: value})
    assert answer.status_code == 400
    assert name in answer.json()["errors"]
