"""The board in a real browser: by mouse, by keyboard, by menu; two people at once; accessible."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from pipeline.actions.deals import edit_deal, move_deal
from pipeline.models import Deal, Lead, Outcome
from tests.browser import PHONE, WIDE, barriers, sign_in
from tests.cast import make_customer, make_deal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.cast import Cast
    from tests.conftest import Site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.slow]

SECONDS = 1000


def open_board(page: Page) -> None:
    page.goto("/pipeline/")
    page.wait_for_selector("body[data-live=on]")


def card(page: Page, deal: Deal) -> Locator:
    return page.locator(f"#deal-{deal.pk}")


def column(page: Page, name: str) -> Locator:
    return page.locator(f"ul[data-name='{name}']")


def wait_for_card_in(page: Page, deal: Deal, name: str) -> None:
    column(page, name).locator(f"#deal-{deal.pk}").wait_for()


def drag(page: Page, source: Locator, target: Locator) -> None:
    """As a hand does it: press, a few small steps, then over to the other place."""
    box = source.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + box["height"] - 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 45, box["y"] + box["height"] - 6, steps=4)
    goal = target.bounding_box()
    assert goal
    page.mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + 20, steps=12)
    target.locator(".is-ghost").wait_for()
    page.mouse.up()


def say(page: Page, text: str) -> None:
    page.locator(".note-text", has_text=text).wait_for()


def test_a_deal_is_dragged_and_the_drag_undone(
    site: Site, cast: Cast, new_page: Callable[..., Page]
) -> None:
    deal = make_deal(cast, cast.minsu, 2, name="ERP")
    make_deal(cast, cast.minsu, 3, name="Other")
    page = new_page(cast.minsu)
    open_board(page)

    drag(page, card(page, deal), column(page, "Negotiate"))

    say(page, "ERP is now in Negotiate.")
    deal.refresh_from_db()
    assert (deal.stage, deal.revision) == (cast.stages[2], 2)
    assert page.url.endswith("/pipeline/"), "the drop opens no page"

    page.get_by_role("button", name="Undo").click()

    say(page, "Undone")
    wait_for_card_in(page, deal, "Identify the problem")
    deal.refresh_from_db()
    assert deal.stage == cast.stages[1]


def test_totals_follow_a_move_here_and_on_another_page(
    site: Site, worker: Path, cast: Cast, new_page: Callable[..., Page]
) -> None:
    deal = make_deal(cast, cast.minsu, 2, name="ERP", amount=Decimal(7_000_000))
    mine, lead_s = new_page(cast.minsu), new_page(cast.lee)
    for page in (mine, lead_s):
        open_board(page)

    drag(mine, card(mine, deal), column(mine, "Negotiate"))

    head = f"#stage-{cast.stages[2].pk} .stage-totals"
    mine.locator(head, has_text="₩4.2M").wait_for()
    lead_s.locator(head, has_text="₩4.2M").wait_for()
    wait_for_card_in(lead_s, deal, "Negotiate")


def test_the_keyboard_lifts_carries_and_drops(
    site: Site, cast: Cast, new_page: Callable[..., Page]
) -> None:
    deal = make_deal(cast, cast.minsu, 1, name="ERP")
    page = new_page(cast.minsu)
    open_board(page)
    told = page.locator("[data-announce]")

    card(page, deal).locator("a").focus()
    page.keyboard.press("Space")
    assert told.inner_text().startswith("ERP lifted from Qualify the opportunity.")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert told.inner_text() == "ERP is over Negotiate."
    page.keyboard.press("Escape")
    assert told.inner_text() == "ERP is back in Qualify the opportunity."

    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")

    say(page, "ERP is now in Identify the problem.")
    assert page.evaluate("document.activeElement.closest('li').id") == f"deal-{deal.pk}"
    deal.refresh_from_db()
    assert deal.stage == cast.stages[1]


def test_lost_asks_why_and_won_for_how_much(
    site: Site, cast: Cast, new_page: Callable[..., Page]
) -> None:
    lost = make_deal(cast, cast.minsu, 2, name="Lost one")
    won: Any = make_deal(cast, cast.minsu, 3, name="Won one", amount=None)
    page = new_page(cast.minsu)
    open_board(page)

    drag(page, card(page, lost), page.locator(".edge-lost .edge-drop"))
    page.get_by_role("button", name="Cancel").click()
    wait_for_card_in(page, lost, "Identify the problem")

    drag(page, card(page, lost), page.locator(".edge-lost .edge-drop"))
    page.get_by_label("Reason", exact=True).select_option("price")
    page.get_by_role("button", name="Close as lost").click()
    say(page, "Lost one is now in Lost.")
    lost.refresh_from_db()
    assert (lost.outcome, lost.lost_reason) == (Outcome.LOST, "price")

    drag(page, card(page, won), page.locator(".edge-won .edge-drop"))
    page.get_by_label("Amount (KRW)").fill("900")
    page.get_by_role("button", name="Close as won").click()
    say(page, "Won one is now in Won.")
    won.refresh_from_db()
    assert (won.outcome, won.amount) == (Outcome.WON, 900)


@pytest.fixture
def unwatched_page(site: Site, browser: Browser) -> Iterator[Page]:
    """A page on which the browser may report a refused request, as it does for every 409."""
    context = browser.new_context(base_url=site.url, viewport=WIDE)
    yield context.new_page()
    context.close()


def test_a_stale_move_shows_both_versions_and_can_be_made_again(
    site: Site, cast: Cast, unwatched_page: Page
) -> None:
    deal: Any = make_deal(cast, cast.minsu, 2, name="ERP", amount=Decimal(100))
    page = unwatched_page
    sign_in(page, site.url, cast.minsu)
    page.goto("/pipeline/")
    page.wait_for_selector("#board .deal-card")
    edit_deal(deal=deal, by=cast.lee, revision=1, changes={"amount": Decimal(250)})

    drag(page, card(page, deal), column(page, "Negotiate"))

    row = page.locator("#conflict tr[data-field=amount]")
    row.wait_for()
    assert row.locator("td").all_inner_texts() == ["100", "250"]
    page.get_by_role("button", name="Move it all the same").click()
    say(page, "ERP is now in Negotiate.")
    deal.refresh_from_db()
    assert (deal.stage, deal.amount) == (cast.stages[2], 250)


def test_other_people_s_moves_wait_while_a_card_is_in_the_hand(
    site: Site, worker: Path, cast: Cast, new_page: Callable[..., Page]
) -> None:
    mine = make_deal(cast, cast.minsu, 1, name="Mine")
    other = make_deal(cast, cast.minsu, 2, name="Other")
    page = new_page(cast.minsu)
    open_board(page)
    card(page, mine).locator("a").focus()
    page.keyboard.press("Space")

    move_deal(deal=other, to=cast.stages[2], by=cast.lee, revision=1, at=timezone.now())
    page.wait_for_timeout(2 * SECONDS)
    assert column(page, "Identify the problem").locator(f"#deal-{other.pk}").count() == 1

    page.keyboard.press("Escape")
    wait_for_card_in(page, other, "Negotiate")


def test_what_is_being_typed_stays_when_somebody_changes_the_deal(
    site: Site, worker: Path, cast: Cast, new_page: Callable[..., Page]
) -> None:
    deal = make_deal(cast, cast.minsu, 2, name="ERP", amount=Decimal(5_000_000))
    page = new_page(cast.minsu)
    page.goto(f"/deals/{deal.pk}/")
    page.wait_for_selector("body[data-live=on]")
    page.get_by_placeholder("What was it about?").fill("Half a sent")

    edit_deal(deal=deal, by=cast.lee, revision=1, changes={"amount": Decimal(7_000_000)})

    page.locator(".facts", has_text="₩7,000,000").wait_for()
    assert page.get_by_placeholder("What was it about?").input_value() == "Half a sent"
    assert page.locator(".steps-paper input[name=revision]").input_value() == "2"


def test_on_a_phone_a_menu_moves_and_stages_switch(
    site: Site, cast: Cast, new_page: Callable[..., Page]
) -> None:
    deal = make_deal(cast, cast.minsu, 1, name="ERP")
    page = new_page(cast.minsu, viewport=PHONE, has_touch=True)
    open_board(page)

    page.get_by_role("button", name="Move ERP to…").tap()
    page.locator("#move-menu").get_by_role("button", name="Negotiate").tap()
    say(page, "ERP is now in Negotiate.")

    page.locator(".stage-switch").get_by_role("link", name="Negotiate").tap()
    page.wait_for_selector(".stage-knob[aria-current]:has-text('Negotiate')")
    assert card(page, deal).is_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], "nothing sticks out"


@pytest.mark.parametrize("phone", [False, True])
def test_axe_finds_nothing_wrong_with_any_page(
    site: Site, cast: Cast, new_page: Callable[..., Page], *, phone: bool
) -> None:
    customer = make_customer("Hanbit", owner=cast.minsu)
    deal = make_deal(cast, cast.minsu, 2, customer=customer, next_step="Call")
    won = make_deal(cast, cast.minsu, cast.won, customer=customer)
    lead = Lead.objects.create(
        owner=cast.minsu, team=deal.team, company_name="Daesung", created_at=timezone.now()
    )
    page = new_page(cast.lee, **({"viewport": PHONE} if phone else {}), bypass_csp=True)
    paths = (
        "/pipeline/",
        "/deals/",
        "/deals/new/",
        f"/deals/{deal.pk}/",
        f"/deals/{won.pk}/",
        f"/deals/{deal.pk}/edit/",
        "/leads/",
        f"/leads/{lead.pk}/",
        f"/leads/{lead.pk}/convert/",
        "/customers/",
        f"/customers/{customer.pk}/",
    )
    faults = []
    for path in paths:
        page.goto(path)
        faults += [f"{path}: {fault}" for fault in barriers(page)]
    assert faults == []
