"""Every figure opens: its formula with the numbers put in, and the rows that add up to it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from history import as_recorded_at, recorded_by
from pipeline.models import Deal, Target
from tests.cast import Cast, make_cast, make_customer, make_deal, seoul

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User


@pytest.fixture
def closed(cast: Cast) -> None:
    """This moment Minsu won two deals and lost one; Bora won one in Busan."""
    customer = make_customer("Hanbit")
    now = timezone.now()
    when = {"created_at": now - timedelta(days=9), "closed_at": now, "customer": customer}
    make_deal(cast, cast.minsu, cast.won, name="First", amount=Decimal(10_000_000), **when)
    make_deal(cast, cast.minsu, cast.won, name="Second", amount=Decimal(5_000_000), **when)
    make_deal(cast, cast.minsu, cast.lost, name="Third", amount=Decimal(1), **when)
    make_deal(cast, cast.bora, cast.won, name="Fourth", amount=Decimal(2_000_000), **when)


def opened(client: Client, viewer: User, address: str, **headers: str) -> str:
    client.force_login(viewer)
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_ratio_shows_its_formula_and_numbers(client: Client, cast: Cast, closed: None) -> None:
    page = opened(client, cast.lee, "/explain/win_rate/")

    assert "won deals ÷ won and lost deals" in page
    assert "2 ÷ 3 = 66.7\xa0%" in page
    assert "Seoul-1" in page


def test_a_plain_figure_says_how_its_rows_make_it(client: Client, cast: Cast, closed: None) -> None:
    amount = opened(client, cast.eunji, "/explain/won_revenue/")
    count = opened(client, cast.eunji, "/explain/won_deals/")

    assert "amount won: the rows below, added up" in amount
    assert "3 rows → ₩17,000,000" in amount
    assert "won deals: the rows below, counted" in count


def test_rows_add_up_to_the_figure(client: Client, cast: Cast, closed: None) -> None:
    page = opened(client, cast.eunji, "/explain/won_revenue/")

    for said in ("First", "Second", "Fourth", "₩10,000,000", "Together ₩17,000,000"):
        assert said in page
    assert "Third" not in page


def test_another_part_shows_its_own_rows(client: Client, cast: Cast, closed: None) -> None:
    page = opened(client, cast.minsu, "/explain/win_rate/?part=denominator")

    assert "Third" in page
    assert "Together 3" in page


def test_a_basis_is_one_click_away(client: Client, cast: Cast, closed: None) -> None:
    page = opened(client, cast.minsu, "/explain/win_rate/?basis=value")

    assert 'href="?basis=created"' in page
    assert "₩15,000,000 ÷ ₩15,000,001" in page


def test_rows_are_exported_by_the_api(client: Client, cast: Cast, closed: None) -> None:
    page = opened(client, cast.minsu, "/explain/won_revenue/?period=this-year")
    address = page.split('href="/api/v1/kpis/won_revenue/records/')[1].split('"')[0]

    table = client.get("/api/v1/kpis/won_revenue/records/" + address.replace("&amp;", "&"))

    assert table.headers["Content-Type"].startswith("text/csv")
    assert "First" in b"".join(table).decode()


def test_a_figure_of_the_past_says_so_and_exports_its_own_rows(
    client: Client, cast: Cast, closed: None
) -> None:
    page = opened(client, cast.minsu, "/explain/won_revenue/?as_of=2026-01-31&period=2026-01")
    address = page.split('href="/api/v1/kpis/won_revenue/records/')[1].split('"')[0]

    assert "<dt>As of</dt><dd>2026-01-31</dd>" in page
    assert "as_of=2026-01-31" in address


def test_beside_a_page_it_comes_without_the_frame(client: Client, cast: Cast, closed: None) -> None:
    page = opened(client, cast.minsu, "/explain/won_revenue/", **{"HX-Request": "true"})

    assert "<html" not in page
    assert "₩15M" in page


def test_what_cannot_be_opened_says_why(client: Client, cast: Cast) -> None:
    client.force_login(cast.minsu)

    assert client.get("/explain/nonsense/").status_code == 404
    assert client.get("/explain/cac/").status_code == 403
    assert client.get("/explain/won_revenue/?scope=team:busan").status_code == 403
    assert client.get("/explain/won_revenue/?part=denominator").status_code == 400


@pytest.mark.parametrize(
    "key",
    [
        "lead_volume",
        "lead_conversion_rate",
        "open_pipeline",
        "weighted_pipeline",
        "pipeline_coverage",
        "sales_cycle",
        "average_deal_size",
        "target_attainment",
        "retention_rate",
        "renewal_rate",
        "cac",
    ],
)
def test_every_kpi_opens(client: Client, cast: Cast, closed: None, key: str) -> None:
    assert "How it is worked out" in opened(client, cast.eunji, f"/explain/{key}/")


def test_a_formula_of_several_figures_is_worked_out(
    client: Client, cast: Cast, closed: None
) -> None:
    make_deal(cast, cast.minsu, 2)
    page = opened(client, cast.eunji, "/explain/sales_velocity/")

    assert "open deals × win rate × average deal size ÷ sales cycle" in page
    assert "1 × (3 ÷ 4) × (₩17,000,000 ÷ 3) ÷ 9.0" in page


def test_a_pace_says_what_was_reached_and_what_was_expected(
    client: Client, cast: Cast, closed: None
) -> None:
    year = {"start": date(timezone.now().year, 1, 1), "end": date(timezone.now().year + 1, 1, 1)}
    Target.objects.create(kpi="won_revenue", value=34_000_000, **year)
    page = opened(client, cast.eunji, "/explain/pace/?period=this-year")

    assert "actual ÷ target − share of the period gone" in page
    assert "50.0\xa0% − " in page


def test_a_restated_figure_opens_to_who_changed_what(client: Client, db: None) -> None:
    with as_recorded_at(seoul(2025, 6, 1)):
        cast = make_cast()
    with as_recorded_at(seoul(2026, 1, 20)):
        make_deal(cast, cast.minsu, cast.won, amount=20, closed_at=seoul(2026, 1, 20))
    with as_recorded_at(seoul(2026, 2, 10)), recorded_by(cast.minsu.pk):
        Deal.objects.update(amount=27)
    client.force_login(cast.eunji)
    shown = client.get("/explain/won_revenue/", {"period": "2026-01"}).text
    assert "It was ₩20 when the period was over." in shown
    assert "Minsu" in shown
    answered = client.get("/api/v1/kpis/won_revenue/", {"period": "2026-01"}).json()
    assert (answered["value"], answered["restated"]["value"]) == ("27", "20")
    assert "when the period was over" in client.get("/", {"period": "2026-01"}).text
