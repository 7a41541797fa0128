"""A move on the board that a closed period holds asks why, and loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from pipeline.models import Closing, Deal, LateChange
from tests.browser import PHONE, WIDE, barriers, sign_in
from tests.cast import make_deal
from tests.pipeline.pages.test_board_in_a_browser import (
    card,
    drag,
    open_board,
    say,
    wait_for_card_in,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from accounts.models import User
    from tests.cast import Cast
    from tests.conftest import Site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def deal(site: Site, cast: Cast) -> Deal:
    """An open deal; what is won today is won in a period that is closed."""
    deal = make_deal(cast, cast.minsu, 3, name="ERP", created_at=None)
    today = timezone.now().date()
    Closing.objects.create(
        code="these days",
        start=today - timedelta(days=1),
        end=today + timedelta(days=2),
        closed_by=cast.sam,
        closed_at=timezone.now(),
    )
    return deal


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


def asked(page: Page) -> None:
    page.locator("#reason[open]", has_text="these days is closed").wait_for()


def answer(page: Page, reason: str) -> None:
    page.get_by_label("Reason for changing a closed period").fill(reason)
    page.locator("#reason").get_by_role("button", name="Change it all the same").click()


def reasons() -> list[str]:
    return [kept.reason for kept in LateChange.objects.order_by("pk")]


def test_a_drag_asks_why_and_cancel_puts_the_card_back(
    deal: Deal, cast: Cast, new_page: Callable[..., Page]
) -> None:
    page = new_page(cast.eunji)
    open_board(page)
    won = page.locator(".edge-drop[data-outcome=won]")

    drag(page, card(page, deal), won)
    asked(page)
    assert barriers(page) == []
    page.keyboard.press("Escape")
    wait_for_card_in(page, deal, "Negotiate")
    assert page.locator(".note").count() == 0
    deal.refresh_from_db()
    assert deal.outcome == "open"

    drag(page, card(page, deal), won)
    asked(page)
    answer(page, "Signed late")
    say(page, "ERP is now in Won.")
    deal.refresh_from_db()
    assert (deal.outcome, reasons()) == ("won", ["Signed late"])

    page.get_by_role("button", name="Undo").click()
    asked(page)
    answer(page, "It was not signed")
    say(page, "Undone")
    deal.refresh_from_db()
    assert (deal.outcome, reasons()[-1]) == ("open", "It was not signed")


def test_the_keyboard_and_the_menu_ask_too(
    deal: Deal, cast: Cast, new_page: Callable[..., Page]
) -> None:
    page = new_page(cast.eunji)
    open_board(page)
    card(page, deal).locator("a").focus()
    page.keyboard.press("Space")
    for _stage in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    asked(page)
    page.locator("#reason").get_by_role("button", name="Cancel").click()
    wait_for_card_in(page, deal, "Negotiate")

    phone = new_page(cast.eunji, viewport=PHONE, has_touch=True)
    open_board(phone)
    phone.get_by_role("button", name="Move ERP to…").tap()
    phone.locator("#move-menu").get_by_role("button", name="Won").tap()
    asked(phone)
    answer(phone, "By phone")
    say(phone, "ERP is now in Won.")
    assert reasons() == ["By phone"]


def test_whoever_may_not_is_told_so_and_the_card_goes_back(
    deal: Deal, cast: Cast, new_page: Callable[..., Page]
) -> None:
    page = new_page(cast.minsu)
    open_board(page)
    drag(page, card(page, deal), page.locator(".edge-drop[data-outcome=won]"))
    say(page, "these days is closed. Ask finance or an executive to change it.")
    wait_for_card_in(page, deal, "Negotiate")
