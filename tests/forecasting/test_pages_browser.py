"""The model's pages in a real browser: no fault that axe knows of, and they fit a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from forecasting.accuracy.horizons import Horizon
from forecasting.actions.replays import replay_period
from forecasting.actions.runs import learn_period
from periods import Grain, Period
from pipeline.demo.plan import Plan
from pipeline.demo.seeding import seed
from tests.browser import PHONE, barriers
from tests.forecasting.imagined import SEOUL

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.conftest import Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("site"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def executive(site: Site) -> User:
    now = timezone.now()
    seed(Plan(300, 4, now, SEOUL), say=lambda _line: None)
    running = Period.containing(SEOUL.business_day(now), Grain.QUARTER, SEOUL)
    learn_period(period=running, at=now)
    replay_period(period=running.previous(), horizon=Horizon.START, at=now)
    return User.objects.get(email="executive@demo.example")


def test_the_pages_are_open_to_everybody_and_fit_a_phone(
    new_page: Callable[..., Page], executive: User
) -> None:
    wide, phone = new_page(executive), new_page(executive, viewport=PHONE)
    pages = (
        "model/",
        "accuracy/",
        "revenue/",
        "revenue/?by=customer",
        "revenue/rows/?line=scheduled",
    )
    for address in (f"/forecast/{page}" for page in pages):
        wide.goto(address)
        phone.goto(address)

        assert barriers(wide) == []
        assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_a_slider_moved_by_the_keyboard_changes_the_figures(
    new_page: Callable[..., Page], executive: User
) -> None:
    User.objects.update(language="en")
    wide, phone = new_page(executive), new_page(executive, viewport=PHONE)
    wide.goto("/forecast/what-if/")
    said, chart = wide.locator("#said-win_rate"), wide.locator("#what-if-title")
    expect(said).not_to_contain_text("→")
    slider = wide.get_by_role("slider", name="Win rate")
    slider.focus()
    for _press in range(5):
        slider.press("ArrowRight")

    expect(said).to_contain_text("→")
    expect(chart).to_contain_text("would be")
    expect(wide).to_have_url(re.compile("win_rate=105"))
    expect(wide.get_by_role("spinbutton", name="Win rate")).to_have_value("105")
    expect(slider).to_be_focused()
    assert barriers(wide) == []
    phone.goto("/forecast/what-if/?win_rate=105&churn=140")
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
