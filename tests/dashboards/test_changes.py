"""Where it hangs and what changed: panels that come after the page, and the deals behind a bar."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts.models import Company
from history import as_recorded_at
from pipeline.models import Deal
from tests.cast import Cast, make_deal

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User


@pytest.fixture
def moved(cast: Cast) -> Deal:
    """Minsu's deal stayed ten days in its first stage; today a new one of bora's came."""
    now, calendar = timezone.now(), Company.current().calendar
    today = calendar.business_day(now)
    with as_recorded_at(now - timedelta(days=11)):
        due = today - timedelta(days=1)
        deal = make_deal(cast, cast.minsu, 2, name="Moving", expected_close=due, amount=5_000_000)
    begun = calendar.start_of(today) + timedelta(seconds=1)
    with as_recorded_at(max(now - timedelta(hours=1), begun)):
        Deal.objects.filter(pk=deal.pk).update(stage=cast.stages[2])
        make_deal(cast, cast.bora, 2, name="Fresh", expected_close=today, amount=2_000_000)
    return deal


def shown(client: Client, user: User, path: str) -> str:
    client.force_login(user)
    return client.get(path).content.decode()


def test_slow_panels_come_after_the_page(client: Client, moved: Deal, cast: Cast) -> None:
    home = shown(client, cast.eunji, "/")

    assert 'hx-get="/home/dwell/"' in home
    assert 'hx-trigger="refresh, load"' in home
    assert "Where does it hang?" not in home


def test_the_bottleneck_is_named(client: Client, moved: Deal, cast: Cast) -> None:
    panel = shown(client, cast.lee, "/home/dwell/?period=last-30-days")

    assert "Deals spend the most time in “Identify the problem”" in panel
    assert "10.9" in panel or "11.0" in panel


def test_the_waterfall_opens_its_deals(client: Client, moved: Deal, cast: Cast) -> None:
    panel = shown(client, cast.eunji, "/home/changes/?period=last-7-days")
    assert "The pipeline grew by" in panel
    assert "/waterfall/new/" in panel

    page = shown(client, cast.eunji, "/waterfall/new/?period=last-7-days")
    assert "Fresh" in page
    assert "Moving" not in page
    assert "₩2,000,000" in page


def test_a_lead_sees_their_own_bars_only(client: Client, moved: Deal, cast: Cast) -> None:
    assert "Fresh" not in shown(client, cast.lee, "/waterfall/new/?period=last-7-days")
    client.force_login(cast.lee)
    assert client.get("/waterfall/new/?scope=team:busan").status_code == 403
    assert client.get("/waterfall/nothing/").status_code == 404


def test_the_page_speaks_korean(client: Client, moved: Deal, cast: Cast) -> None:
    cast.eunji.language = "ko"
    cast.eunji.save()

    assert "파이프라인이" in shown(client, cast.eunji, "/home/changes/?period=last-7-days")
    assert "함께" not in shown(client, cast.eunji, "/waterfall/new/?period=last-7-days")


def test_the_bars_travel_in_time_with_the_page(client: Client, moved: Deal, cast: Cast) -> None:
    yesterday = (timezone.localtime() - timedelta(days=1)).date().isoformat()
    path = f"period=last-7-days&as_of={yesterday}"

    assert "Fresh" not in shown(client, cast.eunji, f"/waterfall/new/?{path}")
    assert f"as_of={yesterday}" in shown(client, cast.eunji, f"/home/changes/?{path}")
    assert "Moving" in shown(client, cast.eunji, f"/waterfall/end/?{path}")
