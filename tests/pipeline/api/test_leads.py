"""Leads through the API."""

import pytest

from history import version_model
from pipeline.models import Lead
from tests.cast import Cast, make_customer, seoul
from tests.pipeline.api.conftest import As

LEADS = "/api/v1/leads/"


@pytest.fixture
def lead(cast: Cast) -> Lead:
    """Minsu's inquiry from Hanbit."""
    return Lead.objects.create(
        company_name="Hanbit",
        industry="Manufacturing",
        owner=cast.minsu,
        team=cast.teams["seoul-1"],
        created_at=seoul(2026, 3, 2),
    )


def test_a_new_lead_is_its_authors_unless_said_otherwise(cast: Cast, as_: As) -> None:
    own = as_(cast.minsu).post(LEADS, {"company_name": "Hanbit"}).json()
    assert (own["owner"], own["team"], own["status"]) == (cast.minsu.pk, "seoul-1", "new")
    nobodys = as_(cast.lee).post(LEADS, {"company_name": "Hanbit", "owner": None}).json()
    assert (nobodys["owner"], nobodys["team"]) == (None, "seoul-1")
    outside = as_(cast.minsu).post(LEADS, {"company_name": "Hanbit", "owner": cast.bora.pk})
    assert list(outside.json()["errors"]) == ["owner"]


def test_converting_makes_a_deal_and_a_customer(cast: Cast, as_: As, lead: Lead) -> None:
    body = {"revision": 1, "name": "Hanbit ERP", "amount": "5", "expected_close": "2026-12-01"}
    answer = as_(cast.minsu).post(f"{LEADS}{lead.pk}/convert/", body)
    assert answer.status_code == 201
    deal = answer.json()
    assert (deal["name"], deal["amount"], deal["customer_name"]) == ("Hanbit ERP", "5.00", "Hanbit")
    assert deal["first_contact_at"] == "2026-03-02T00:00:00+09:00"
    converted = as_(cast.minsu).get(f"{LEADS}{lead.pk}/").json()
    assert (converted["status"], converted["deal"]) == ("converted", deal["id"])


def test_a_conversion_is_its_authors_in_the_history(cast: Cast, as_: As, lead: Lead) -> None:
    as_(cast.lee).post(f"{LEADS}{lead.pk}/convert/", {"revision": 1})
    assert version_model(Lead).objects.known().last().changed_by == cast.lee.pk


def test_converting_for_a_known_customer(cast: Cast, as_: As, lead: Lead) -> None:
    customer = make_customer("Hanbit Group", owner=cast.minsu)
    body = {"revision": 1, "customer": customer.pk}
    answer = as_(cast.minsu).post(f"{LEADS}{lead.pk}/convert/", body).json()
    assert answer["customer"] == customer.pk


def test_a_lead_is_converted_once(cast: Cast, as_: As, lead: Lead) -> None:
    url = f"{LEADS}{lead.pk}/convert/"
    as_(cast.minsu).post(url, {"revision": 1})
    assert as_(cast.minsu).post(url, {"revision": 1}).status_code == 409
    assert as_(cast.minsu).post(url, {"revision": 2}).status_code == 400


def test_an_edit_may_set_aside_and_take_up_again(cast: Cast, as_: As, lead: Lead) -> None:
    client, url = as_(cast.minsu), f"{LEADS}{lead.pk}/"
    aside = client.patch(url, {"status": "disqualified", "revision": 1}).json()
    assert aside["status"] == "disqualified"
    body = {"status": "working", "phone": "02-123", "revision": aside["revision"]}
    again = client.patch(url, body).json()
    assert (again["status"], again["phone"]) == ("working", "02-123")
    wrong = client.patch(url, {"status": "converted", "revision": again["revision"]})
    assert wrong.status_code == 400


def test_who_gives_leads_away(cast: Cast, as_: As, lead: Lead) -> None:
    url, body = f"{LEADS}{lead.pk}/reassign/", {"revision": 1, "owner": cast.jiwoo.pk}
    assert as_(cast.bora).post(url, body).status_code == 404
    assert as_(cast.minsu).post(url, {**body, "owner": cast.minsu.pk}).status_code == 200
    body["revision"] = 2
    assert as_(cast.minsu).post(url, body).status_code == 400
    assert as_(cast.lee).post(url, body).json()["owner"] == cast.jiwoo.pk


def test_upsert(cast: Cast, as_: As) -> None:
    client, url = as_(cast.minsu), f"{LEADS}by-external-id/L-1/"
    made = client.put(url, {"company_name": "Hanbit", "email": "a@example.com"})
    again = client.put(url, {"company_name": "Hanbit", "email": "a@example.com"})
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json() == again.json()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=new", 1),
        ("status=new&status=working", 1),
        ("status=converted", 0),
        ("industry=Manufacturing", 1),
        ("created=2026-Q1", 1),
        ("converted=2026-Q1", 0),
        ("scope=team:busan", 0),
        ("search=hanb", 1),
    ],
)
def test_filters(cast: Cast, as_: As, lead: Lead, query: str, found: int) -> None:
    assert len(as_(cast.eunji).get(f"{LEADS}?{query}").json()["results"]) == found
