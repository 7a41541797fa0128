"""Pages and lists as of an earlier instant: what stood then, seen by those who may see it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from history import as_recorded_at
from pipeline.actions.deals import edit_deal
from pipeline.models import Deal, Lead
from pipeline.past import Past, looking_back
from tests.cast import Cast, make_cast, make_customer, make_deal, seoul

BEFORE = seoul(2026, 2, 1)
PAGES = ("/", "/pipeline/", "/deals/", "/customers/", "/leads/")


@pytest.fixture
def changed(db: None) -> Cast:
    """Hanbit's deal was worth 100 in January and is worth 300; another was deleted, one is new."""
    with as_recorded_at(seoul(2025, 6, 1)):
        cast = make_cast()
    with as_recorded_at(seoul(2026, 1, 5)):
        customer = make_customer(industry="Chips")
        deal = make_deal(cast, cast.minsu, 2, name="Grew", amount=100, customer=customer)
        gone = make_deal(cast, cast.minsu, 2, name="Gone", amount=20)
    with as_recorded_at(seoul(2026, 2, 10)):
        Deal.objects.filter(pk=deal.pk).update(amount=300, stage=cast.stages[2], owner=cast.jiwoo)
        gone.delete()
        make_deal(cast, cast.minsu, 2, name="Fresh", amount=7)
        type(customer).objects.update(industry="Retail")
    return cast


def test_every_query_finds_the_facts_as_they_stood(changed: Cast) -> None:
    with looking_back(Past(BEFORE)):
        found = {deal.name: deal.amount for deal in Deal.objects.select_related("customer")}
        grew = Deal.objects.get(amount=100)
        assert (grew.owner, grew.stage) == (changed.minsu, changed.stages[1])
        assert grew.customer is not None
        assert grew.customer.industry == "Chips"
        assert Deal.objects.in_bulk().keys() == set(Deal.objects.values_list("pk", flat=True))
        assert not Lead.objects.exists()
    assert found == {"Grew": 100, "": 20}
    assert Deal.objects.get(name="Grew").amount == 300


def test_as_it_was_known_leaves_out_what_was_recorded_later(changed: Cast) -> None:
    later = Past(seoul(2026, 3, 1), known_at=seoul(2026, 2, 1))
    with looking_back(later):
        assert not Deal.objects.filter(amount=300).exists()


@pytest.mark.parametrize("page", PAGES)
def test_pages_look_back_and_say_so(changed: Cast, client: Client, page: str) -> None:
    client.force_login(changed.eunji)
    shown = client.get(page, {"as_of": "2026-01-31"})
    assert shown.status_code == 200
    assert "nothing can be changed" in shown.text
    assert "nothing can be changed" not in client.get(page).text


def test_lists_and_the_board_show_the_deals_of_then(changed: Cast, client: Client) -> None:
    client.force_login(changed.eunji)
    for page in ("/deals/", "/pipeline/"):
        then = client.get(page, {"as_of": "2026-01-31"}).text
        now = client.get(page).text
        assert ("Grew" in then, "Fresh" in then) == (True, False)
        assert "Fresh" in now


def test_steps_due_then_are_listed_with_their_day_but_not_in_words(
    changed: Cast, client: Client
) -> None:
    with as_recorded_at(seoul(2026, 1, 6)):
        step = {"next_step": "Call", "next_step_on": date(2026, 1, 20)}
        make_deal(changed, changed.minsu, 2, name="Promised", **step)
    with as_recorded_at(seoul(2026, 2, 11)):
        Deal.objects.filter(name="Promised").update(next_step="Meet", next_step_on="2030-01-01")
    client.force_login(changed.minsu)
    steps = client.get("/home/", {"panel": "steps", "as_of": "2026-01-31"}).text
    assert "Promised" in steps
    assert "Jan 20" in steps
    assert "Call" not in steps
    assert "Meet" not in steps


def test_a_deals_page_tells_its_past_until_then(changed: Cast, client: Client) -> None:
    client.force_login(changed.eunji)
    url = f"/deals/{Deal.objects.get(name='Grew').pk}/"
    assert "Jiwoo" in client.get(url).text
    assert "Jiwoo" not in client.get(url, {"as_of": "2026-01-31"}).text
    new = f"/deals/{Deal.objects.get(name='Fresh').pk}/"
    assert client.get(new, {"as_of": "2026-01-31"}).status_code == 404


def test_a_file_made_while_it_is_sent_is_as_of_then_too(changed: Cast, client: Client) -> None:
    client.force_login(changed.eunji)
    response = client.get("/deals/", {"as_of": "2026-01-31", "export": "csv"})
    sent = response.getvalue().decode("utf-8-sig")
    assert ("Grew" in sent, "Fresh" in sent) == (True, False)


def test_nothing_can_be_changed_while_looking_back(changed: Cast, client: Client) -> None:
    client.force_login(changed.minsu)
    assert client.get("/deals/new/").status_code == 200
    assert client.get("/deals/new/", {"as_of": "2026-01-31"}).status_code == 403
    deal = Deal.objects.get(name="Fresh")
    changed.minsu.looks_back = True
    with pytest.raises(Exception, match="role"):
        edit_deal(deal=deal, by=changed.minsu, revision=deal.revision, changes={"amount": 9})


def test_an_instant_to_come_is_now_and_nonsense_is_refused(changed: Cast, client: Client) -> None:
    client.force_login(changed.eunji)
    tomorrow = (timezone.now() + timedelta(days=1)).date().isoformat()
    assert "nothing can be changed" not in client.get("/", {"as_of": tomorrow}).text
    assert client.get("/", {"as_of": "soon"}).status_code == 400


def test_a_day_s_end_is_of_that_day_and_its_quarter(changed: Cast, client: Client) -> None:
    client.force_login(changed.eunji)
    page = client.get("/", {"as_of": "2025-12-31"}).text

    assert "Q4 2025" in page
    assert "Q1 2026" not in page.split("<main")[0]
    assert "As of Dec. 31, 2025" in page


def test_pages_and_the_api_say_the_same_of_a_days_end(changed: Cast, client: Client) -> None:
    """The quarter that the day ends is over, and is compared as a whole one."""
    client.force_login(changed.eunji)
    for closed in (seoul(2025, 12, 31, 18), seoul(2026, 1, 1), seoul(2024, 12, 31, 18)):
        with as_recorded_at(closed):
            made = {"created_at": closed, "closed_at": closed, "amount": closed.year}
            make_deal(changed, changed.minsu, changed.won, **made)
    asked = {"period": "this-quarter", "as_of": "2025-12-31", "compare": "year"}

    said = client.get("/api/v1/kpis/won_revenue/", asked).json()
    assert (said["period"], said["value"]) == ("2025-Q4", "2025")
    assert (said["comparison"]["value"], said["comparison"]["like_for_like"]) == ("2024", False)
    table = client.get("/kpis/won_revenue/table/", asked).getvalue().decode("utf-8-sig")
    assert table.splitlines()[-1].split(",")[1:3] == ["2025", "2024"]
    assert "₩2,025" in client.get("/explain/won_revenue/", asked).text


def test_faults_are_those_of_then_and_alerts_say_that_they_are_of_now(
    changed: Cast, client: Client
) -> None:
    with as_recorded_at(seoul(2026, 1, 20)):
        late = make_deal(
            changed, changed.minsu, 2, name="Late", expected_close=seoul(2026, 2, 20).date()
        )
    client.force_login(changed.eunji)
    overdue = "/faults/deal-overdue/"
    assert late.name in client.get(overdue).text
    assert late.name not in client.get(overdue, {"as_of": "2026-01-31"}).text
    assert "this page shows the present" in client.get("/alerts/", {"as_of": "2026-01-31"}).text
