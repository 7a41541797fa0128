"""What is looked at as of an earlier instant is neither kept nor told as the present."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from history import as_recorded_at
from kpis.drain import drain
from tests.cast import Cast, make_cast, make_deal, seoul

pytestmark = pytest.mark.usefixtures("stored_values")


@pytest.fixture
def won(db: None) -> Cast:
    """A deal won after thirty days last month, and just now one after fifty."""
    with as_recorded_at(seoul(2025, 1, 1)):
        cast = make_cast()
    now = timezone.now()
    for closed, days in ((now - timedelta(days=30), 30), (now - timedelta(seconds=30), 50)):
        with as_recorded_at(closed):
            begun = closed - timedelta(days=days)
            make_deal(cast, cast.minsu, cast.won, created_at=begun, closed_at=closed)
    drain()
    return cast


def asked(**more: str) -> dict[str, str]:
    today = timezone.localdate()
    return {"period": f"{today - timedelta(days=60)}..{today + timedelta(days=1)}", **more}


def cycle(client: Client, **more: str) -> Any:
    return client.get("/api/v1/kpis/sales_cycle/", asked(**more)).json()["value"]


@pytest.mark.parametrize("named", ["as_of", "known_at"])
def test_a_page_of_a_minute_ago_is_not_kept_as_the_present(
    won: Cast, client: Client, named: str
) -> None:
    client.force_login(won.eunji)
    earlier = (timezone.now() - timedelta(seconds=60)).isoformat()
    for page in ("/home/tiles/", "/", "/explain/sales_cycle/", "/kpis/sales_cycle/"):
        assert "30.0" in client.get(page, asked(**{named: earlier})).text

    assert cycle(client) == "40"
    assert cycle(client, **{named: earlier}) == "30"
    for page in ("/home/tiles/", "/", "/explain/sales_cycle/", "/kpis/sales_cycle/"):
        assert "40.0" in client.get(page, asked()).text


def test_pages_travel_by_what_was_known_too(won: Cast, client: Client) -> None:
    client.force_login(won.eunji)
    day = (timezone.localdate() - timedelta(days=2)).isoformat()
    home = client.get("/", {"known_at": day}).text

    assert "nothing can be changed" in home
    assert f"known_at={day}" in home
    assert client.get("/", {"known_at": "soon"}).status_code == 400
