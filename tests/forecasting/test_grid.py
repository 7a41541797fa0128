"""The forecast's pages: the grid, a cell opened, figures submitted, adjusted, edited in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.models import User
from forecasting.models import Adjustment, Submission
from pipeline.actions.deals import edit_deal, move_deal
from pipeline.models import Deal, Target
from tests.cast import Cast, make_deal

if TYPE_CHECKING:
    from django.test import Client

BESIDE: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def deals(cast: Cast) -> Cast:
    """minsu has 10 million closed today and 20 million committed, bora 50 million likely."""
    today = cast.company.calendar.business_day(timezone.now())
    make_deal(cast, cast.minsu, cast.won, amount=10_000_000, closed_at=timezone.now())
    for owner, stage, amount in ((cast.minsu, 4, 20_000_000), (cast.bora, 3, 50_000_000)):
        make_deal(cast, owner, stage, name="Big one", amount=amount, expected_close=today)
    period = cast.company.calendar.parse("this-quarter", at=timezone.now())
    Target.objects.create(
        kpi="won_revenue",
        team=cast.teams["seoul-1"],
        start=period.start,
        end=period.end,
        value=40_000_000,
    )
    return cast


def opened(client: Client, viewer: User, address: str, **options: Any) -> str:
    client.force_login(viewer)
    answer = client.get(address, **options)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def cell_of(cast: Cast, path: str = "cell/", column: str = "commit_forecast") -> str:
    return f"/forecast/{path}?scope=user:{cast.minsu.pk}&team=seoul-1&column={column}"


def test_a_lead_sees_their_reps_with_target_gap_and_coverage(client: Client, deals: Cast) -> None:
    page = opened(client, deals.lee, "/forecast/")
    assert "Commit forecast ₩30M: ₩10M short of the target of ₩40M." in page
    assert "Minsu" in page
    assert "Not submitted yet" in page
    assert "Bora" not in page


def test_an_executive_goes_down_the_tree(client: Client, deals: Cast) -> None:
    whole = opened(client, deals.eunji, "/forecast/")
    assert "scope=team%3Aseoul" in whole
    assert "Whole company" in opened(client, deals.eunji, "/forecast/?scope=team:seoul-1")
    assert "Minsu" in opened(client, deals.eunji, "/forecast/?scope=team:seoul-1")


def test_each_deal_in_its_own_column(client: Client, deals: Cast) -> None:
    page = opened(client, deals.eunji, "/forecast/?mode=single")
    assert "Omitted" in page
    assert "₩50M" in page


def test_a_rep_submits_and_their_lead_sees_it(client: Client, deals: Cast) -> None:
    page = opened(client, deals.minsu, "/forecast/")
    assert 'name="commit" value="30M"' in page
    answer = client.post(
        cell_of(deals, "cell/submit/"),
        {"commit": "3,500만", "best_case": "36M", "note": "Go"},
    )
    assert answer.status_code == 302
    assert "₩35M" in opened(client, deals.lee, "/forecast/")
    beside = opened(client, deals.lee, cell_of(deals), **BESIDE)
    assert "₩30M → ₩35M" in beside
    assert "Go" in beside


def test_a_wrong_figure_is_refused_and_stays_as_typed(client: Client, deals: Cast) -> None:
    client.force_login(deals.minsu)
    answer = client.post(
        cell_of(deals, "cell/submit/"), {"commit": "5", "best_case": "4", "note": "Hm"}, **BESIDE
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="5"' in page
    assert "At least what is closed already: 10,000,000." in page
    assert "Hm" in page
    assert not Submission.objects.exists()


def test_a_lead_adjusts_with_a_reason(client: Client, deals: Cast) -> None:
    client.force_login(deals.lee)
    said = {
        "commit": "25000000",
        "best_case": "",
        "commit_number": "0",
        "best_case_number": "0",
        "reason": "The budget is not there",
    }
    done = client.post(cell_of(deals, "cell/adjust/"), said, **BESIDE).content.decode()
    assert "The adjustment is kept." in done
    assert "The budget is not there" in done
    assert "₩25M" in opened(client, deals.lee, "/forecast/")

    late = client.post(cell_of(deals, "cell/adjust/"), {**said, "commit": "22000000"}, **BESIDE)
    page = late.content.decode()
    assert late.status_code == 409
    assert "Sent again, yours replaces theirs." in page
    assert 'value="22000000"' in page
    assert 'name="commit_number" value="1"' in page
    assert Adjustment.objects.count() == 1


def test_nobody_is_offered_what_they_may_not_do(client: Client, deals: Cast) -> None:
    assert "Adjust</h2>" in opened(client, deals.lee, cell_of(deals), **BESIDE)
    for viewer in (deals.minsu, deals.finn):
        assert "Adjust</h2>" not in opened(client, viewer, cell_of(deals), **BESIDE)
    assert "My forecast" not in opened(client, deals.lee, cell_of(deals), **BESIDE)
    client.force_login(deals.park)
    assert client.get(cell_of(deals)).status_code == 403


def test_a_figure_that_stands_is_not_adjusted_again_with_the_other(
    client: Client, deals: Cast
) -> None:
    client.force_login(deals.lee)
    address = cell_of(deals, "cell/adjust/")
    said = {"commit_number": "0", "best_case_number": "0", "reason": "Late"}
    client.post(address, {**said, "commit": "20000000", "best_case": "30000000"}, **BESIDE)

    again = {**said, "commit_number": "1", "best_case_number": "1", "best_case": "30000000"}
    client.post(address, {**again, "commit": "21000000"}, **BESIDE)

    told = [(each.column, each.value) for each in Adjustment.objects.order_by("pk")]
    assert told[2:] == [("commit", 21_000_000)]


def test_a_team_that_nobody_adjusted_counts_as_its_members_call_it(
    client: Client, deals: Cast
) -> None:
    User.objects.update(language="en")
    client.force_login(deals.eunji)

    team = client.get("/forecast/cell/", {"column": "commit"}).content.decode()
    rep = client.get(
        "/forecast/cell/", {"column": "commit", "scope": f"user:{deals.minsu.pk}"}
    ).content.decode()

    assert "it counts as its members call it" in team
    assert "the system&#x27;s figure stands in" not in team
    assert "it counts as its members call it" not in rep


def test_the_deals_behind_a_cell_are_edited_there(client: Client, deals: Cast) -> None:
    page = opened(client, deals.lee, cell_of(deals), **BESIDE)
    assert "Big one" in page
    deal = Deal.objects.get(owner=deals.minsu, outcome="open")
    typed = {
        "revision": deal.revision,
        "category": "best_case",
        "amount": "22000000",
        "expected_close": deal.expected_close,
    }
    client.post(f"/forecast/deals/{deal.pk}/", typed, **BESIDE)
    deal.refresh_from_db()
    assert deal.category == "best_case"
    assert int(deal.amount or 0) == 22_000_000


def test_a_stale_edit_is_refused_with_both_versions(client: Client, deals: Cast) -> None:
    deal = Deal.objects.get(owner=deals.minsu, outcome="open")
    typed = {"revision": deal.revision, "category": "", "amount": "1", "expected_close": ""}
    edit_deal(deal=deal, by=deals.minsu, revision=deal.revision, changes={"amount": 21_000_000})
    client.force_login(deals.lee)

    answer = client.post(f"/forecast/deals/{deal.pk}/", typed, **BESIDE)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "21,000,000" in page
    assert 'value="1"' in page


def test_a_category_that_was_set_stays_when_the_deal_moves_on(client: Client, deals: Cast) -> None:
    deal = Deal.objects.get(owner=deals.bora)
    edited = edit_deal(
        deal=deal, by=deals.bora, revision=deal.revision, changes={"category": "omitted"}
    )
    now = timezone.now()
    move_deal(deal=edited, to=deals.stages[3], by=deals.bora, revision=edited.revision, at=now)
    deal.refresh_from_db()
    assert deal.forecast_category == "omitted"


def test_looking_back_nothing_can_be_said(client: Client, deals: Cast) -> None:
    page = opened(client, deals.minsu, "/forecast/?as_of=2026-01-31")
    assert "My forecast" not in page
    beside = opened(client, deals.lee, cell_of(deals) + "&as_of=2026-01-31", **BESIDE)
    assert "Adjust</h2>" not in beside


def test_the_forecast_speaks_korean(client: Client, deals: Cast) -> None:
    User.objects.filter(pk=deals.lee.pk).update(language="ko")
    page = opened(client, User.objects.get(pk=deals.lee.pk), "/forecast/")
    assert "커밋 예측" in page
    assert "Not submitted" not in page
