"""The homes in a real browser: they open, redraw, follow edits, and fit phones."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from history import as_recorded_at
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
    """Minsu won one deal and works on another; the second is answered."""
    now = timezone.now()
    customer = make_customer()
    begun = now - timedelta(days=20)
    won = {"amount": Decimal(30_000_000), "created_at": begun, "closed_at": now}
    make_deal(cast, cast.minsu, cast.won, name="Won one", customer=customer, **won)
    return make_deal(cast, cast.minsu, 4, name="Open one", customer=customer, created_at=begun)


def test_a_tile_opens_beside_the_page_under_its_own_address(
    new_page: NewPage, cast: Cast, deals: Deal
) -> None:
    page = new_page(cast.eunji)
    page.goto("/")

    page.locator("#tile-won_revenue").click()

    beside = page.locator("#slideover")
    expect(beside).to_contain_text("Won one")
    assert "/explain/won_revenue/" in page.url
    page.keyboard.press("Escape")
    expect(beside).not_to_be_visible()
    assert page.url.endswith("/")
    expect(page.locator("#tile-won_revenue")).to_be_focused()


def test_what_is_opened_beside_can_be_sent_as_a_link(
    new_page: NewPage, cast: Cast, deals: Deal
) -> None:
    page = new_page(cast.eunji)

    page.goto("/explain/win_rate/?basis=value")

    expect(page.get_by_role("heading", name="Win rate")).to_be_visible()
    expect(page.locator(".chip[aria-current]").first).to_have_text("by amount")


def test_another_choice_redraws_its_card_alone(new_page: NewPage, cast: Cast, deals: Deal) -> None:
    page = new_page(cast.eunji)
    page.goto("/")
    card = page.locator("#panel-segments")
    page.evaluate("window.unchanged = true")

    card.locator("summary").click()
    card.get_by_role("link", name="Region").click()

    expect(card.locator("summary")).to_have_text("Region")
    assert "segment=region" in page.url
    assert page.evaluate("window.unchanged")


def test_a_chart_has_its_table_and_turns_dark(new_page: NewPage, cast: Cast, deals: Deal) -> None:
    page = new_page(cast.eunji, color_scheme="dark")
    page.goto("/")
    card = page.locator("#panel-trend")
    expect(card.locator(".main-svg").first).to_be_visible()
    assert card.locator(".trace path[style*='rgb(86, 180, 233)']").count()

    card.get_by_role("button", name="Show as a table").click()

    expect(card.get_by_role("table")).to_be_visible()
    expect(card.locator(".main-svg").first).not_to_be_visible()


def test_a_page_follows_an_edit_made_elsewhere(new_page: NewPage, cast: Cast, deals: Deal) -> None:
    page = new_page(cast.eunji)
    page.goto("/")
    value = page.locator("#tile-won_revenue .tile-value")
    expect(value).to_have_text("₩30M")
    page.locator("#tile-won_revenue").focus()
    expect(page.locator("body")).to_have_attribute("data-live", "on")

    win_deal(deal=deals, by=cast.minsu, revision=deals.revision, at=timezone.now())
    drain()

    expect(value).to_have_text("₩31M")
    expect(page.locator("#tile-won_revenue")).to_be_focused()


def test_the_keyboard_finds_and_opens_a_page(new_page: NewPage, cast: Cast, deals: Deal) -> None:
    page = new_page(cast.eunji)
    page.goto("/?period=last-quarter")

    page.keyboard.press("Control+k")
    page.keyboard.type("pipe")
    page.keyboard.press("Enter")

    page.wait_for_url("**/pipeline/?period=last-quarter")


def test_a_range_of_days_becomes_the_pages_period(
    new_page: NewPage, cast: Cast, deals: Deal
) -> None:
    page = new_page(cast.eunji)
    page.goto("/")

    page.get_by_role("group", name="Period").locator("summary").click()
    page.get_by_label("First day", exact=True).fill("2026-01-05")
    page.get_by_label("Last day", exact=True).fill("2026-02-10")
    page.get_by_role("button", name="Show", exact=True).click()

    page.wait_for_url("**/?period=2026-01-05..2026-02-10")


@pytest.mark.parametrize("name", ["eunji", "lee", "minsu"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_home_fits_a_phone(
    new_page: NewPage, cast: Cast, deals: Deal, name: str, language: str
) -> None:
    person = getattr(cast, name)
    person.language = language
    person.save()
    page = new_page(person, viewport=PHONE)

    page.goto("/")

    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/", "/explain/win_rate/", "/accounts/password/change/"])
def test_anyone_can_use_it(
    new_page: NewPage, cast: Cast, deals: Deal, scheme: str, address: str
) -> None:
    """No fault that axe knows of."""
    page = new_page(cast.eunji, color_scheme=scheme)
    page.goto(address)

    assert barriers(page) == []


def knows_with_the_day(page: Page) -> None:
    """What was known then stays what was known then when another day is chosen."""
    page.locator(".bar-as-of summary").click()
    page.get_by_role("link", name="As it was known then").first.click()
    page.locator(".bar-as-of summary").click()
    day = (timezone.now() - timedelta(days=5)).date().isoformat()
    page.locator("#as-of").fill(day)
    page.get_by_role("button", name="Look back").click()
    expect(page).to_have_url(re.compile(f"known_at={day}&as_of={day}|as_of={day}&known_at={day}"))
    expect(page.get_by_role("status").get_by_text("as it was known then")).to_be_visible()


def test_the_header_looks_back_and_comes_back(site: Site, new_page: NewPage, cast: Cast) -> None:
    with transaction.atomic(), as_recorded_at(timezone.now() - timedelta(days=30)):
        make_deal(cast, cast.minsu, 2, name="Old one", amount=100)
    make_deal(cast, cast.minsu, 2, name="Young one", amount=7)
    page = new_page(cast.eunji)
    page.goto(f"{site.url}/deals/")
    expect(page.get_by_text("Young one")).to_be_visible()
    page.locator(".bar-as-of summary").click()
    page.locator("#as-of").fill((timezone.now() - timedelta(days=3)).date().isoformat())
    page.get_by_role("button", name="Look back").click()
    expect(page.get_by_role("status").get_by_text("nothing can be changed")).to_be_visible()
    expect(page.get_by_text("Young one")).to_have_count(0)
    page.get_by_role("link", name="Old one").first.click()
    expect(page).to_have_url(re.compile(r"as_of="))
    expect(page.get_by_role("status").get_by_text("nothing can be changed")).to_be_visible()
    knows_with_the_day(page)
    page.locator(".banner").get_by_role("link", name="Back to now").click()
    expect(page.get_by_text("nothing can be changed")).to_have_count(0)
