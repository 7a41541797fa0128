"""From a figure to a rule that watches it, and to a goal for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils.html import escape

from tests.cast import Cast

if TYPE_CHECKING:
    from django.test import Client

PAGES = ("/kpis/win_rate/", "/explain/win_rate/")


@pytest.mark.parametrize("page", PAGES)
def test_a_figure_leads_to_a_rule_on_it(client: Client, cast: Cast, page: str) -> None:
    client.force_login(cast.lee)
    text = client.get(f"{page}?basis=value&scope=team:seoul-1&period=this-month").content.decode()
    address = "/alerts/new/?figure=win_rate%3Avalue&scope=team%3Aseoul-1&period=this-month"

    assert f'href="{escape(address)}"' in text
    form = client.get(address).content.decode()
    for chosen in ("win_rate:value", "team:seoul-1", "this-month"):
        assert f'value="{chosen}" selected' in form


def test_a_period_that_is_over_becomes_the_one_that_comes_round(client: Client, cast: Cast) -> None:
    client.force_login(cast.lee)

    assert "period=this-quarter" in client.get("/kpis/win_rate/?period=2020-Q1").content.decode()
    odd = client.get("/kpis/win_rate/?period=2020-01-05..2020-01-20").content.decode()
    assert escape("/alerts/new/?figure=win_rate%3Acount&scope=team%3Aseoul-1") + '"' in odd


@pytest.mark.parametrize("query", ["industry=Finance", "as_of=2026-01-31"])
def test_what_no_rule_can_watch_has_none(client: Client, cast: Cast, query: str) -> None:
    client.force_login(cast.lee)

    assert "/alerts/new/?" not in client.get(f"/kpis/win_rate/?{query}").content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_figure_leads_to_a_goal_for_it(client: Client, cast: Cast, page: str) -> None:
    client.force_login(cast.lee)
    year = "period=this-year&industry=Finance"
    text = client.get(f"{page}?scope=team:seoul-1&{year}").content.decode()

    assert escape("/goals/new/?kpi=win_rate&scope=team%3Aseoul-1&period=") in text
    assert escape("&industry=Finance") in text.split("/goals/new/?")[1].split('"')[0]


def test_who_sets_no_goals_is_offered_none(client: Client, cast: Cast) -> None:
    client.force_login(cast.minsu)

    assert "/goals/new/" not in client.get("/kpis/win_rate/").content.decode()


def test_a_period_that_is_over_gets_no_goal(client: Client, cast: Cast) -> None:
    client.force_login(cast.lee)

    assert "/goals/new/" not in client.get("/kpis/win_rate/?period=2020-Q1").content.decode()
