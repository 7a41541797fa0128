"""The catalog, its figures and their rows over HTTP."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from rest_framework.test import APIClient

from accounts.models import User
from kpis.questions import DIMENSIONS, GRAINS
from kpis.registry import all_kpis
from pipeline.models import Cost, Rate
from tests.cast import Cast, make_customer, make_deal, seoul


def client(user: User) -> APIClient:
    api = APIClient()
    api.force_authenticate(user)
    return api


@pytest.fixture
def deals(cast: Cast) -> Cast:
    """Minsu and bora each win one deal in 2025-Q4, bora's in dollars; minsu loses one."""
    Rate.objects.create(currency="USD", day=date(2025, 11, 1), price=1300)
    make_deal(
        cast,
        cast.minsu,
        cast.won,
        name="=cmd()",
        amount=Decimal("1000.50"),
        customer=make_customer(),
        closed_at=seoul(2025, 11, 3),
    )
    make_deal(cast, cast.bora, cast.won, amount=2, currency="USD", closed_at=seoul(2025, 11, 4))
    make_deal(cast, cast.minsu, cast.lost, lost_reason="price", closed_at=seoul(2025, 12, 4))
    return cast


def get(user: User, path: str, **parameters: str) -> Any:
    response = client(user).get(f"/api/v1/kpis/{path}", parameters)
    assert response.status_code == 200, response.content
    return response.json()


@pytest.mark.parametrize("offset", ["+23:59", "-23:59", "Z"])
def test_an_instant_may_carry_any_offset(deals: Cast, offset: str) -> None:
    instant = f"2026-01-10T12:00:00{offset}"
    found = get(deals.eunji, "won_deals/", period="2025-Q4", as_of=instant, known_at=instant)
    assert datetime.fromisoformat(found["as_of"]) == datetime.fromisoformat(instant)


def test_the_catalog_lists_what_a_person_may_see(cast: Cast) -> None:
    assert [entry["key"] for entry in get(cast.eunji, "")] == list(all_kpis())
    assert "cac" not in [entry["key"] for entry in get(cast.lee, "")]
    win_rate = next(entry for entry in get(cast.eunji, "") if entry["key"] == "win_rate")
    assert win_rate["bases"][0]["formula"] == "won deals ÷ won and lost deals"


def test_a_figure_comes_with_all_that_explains_it(deals: Cast) -> None:
    found = get(deals.eunji, "win_rate/", period="2025-Q4", by="team", compare="previous")
    assert found["value"] == "0.666667"
    assert (found["numerator"], found["denominator"]) == ("2", "3")
    assert (found["scope"], found["period"], found["basis"]) == ("company", "2025-Q4", "count")
    assert {row["label"]: row["value"] for row in found["rows"]} == {"Busan": "1", "Seoul": "0.5"}
    assert found["comparison"]["value"] is None


def test_a_total_without_a_rate_names_currency_and_day(deals: Cast) -> None:
    Rate.objects.all().delete()
    found = get(deals.eunji, "won_revenue/", period="2025-Q4")
    assert (found["value"], found["state"]) == (None, "no_rate")
    assert found["missing_rate"] == {"currency": "USD", "day": "2025-11-04"}
    assert get(deals.eunji, "won_deals/", period="2025-Q4")["missing_rate"] is None


def test_each_person_starts_at_their_own_scope(deals: Cast) -> None:
    def own(user: User) -> tuple[str, str]:
        found = get(user, "won_revenue/", period="2025-Q4")
        return found["scope"], found["value"]

    assert own(deals.eunji) == ("company", "3600.5")
    assert own(deals.rho) == ("team:seoul", "1000.5")
    assert own(deals.bora) == (f"user:{deals.bora.pk}", "2600")


@pytest.mark.parametrize(
    ("person", "scope", "status"),
    [
        ("lee", "company", 403),
        ("lee", "team:busan-1", 403),
        ("minsu", "team:seoul-1", 403),
        ("minsu", "team:no-such", 403),
        ("eunji", "team:no-such", 403),
        ("eunji", "moon", 400),
        ("rho", "team:seoul-1", 200),
    ],
)
def test_other_scopes_are_refused(deals: Cast, person: str, scope: str, status: int) -> None:
    response = client(getattr(deals, person)).get("/api/v1/kpis/won_revenue/", {"scope": scope})
    assert response.status_code == status


def test_costs_are_for_those_who_may_see_salaries(cast: Cast) -> None:
    for person, status in ((cast.finn, 200), (cast.lee, 403), (cast.minsu, 403)):
        assert client(person).get("/api/v1/kpis/cac/").status_code == status
        assert client(person).get("/api/v1/kpis/cac/records/").status_code == status


def test_the_rows_behind_a_figure_add_up_to_it(deals: Cast) -> None:
    found = get(deals.eunji, "won_revenue/records/", period="2025-Q4")
    assert found["total"] == "3600.5"
    assert sorted(row["contribution"] for row in found["results"]) == ["1000.5", "2600"]
    bottom = get(deals.eunji, "win_rate/records/", period="2025-Q4", part="denominator")
    assert (bottom["total"], len(bottom["results"])) == ("3", 3)


def test_what_is_called_numerator_or_denominator_has_records_by_that_name(deals: Cast) -> None:
    """Of every KPI; what is worked out of several parts is null there, and in `parts`."""
    Cost.objects.create(kind="marketing", day="2025-11-01", amount=600)
    Cost.objects.create(kind="delivery", day="2025-11-01", amount=6)
    told = {}
    for key in all_kpis():
        found = get(deals.eunji, f"{key}/", period="2025-Q4")
        for part in ("numerator", "denominator"):
            if found[part] is not None:
                rows = get(deals.eunji, f"{key}/records/", period="2025-Q4", part=part)
                assert rows["total"] == found[part], (key, part)
                told[key, part] = found[part]
    assert ("win_rate", "denominator") in told
    profit = get(deals.eunji, "sales_profit_margin/", period="2025-Q4")
    assert profit["value"] is not None
    assert (profit["numerator"], profit["denominator"]) == (None, None)
    assert {"numerator", "costs"} <= set(profit["parts"])


def test_rows_come_in_pages(deals: Cast) -> None:
    first = get(deals.eunji, "won_deals/records/", period="2025-Q4", page_size="1")
    assert len(first["results"]) == 1
    second = client(deals.eunji).get(first["next"]).json()
    assert second["results"][0]["id"] != first["results"][0]["id"]
    assert second["next"] is None


def file_of(user: User, path: str, file_format: str) -> bytes:
    response: Any = client(user).get(path, {"period": "2025-Q4", "format": file_format})
    return b"".join(response.streaming_content)


def test_the_rows_as_files_carry_no_formulas(deals: Cast) -> None:
    path = "/api/v1/kpis/won_revenue/records/"
    text = file_of(deals.eunji, path, "csv").decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["counts as"] for row in rows] == ["2600", "1000.5"]
    assert rows[1]["name"] == "'=cmd()"
    book = CalamineWorkbook.from_filelike(BytesIO(file_of(deals.eunji, path, "xlsx")))
    sheet = book.get_sheet_by_index(0).to_python()
    assert [row[-1] for row in sheet[1:]] == [2600.0, 1000.5]


def test_a_past_stock_opens_to_the_rows_as_they_stood(cast: Cast) -> None:
    from history import as_recorded_at
    from pipeline.models import Deal

    with as_recorded_at(seoul(2025, 10, 5)):
        make_deal(cast, cast.minsu, 2, amount=70, name="Then")
    with as_recorded_at(seoul(2025, 12, 5)):
        Deal.objects.update(amount=90)
    found = get(cast.eunji, "open_pipeline/records/", period="2025-11")
    assert [(row["name"], row["contribution"]) for row in found["results"]] == [("Then", "70")]
    assert get(cast.eunji, "open_pipeline/", as_of="2025-11-30")["value"] == "70"


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"period": "2026-Q5"}, "period"),
        ({"by": "moon"}, "by"),
        ({"basis": "guess"}, "basis"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"of": "nothing"}, "of"),
        ({"of": "target_attainment"}, "of"),
        ({"perod": "2026"}, "perod"),
        ({"rep": "first"}, "rep"),
        ({"industry": "\x00"}, "industry"),
    ],
)
def test_a_wrong_parameter_is_named(cast: Cast, parameters: dict[str, str], field: str) -> None:
    default = "target_attainment" if "of" in parameters else "won_revenue"
    key = parameters.get("kpi", default)
    asked = {name: value for name, value in parameters.items() if name != "kpi"}
    response = client(cast.eunji).get(f"/api/v1/kpis/{key}/", asked)
    assert response.status_code == 400
    assert field in response.json()["errors"]


def test_an_unknown_kpi_is_not_found(cast: Cast) -> None:
    assert client(cast.eunji).get("/api/v1/kpis/profit/").status_code == 404


@settings(
    max_examples=60,
    suppress_health_check=list(HealthCheck),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
)
@given(
    key=st.sampled_from(sorted(all_kpis())),
    parameters=st.dictionaries(
        st.sampled_from(["period", "scope", "by", "basis", "compare", "as_of", *DIMENSIONS]),
        st.one_of(
            st.text(max_size=20),
            st.sampled_from([*GRAINS, *DIMENSIONS, "2026", "2026-W01", "1", "user:1", "-1"]),
        ),
        max_size=4,
    ),
)
def test_no_input_breaks_it(cast: Cast, key: str, parameters: dict[str, str]) -> None:
    for path in (f"/api/v1/kpis/{key}/", f"/api/v1/kpis/{key}/records/"):
        assert client(cast.eunji).get(path, parameters).status_code in (200, 400, 403, 404)
