"""The KPI explorer in a real browser: choices, picture, keyboard, phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from kpis.drain import drain
from pipeline.actions.deals import win_deal
from pipeline.models import Deal
from tests.browser import PHONE, barriers
from tests.cast import Cast, make_customer, make_deal

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.conftest import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("site"),
    pytest.mark.django_db(transaction=True),
]

NewPage = Callable[..., "Page"]


@pytest.fixture
def deals(site: Site, cast: Cast) -> Deal:
    """Minsu and Bora won a deal each; one of Minsu's is open and answered."""
    now = timezone.now()
    customer = make_customer()
    won = {"created_at": now - timedelta(days=20), "closed_at": now, "customer": customer}
    make_deal(cast, cast.minsu, cast.won, name="Won one", amount=Decimal(30_000_000), **won)
    make_deal(cast, cast.bora, cast.won, name="Another", amount=Decimal(10_000_000), **won)
    return make_deal(cast, cast.minsu, 4, name="Open one", customer=customer)


def test_from_the_rail_to_a_figure_split_and_drilled_into(
    new_page: NewPage, cast: Cast, deals: Deal
) -> None:
    page = new_page(cast.eunji)
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="KPIs").click()
    page.get_by_role("link", name="Won revenue").click()

    page.get_by_label("Split by").select_option(label="Rep")

    page.wait_for_url("**/kpis/won_revenue/?by=rep")
    expect(page.locator("#figure .main-svg").first).to_be_visible()
    page.get_by_role("rowheader", name="Bora").get_by_role("link").click()
    rows = page.get_by_role("region", name="The rows behind it")
    expect(rows).to_contain_text("Another")
    expect(rows).not_to_contain_text("Won one")
    expect(page.get_by_label("Rep", exact=True)).to_be_visible()


def test_its_picture_is_taken_away_under_its_title(
    new_page: NewPage, cast: Cast, deals: Deal
) -> None:
    page = new_page(cast.eunji)
    page.goto("/kpis/won_revenue/?by=team")
    expect(page.locator("#figure .main-svg").first).to_be_visible()

    with page.expect_download() as taken:
        page.get_by_role("button", name="Save as PNG").click()

    assert taken.value.suggested_filename.endswith(".png")
    assert Path(taken.value.path()).read_bytes().startswith(b"\x89PNG")


def test_it_follows_an_edit_made_elsewhere(new_page: NewPage, cast: Cast, deals: Deal) -> None:
    page = new_page(cast.eunji)
    page.goto("/kpis/won_deals/?by=rep")
    total = page.locator("#explorer tfoot td").first
    expect(total).to_have_text("2")
    expect(page.locator("body")).to_have_attribute("data-live", "on")

    win_deal(deal=deals, by=cast.minsu, revision=deals.revision, at=timezone.now())
    drain()

    expect(total).to_have_text("3")


def test_a_view_is_kept_by_keyboard(new_page: NewPage, cast: Cast, deals: Deal) -> None:
    page = new_page(cast.lee)
    page.goto("/kpis/win_rate/?by=rep")

    page.get_by_role("link", name="Save this view").press("Enter")
    page.get_by_label("Name").fill("Our reps")
    page.keyboard.press("Enter")

    page.wait_for_url("**/kpis/win_rate/?by=rep")
    page.goto("/kpis/")
    expect(page.get_by_role("link", name="Our reps", exact=True)).to_be_visible()


@pytest.mark.parametrize("address", ["/kpis/", "/kpis/win_rate/?by=rep", "/kpis/reference/"])
def test_it_fits_a_phone_in_korean(
    new_page: NewPage, cast: Cast, deals: Deal, address: str
) -> None:
    cast.eunji.language = "ko"
    cast.eunji.save()
    page = new_page(cast.eunji, viewport=PHONE)

    page.goto(address)

    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "address",
    ["/kpis/", "/kpis/won_revenue/?by=rep&basis=none&kind=new", "/kpis/reference/"],
)
def test_anyone_can_use_it(
    new_page: NewPage, cast: Cast, deals: Deal, scheme: str, address: str
) -> None:
    """No fault that axe knows of."""
    page = new_page(cast.eunji, color_scheme=scheme)
    page.goto(address)

    assert barriers(page) == []
