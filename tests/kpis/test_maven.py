"""The published figures of a real CRM export, as answered, served and opened to their rows."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.instants import instant_of
from accounts.models import Company, Team, User
from accounts.roles import Role
from accounts.scope import resolve
from kpis.evaluate import answer
from kpis.questions import Answer, Question
from kpis.registry import all_kpis
from tests.cast import seoul
from tests.kpis.test_naive import naive, narrowed, same, world_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("maven")]

NOW = seoul(2026, 3, 18, 15)
QUARTERS = {"2017-Q1": 1_134_672, "2017-Q2": 3_086_111, "2017-Q3": 2_982_255, "2017-Q4": 2_802_496}


@pytest.fixture
def eunji(db: None) -> User:
    return User.objects.create_user("eunji@example.com", role=Role.EXECUTIVE, language="en")


def ask(
    viewer: User, kpi: str, period: str = "2017", scope: str = "company", **more: Any
) -> Answer:
    span = Company.current().calendar.parse(period, at=NOW)
    question = Question(kpi, resolve(scope, viewer), span, **more)
    (found,) = answer([question], viewer=viewer, at=NOW)
    return found


def team(name: str) -> str:
    return f"team:{Team.objects.get(name__contains=name).slug}"


def test_won_revenue_by_quarter(eunji: User) -> None:
    found = ask(eunji, "won_revenue", by="quarter")
    assert found.value == 10_005_534
    assert {row.key: row.result.value for row in found.rows} == QUARTERS


def test_win_rate_and_cycle(eunji: User) -> None:
    rate = ask(eunji, "win_rate").result
    assert rate.numerator == 4_238
    assert rate.denominator == 6_711
    assert ask(eunji, "sales_cycle").value == 57
    assert round(ask(eunji, "sales_cycle", basis="mean").value or 0, 1) == Decimal("51.8")


def test_by_region_manager_and_agent(eunji: User) -> None:
    regions = {row.label: row.result.value for row in ask(eunji, "won_revenue", by="team").rows}
    assert regions["West"] == 3_568_647
    assert sum(value or 0 for value in regions.values()) == 10_005_534
    assert ask(eunji, "won_revenue", scope=team("Marxen")).value == 2_251_930
    agents = {row.label: row.result.value for row in ask(eunji, "won_revenue", by="rep").rows}
    assert agents["Darcel Schlecht"] == 1_153_214
    assert sum(value or 0 for value in agents.values()) == 10_005_534


def test_a_managers_win_rate_is_that_of_the_deals_not_the_mean_of_the_agents(eunji: User) -> None:
    agents = ask(eunji, "win_rate", scope=team("Marxen"), by="rep").rows
    tops = sum(row.result.numerator or 0 for row in agents)
    bottoms = sum(row.result.denominator or 0 for row in agents)
    assert ask(eunji, "win_rate", scope=team("Marxen")).value == tops / bottoms


def test_the_rows_that_misspell_their_product_are_counted(eunji: User) -> None:
    products = {row.label: row.result.value for row in ask(eunji, "won_deals", by="product").rows}
    assert "GTX Pro" in products
    assert sum(value or 0 for value in products.values()) == 4_238


def test_the_api_and_its_exported_rows_say_the_same(eunji: User) -> None:
    api = APIClient()
    api.force_authenticate(eunji)
    for quarter, revenue in QUARTERS.items():
        path = "/api/v1/kpis/won_revenue/"
        assert api.get(path, {"period": quarter}).json()["value"] == str(revenue)
        response: Any = api.get(f"{path}records/", {"period": quarter, "format": "csv"})
        text = b"".join(response.streaming_content).decode("utf-8-sig")
        rows = csv.DictReader(StringIO(text))
        assert sum(Decimal(row["counts as"]) for row in rows) == revenue


@pytest.mark.parametrize("scope", ["company", "West", "Marxen"])
@pytest.mark.parametrize("period", ["2017", "2017-Q3", "2017-12"])
def test_every_figure_equals_its_naive_second(eunji: User, scope: str, period: str) -> None:
    span = Company.current().calendar.parse(period, at=NOW)
    whose = resolve(scope if scope == "company" else team(scope), eunji)
    questions = [
        Question(kpi.key, whose, span, basis.key)
        for kpi in all_kpis().values()
        for basis in kpi.bases
        if kpi.kind != "stock"
    ]
    world = narrowed(world_of(span, None, now=NOW), whose)
    for found in answer(questions, viewer=eunji, at=NOW):
        expected = naive(world, found.kpi.key, found.basis.key)
        assert same(found.value, expected), (found.kpi.key, found.basis.key)


@pytest.mark.parametrize(("quarter", "day"), [("2017-Q2", "2017-06-30"), ("2017-Q3", "2017-09-30")])
def test_a_days_end_is_before_what_is_dated_by_the_next_day(
    eunji: User, shared_data: Path, quarter: str, day: str
) -> None:
    """Every date in the export is a bare one."""
    with (shared_data / "maven_crm" / "sales_pipeline.csv").open(encoding="utf-8") as file:
        begun = [row for row in csv.DictReader(file) if "" < row["engage_date"] <= day]
    left = [row for row in begun if not row["close_date"] or row["close_date"] > day]

    assert ask(eunji, "open_deals", basis="all", period=quarter).value == len(left)
    end = instant_of(day, Company.current().calendar)
    assert ask(eunji, "open_deals", basis="all", as_of=end).value == len(left)
    following = Company.current().calendar.parse(quarter, at=NOW).next()
    assert ask(eunji, "won_deals", period=following.code, as_of=end).value == 0
