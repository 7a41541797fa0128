"""Goals in a real browser: the SMART check follows what is typed, pages fit and can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Company
from pipeline.models import Target
from tests.browser import PHONE, barriers
from tests.cast import Cast

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
def top(site: Site, cast: Cast) -> Target:
    """The company's goal of this quarter, and Seoul's part of it."""
    period = Company.current().calendar.parse("this-quarter", at=timezone.now())
    same = {"kpi": "won_revenue", "start": period.start, "end": period.end}
    whole = Target.objects.create(value=100_000_000, **same)
    Target.objects.create(value=90_000_000, team=cast.teams["seoul"], parent=whole, **same)
    return whole


def test_the_smart_check_follows_what_is_typed(new_page: NewPage, cast: Cast, top: Target) -> None:
    page = new_page(cast.eunji)
    page.goto("/goals/new/")
    beside = page.locator("#smart")
    expect(beside).to_contain_text("It is in the catalog")

    page.get_by_label("Value to reach").fill("12M")

    expect(beside).to_contain_text("There is no earlier figure to hold it against.")
    expect(page.get_by_label("Contributes to")).to_have_value("")
    assert barriers(page) == []


@pytest.mark.parametrize("address", ["/goals/", "/goals/?view=journey", "/goals/{top}/"])
def test_goals_fit_a_phone_and_can_be_read_by_all(
    new_page: NewPage, cast: Cast, top: Target, address: str
) -> None:
    page = new_page(cast.eunji, viewport=PHONE)
    page.goto(address.format(top=top.pk))

    expect(page.locator("main h1")).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert barriers(page) == []
