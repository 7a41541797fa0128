"""Whatever an address or a body of the forecast says, it is answered or refused, never a fault."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from forecasting.models import Scenario
from tests.cast import Cast, make_deal

pytestmark = pytest.mark.django_db

PERIODS = ("", "2026-Q4", "2026-W47", "2199", "1900-Q1", "2026-02-30", "this-quarter\x00",
           "９９９９", "2026-01-01..2025-01-01", "2199-12-31", "-1", "2026-Q5",
           "x" * 3000)  # fmt: skip
INSTANTS = ("", "2026-01-01", "9999-12-31", "0001-01-01", "1900-01-01T00:00:00-14:00", "NaN",
            "2026-13-01", "2199-12-31T23:59:59.999999+00:00", "\x00", "2027-06-01")  # fmt: skip
SCOPES = ("", "company", "user:0", "user:99999999999999999999", "user:-1", "team:", "team:\x00",
          "team:=1+1", "user:١")  # fmt: skip
NUMBERS = (
    "NaN",
    "Infinity",
    "-1",
    "1e400",
    "9" * 60,
    "1e-9",
    "",
    " ",
    "١٢",
    "0x10",
    "=1+1",
    "\x00",
)
PAGES = ("cell/", "what-if/", "what-if/compare/")


@pytest.fixture
def person(cast: Cast) -> Cast:
    make_deal(cast, cast.minsu, 4, amount=5_000_000)
    return cast


def asked() -> list[dict[str, str]]:
    whens = [{"period": period} for period in PERIODS]
    pasts = [{name: at} for name, at in product(("as_of", "known_at"), INSTANTS)]
    names = ("scenario", "page", "format", "column", "node")
    others = [{name: text} for name, text in product(names, ("\x00", "9" * 30))]
    return whens + pasts + [{"scope": scope} for scope in SCOPES] + others


@pytest.mark.parametrize("page", PAGES)
def test_pages_refuse_what_they_cannot_read(person: Cast, client: Client, page: str) -> None:
    client.force_login(person.eunji)
    client.raise_request_exception = False
    found = {
        str(query)[:80]: status
        for query in asked()
        if (status := client.get(f"/forecast/{page}", query).status_code) >= 500
    }
    assert found == {}


BODIES: dict[str, dict[str, Any]] = {
    "submissions/": {"period": "2026-Q4", "commit": "5", "best_case": "6"},
    "adjustments/": {"period": "2026-Q4", "user": 1, "column": "commit", "value": "5",
                     "reason": "r", "number": 0, "base": "1"},
    "scenarios/": {"name": "n", "note": "", "period": "2026-Q4", "win_rate": "100"},
    "what-if/": {"period": "2026-Q4", "win_rate": "100"},
}  # fmt: skip


@pytest.mark.parametrize("route", BODIES)
def test_bodies_with_what_is_no_number_or_text_are_refused(person: Cast, route: str) -> None:
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(person.lee)
    wrong: list[Any] = [*NUMBERS, None, [], {}, True, -1, 10**40, 1.5, "x" * 5000]
    found = {}
    for name, value in product(BODIES[route], wrong):
        body = {**BODIES[route], name: value}
        answer = client.post(f"/api/v1/forecast/{route}", body, format="json")
        if answer.status_code >= 500:
            found[f"{name}={str(value)[:30]}"] = answer.status_code
    assert found == {}
    wholes: list[Any] = [[], "x", 5]
    for whole in wholes:
        path = f"/api/v1/forecast/{route}"
        assert client.post(path, whole, format="json").status_code == 400


def test_what_a_scenario_is_called_never_becomes_a_formula_or_markup(
    cast: Cast, client: Client
) -> None:
    name = '<script>alert(1)</script>=HYPERLINK("x")'
    Scenario.objects.create(owner=cast.eunji, name=name, scope="company", period="2026-Q4")
    client.force_login(cast.eunji)

    text = client.get("/forecast/what-if/").content.decode()

    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text
