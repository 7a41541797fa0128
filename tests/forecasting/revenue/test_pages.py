"""The revenue forecast on pages, in files and over HTTP, for those who may see it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from history import as_recorded_at
from periods.spans import months_after
from pipeline.models import Contract, Customer
from tests.cast import Cast, make_customer, make_deal
from tests.forecasting.revenue.asking import make_contract

pytestmark = pytest.mark.django_db
PAGE, API = "/forecast/revenue/", "/api/v1/forecast/revenue/"


@pytest.fixture
def company(cast: Cast, client: Client) -> Client:
    """A subscription of 1,200,000 a year that began in January, and two customers more."""
    today = cast.company.calendar.business_day(timezone.now())
    begin = months_after(today, -2)
    hanbit = make_customer()
    for number in range(3):
        make_contract(make_customer(f"Small {number}"), begin, months_after(begin, 6), value=600)
    make_contract(hanbit, begin, months_after(begin, 12), value=1_200_000, plan="Gold")
    make_deal(
        cast, cast.minsu, 3, amount=1000, expected_close=months_after(today, 1), customer=hanbit
    )
    client.force_login(cast.finn)
    return client


def get(client: Client, at: str = API, **query: str) -> Any:
    response = client.get(at, query)
    assert response.status_code == 200, response.content
    return response.json()


def test_a_month_of_a_subscription_is_a_twelfth(company: Client, cast: Cast) -> None:
    today = cast.company.calendar.business_day(timezone.now())
    month = months_after(today, 2)
    rows = {row["key"]: row for row in get(company)["rows"]}
    found = rows[f"{month:%Y-%m}"]
    assert (found["recognised"], found["scheduled"]) == ("0", "100300")
    # Nobody knows how many are renewed where nothing fell due.
    last = rows[f"{months_after(today, 17):%Y-%m}"]
    assert (last["due"], last["renewals"], last["churn"]) == ("100300", None, None)


def test_customers_and_industries_are_parts_of_the_period(company: Client) -> None:
    whole = get(company, f"{API}reconciliation/")["revenue"]
    for by in ("customer", "industry", "size", "region"):
        rows = get(company, by=by)["rows"]
        assert sum(Decimal(row["total"]) for row in rows) == Decimal(whole)
    hanbit = Customer.objects.get(name="Hanbit")
    assert get(company, by="customer")["rows"][0]["label"] == "Hanbit"
    only = get(company, f"{API}reconciliation/", customer=str(hanbit.pk))["revenue"]
    assert get(company, by="customer")["rows"][0]["total"] == only


@pytest.mark.parametrize("line", ["recognised", "scheduled", "open_deals", "due"])
def test_rows_add_up_to_their_line(company: Client, line: str) -> None:
    period = get(company, by="industry", period="this-year")
    found = get(company, f"{API}rows/", line=line, period="this-year")
    assert sum(Decimal(row["amount"]) for row in found["results"]) == Decimal(found["total"])
    assert Decimal(found["total"]) == sum(Decimal(row[line]) for row in period["rows"])


def test_as_of_an_earlier_day_it_is_told_as_it_stood(cast: Cast, client: Client) -> None:
    begin = months_after(cast.company.calendar.business_day(timezone.now()), -3)
    with as_recorded_at(cast.company.calendar.start_of(begin)):
        contract = make_contract(make_customer(), begin, months_after(begin, 12), value=1200)
    with as_recorded_at(cast.company.calendar.start_of(months_after(begin, 1))):
        Contract.objects.filter(pk=contract.pk).update(value=2400)
    client.force_login(cast.eunji)
    month = {"period": f"{months_after(begin, 2):%Y-%m}", "by": "industry"}
    now = get(client, **month)["rows"][0]
    then = get(client, **month, as_of=f"{begin:%Y-%m-%d}")["rows"][0]
    assert (now["recognised"], then["recognised"], then["scheduled"]) == ("200", "0", "100")
    page = client.get(PAGE, {**month, "as_of": f"{begin:%Y-%m-%d}"}).content.decode()
    assert "₩100" in page


def test_what_is_not_there_is_said(company: Client) -> None:
    for wrong in ({"by": "weather"}, {"customer": "x"}, {"period": "2026-Q9"}, {"colour": "red"}):
        response = company.get(API, wrong)
        assert response.status_code == 400
        assert next(iter(wrong)) in response.json()["errors"]
    assert company.get(f"{API}rows/").status_code == 400
    assert company.get(PAGE, {"by": "weather"}).status_code == 400
    assert company.get(f"{PAGE}rows/").status_code == 404


def test_leads_and_reps_neither_see_it_nor_its_tab(company: Client, cast: Cast) -> None:
    contract = Contract.objects.first()
    assert contract is not None
    for person in (cast.lee, cast.minsu):
        company.force_login(person)
        for address in (PAGE, API, f"{PAGE}contracts/{contract.pk}/", f"{API}reconciliation/"):
            assert company.get(address).status_code == 403
        assert PAGE not in company.get("/forecast/").content.decode()
    company.force_login(cast.eunji)
    assert PAGE in company.get("/forecast/").content.decode()


@pytest.mark.parametrize(
    ("language", "words"), [("en", "From bookings to revenue"), ("ko", "수주에서 매출까지")]
)
def test_the_page_asks_as_often_however_many_rows(
    company: Client, cast: Cast, language: str, words: str
) -> None:
    User.objects.update(language=language)
    company.force_login(User.objects.get(pk=cast.eunji.pk))
    for query in ({}, {"by": "customer", "period": "this-year"}):
        company.get(PAGE, query)
        with CaptureQueriesContext(connection) as few:
            assert words in company.get(PAGE, query).content.decode()
        for number in range(12):
            make_contract(make_customer(f"More {number}"), date(2026, 1, 1), value=5)
        with CaptureQueriesContext(connection) as many:
            company.get(PAGE, query)
        assert len(many) <= len(few) < 45


def test_a_file_has_every_row(company: Client) -> None:
    response = company.get(PAGE, {"by": "customer", "export": "csv", "period": "this-year"})
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.count("\r\n") == 5
    assert "Hanbit" in text
    rows = company.get(f"{PAGE}rows/", {"line": "scheduled", "export": "csv"})
    assert b"Gold" in b"".join(rows.streaming_content)  # type: ignore[attr-defined]


def test_a_contract_opens_to_its_months(company: Client) -> None:
    gold = Contract.objects.get(plan="Gold")
    page = company.get(f"{PAGE}contracts/{gold.pk}/").content.decode()
    assert page.count("₩100,000") >= 12
    assert company.get(f"{PAGE}contracts/999999/").status_code == 404


def test_a_company_without_anything_says_what_to_do(cast: Cast, client: Client) -> None:
    client.force_login(cast.eunji)
    assert "No contracts and no deals here yet" in client.get(PAGE).content.decode()
