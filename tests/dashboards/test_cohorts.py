"""The page of cohort tables."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from pipeline.models import Lead
from tests.cast import Cast, make_customer, make_deal

if TYPE_CHECKING:
    from django.test import Client


@pytest.fixture
def entered(cast: Cast) -> Cast:
    """Four leads of today, one of them converted, and a customer won today."""
    now = timezone.now()
    for number in range(4):
        done = {"status": "converted", "converted_at": now} if not number else {}
        Lead.objects.create(
            owner=cast.minsu, team=cast.teams["seoul-1"], created_at=now - timedelta(0, 5), **done
        )
    make_deal(cast, cast.minsu, cast.won, customer=make_customer(), closed_at=now)
    return cast


def test_the_page_shows_shares_by_month_of_entry(client: Client, entered: Cast) -> None:
    client.force_login(entered.eunji)
    page = client.get("/cohorts/").content.decode()
    assert "Leads that became deals, by month of entry" in page
    assert 'title="1 of 4"' in page
    assert "25 %" in page.replace("\u00a0", " ").replace("\u202f", " ")
    assert 'class="num heat-9"' in page
    assert "/api/v1/cohorts/conversion/?" in page


def test_what_has_no_answer_is_refused(client: Client, entered: Cast) -> None:
    client.force_login(entered.eunji)
    assert client.get("/cohorts/?structure=past").status_code == 400


def test_another_table_is_a_link_away(client: Client, entered: Cast) -> None:
    client.force_login(entered.eunji)
    page = client.get("/cohorts/?table=retention-purchase").content.decode()
    assert "Customers who bought again, by first purchase" in page
    assert 'title="1 of 1"' in page
    page = client.get("/cohorts/?table=retention-contract").content.decode()
    assert "Nobody entered in these months." in page


def test_everybody_sees_their_own_cohorts(client: Client, entered: Cast) -> None:
    client.force_login(entered.bora)
    assert "Nobody entered in these months." in client.get("/cohorts/").content.decode()
    assert client.get("/cohorts/?scope=company").status_code == 403
