"""Exit criteria as a person meets them: ticking, and being asked why, by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from pipeline.models import Criterion, Skip, Tick
from tests.browser import PHONE, WIDE, barriers, sign_in
from tests.cast import make_customer, make_deal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from accounts.models import User
    from tests.cast import Cast
    from tests.conftest import Site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def new_page(site: Site, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Pages on which the browser may report a refused request, as it does for every 400."""
    contexts = []

    def opened(user: User, **options: Any) -> Page:
        contexts.append(browser.new_context(base_url=site.url, **{"viewport": WIDE, **options}))
        page = contexts[-1].new_page()
        sign_in(page, site.url, user)
        return page

    yield opened
    for context in contexts:
        context.close()


def test_the_board_asks_why_and_the_drawer_ticks(
    site: Site, cast: Cast, new_page: Callable[..., Page]
) -> None:
    stage = cast.stages[1]
    champion = Criterion.objects.create(stage=stage, name="Champion")
    deal = make_deal(cast, cast.minsu, 2, name="ERP", amount=Decimal(100))
    page = new_page(cast.minsu)
    page.goto("/pipeline/")
    card = page.locator(f"#deal-{deal.pk}")
    card.locator(".deal-title").focus()
    for key in ("Space", "ArrowRight", "Space"):
        page.keyboard.press(key)
    box = page.locator("dialog#reason")
    expect(box).to_contain_text("Not ticked yet: Champion.")
    assert barriers(page) == []
    box.get_by_role("button", name="Cancel").click()
    expect(page.locator("ul[data-name='Identify the problem']").locator(card)).to_be_visible()

    card.get_by_role("link", name="Exit criteria").click()
    drawer = page.locator("#slideover")
    drawer.get_by_role("checkbox").check()
    expect(drawer.locator(".check-note")).to_contain_text("Minsu")
    assert barriers(page) == []
    drawer.get_by_role("button", name="Close").click()
    expect(card.locator(".card-checks")).to_contain_text("1/1")
    assert Tick.objects.get().criterion == champion

    Tick.objects.all().delete()
    card.get_by_role("button", name="Move ERP to").click()
    page.locator("#move-menu").get_by_role("button", name="Negotiate").click()
    box.get_by_role("textbox").fill("In a hurry")
    box.get_by_role("button", name="Move it on").click()
    expect(page.locator(".note-text")).to_contain_text("ERP is now in Negotiate.")
    assert Skip.objects.get().reason == "In a hurry"


def test_the_deal_s_page_ticks_and_tells_on_a_phone(
    site: Site, cast: Cast, new_page: Callable[..., Page]
) -> None:
    Criterion.objects.create(stage=cast.stages[1], name="Champion", name_ko="추진자")
    deal = make_deal(cast, cast.minsu, 2, customer=make_customer(), amount=Decimal(100))
    page = new_page(cast.minsu, viewport=PHONE)
    page.goto(f"/deals/{deal.pk}/")
    missing = page.locator(".steps-missing")
    expect(missing).to_contain_text("Champion")
    page.get_by_role("checkbox").check()
    expect(page.locator(".timeline")).to_contain_text("Ticked")
    expect(missing).not_to_contain_text("Champion")
    assert barriers(page) == []

    page.get_by_role("checkbox").uncheck()
    expect(page.locator(".timeline")).to_contain_text("Unticked")
    page.get_by_role("button", name="Negotiate").click()
    page.get_by_role("textbox").fill("In a hurry")
    page.get_by_role("button", name="Move it on").click()
    expect(page.locator(".timeline")).to_contain_text("Moved on without: Champion – In a hurry")
