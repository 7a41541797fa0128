"""Goals looked back at: those of then, held against the figures of then; nothing to change."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from history import as_recorded_at
from pipeline.models import Deal, Target
from tests.cast import Cast, make_cast, make_deal, seoul

LOOKED_BACK = {"as_of": "2026-01-31", "period": "2026-Q1"}


@pytest.fixture
def changed(db: None) -> Cast:
    """In January 100 of 200 were won; then the goal was halved, and another one deleted."""
    with as_recorded_at(seoul(2025, 6, 1)):
        cast = make_cast()
    quarter = {"start": date(2026, 1, 1), "end": date(2026, 4, 1)}
    with as_recorded_at(seoul(2026, 1, 5)):
        whole = Target.objects.create(kpi="won_revenue", value=200, **quarter)
        Target.objects.create(
            kpi="won_revenue", team=cast.teams["seoul"], parent=whole, value=150, **quarter
        )
        Target.objects.create(kpi="won_deals", value=4321, **quarter)
        make_deal(cast, cast.minsu, cast.won, amount=100, closed_at=seoul(2026, 1, 20))
    with as_recorded_at(seoul(2026, 2, 10)):
        Target.objects.filter(value=200).update(value=100)
        Target.objects.filter(kpi="won_deals").delete()
        Deal.objects.update(amount=70)
        Target.objects.create(kpi="lead_volume", value=8765, **quarter)
    return cast


@pytest.mark.parametrize("page", ["/goals/", "/goals/scorecard/", "/goals/?view=journey"])
def test_pages_of_goals_show_those_of_then(changed: Cast, client: Client, page: str) -> None:
    client.force_login(changed.eunji)
    then = client.get(page, {**LOOKED_BACK, **({"view": "journey"} if "view" in page else {})}).text
    assert "4,321" in then
    assert "8,765" not in then
    assert "50" in then
    now = client.get(page, {"period": "2026-Q1"}).text
    assert "8,765" in now
    assert "4,321" not in now


def test_a_goal_s_page_tells_its_progress_of_then_and_cannot_be_changed(
    changed: Cast, client: Client
) -> None:
    client.force_login(changed.eunji)
    goal = Target.objects.get(kpi="won_revenue", team=None)
    url = f"/goals/{goal.pk}/"
    then, now = client.get(url, LOOKED_BACK).text, client.get(url, {"period": "2026-Q1"}).text
    assert ("₩200" in then, "₩200" in now) == (True, False)
    assert ("₩70" in then, "₩70" in now) == (False, True)
    assert ("edit/" in then, "edit/" in now) == (False, True)
    assert client.get(f"{url}edit/", LOOKED_BACK).status_code == 403
