"""Leads: the list by status, and what people do until a lead is a deal or set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts.models import User
from pipeline.actions.leads import edit_lead
from pipeline.models import Activity, Customer, Deal, Lead, LeadStatus, Source
from tests.cast import make_customer, seoul

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from tests.cast import Cast
    from tests.pipeline.pages.conftest import Ask

LIST_QUERIES = 14
PAGE_QUERIES = 20


def make_lead(owner: User, company: str = "Hanbit", **fields: Any) -> Lead:
    team = owner.memberships.get().team
    defaults = {"created_at": seoul(2026, 3, 2), "team": team}
    return Lead.objects.create(owner=owner, company_name=company, **{**defaults, **fields})


def found(response: Any) -> list[str]:
    return [lead.company_name for lead in response.context["page"].object_list]


def test_each_status_has_its_tab_and_its_count(cast: Cast, get: Ask) -> None:
    make_lead(cast.minsu, "new")
    make_lead(cast.minsu, "working", status="working")
    make_lead(cast.jiwoo, "gone", status="disqualified")
    make_lead(cast.bora, "hers")

    page = get(cast.lee, "/leads/")

    assert found(page) == ["new"]
    assert [(tab["status"], tab["count"]) for tab in page.context["tabs"]] == [
        ("new", 1),
        ("working", 1),
        ("converted", 0),
        ("disqualified", 1),
    ]
    assert found(get(cast.lee, "/leads/", status="disqualified")) == ["gone"]
    assert found(get(cast.minsu, "/leads/", status="disqualified")) == []


def test_an_empty_list_offers_the_first_step_to_who_may_take_it(cast: Cast, get: Ask) -> None:
    def steps(user: User) -> int:
        return str(get(user, "/leads/").content).count('href="/leads/new/')

    assert (steps(cast.minsu), steps(cast.finn)) == (2, 0)
    make_lead(cast.minsu)
    assert steps(cast.minsu) == 1


def test_the_list_opens_where_leads_wait(cast: Cast, get: Ask) -> None:
    make_lead(cast.minsu, "working", status="working")
    make_lead(cast.minsu, "gone", status="disqualified")

    assert found(get(cast.minsu, "/leads/")) == ["working"]
    assert found(get(cast.minsu, "/leads/", status="new")) == []


def test_filters_and_order(cast: Cast, get: Ask) -> None:
    web = Source.objects.create(slug="web", name="Website")
    make_lead(cast.minsu, "older", created_at=seoul(2026, 1, 2), source=web)
    make_lead(cast.minsu, "newer", size_band="small")

    assert found(get(cast.minsu, "/leads/")) == ["newer", "older"]
    assert found(get(cast.minsu, "/leads/", sort="-age")) == ["older", "newer"]
    assert found(get(cast.minsu, "/leads/", source=web.pk)) == ["older"]
    assert found(get(cast.minsu, "/leads/", size="small")) == ["newer"]
    assert found(get(cast.minsu, "/leads/", q="OLD")) == ["older"]


def test_an_export_holds_the_leads_shown(cast: Cast, get: Ask) -> None:
    make_lead(cast.minsu, "Hanbit", name="Kim")
    make_lead(cast.minsu, "Other", status="working")

    file = get(cast.minsu, "/leads/", export="csv")
    lines = b"".join(file.streaming_content).decode().splitlines()

    assert len(lines) == 2
    assert lines[1].startswith("Hanbit,Kim,New,,Minsu")


def test_somebody_else_s_lead_is_not_found(cast: Cast, get: Ask, send: Ask) -> None:
    lead = make_lead(cast.minsu)

    assert get(cast.bora, f"/leads/{lead.pk}/").status_code == 404
    assert get(cast.bora, f"/leads/{lead.pk}/convert/").status_code == 404
    assert send(cast.bora, f"/leads/{lead.pk}/status/", status="working").status_code == 404


def test_a_new_lead_is_credited_to_its_owner_s_team(cast: Cast, send: Ask) -> None:
    send(cast.minsu, "/leads/new/", company_name="Hanbit", email="kim@hanbit.example")

    lead = Lead.objects.get()
    assert (lead.owner, lead.team, lead.status) == (cast.minsu, cast.teams["seoul-1"], "new")
    assert send(cast.minsu, "/leads/new/", campaign="Spring").status_code == 422
    assert send(cast.finn, "/leads/new/", company_name="No").status_code == 403


def test_a_lead_is_edited_and_a_stale_edit_refused(cast: Cast, send: Ask) -> None:
    lead = make_lead(cast.minsu)
    path = f"/leads/{lead.pk}/edit/"

    send(cast.minsu, path, revision=1, company_name="Hanbit", phone="02-123")
    stale = send(cast.minsu, path, revision=1, company_name="Hanbit Soft")

    lead.refresh_from_db()
    assert (lead.phone, lead.company_name) == ("02-123", "Hanbit")
    assert stale.status_code == 409
    assert [(each.yours, each.theirs) for each in stale.context["differences"]] == [
        ("Hanbit Soft", "Hanbit"),
        ("–", "02-123"),
    ]


def test_a_lead_is_taken_up_and_set_aside(cast: Cast, send: Ask) -> None:
    lead = make_lead(cast.minsu)
    path = f"/leads/{lead.pk}/status/"

    send(cast.minsu, path, revision=1, status="working")
    send(cast.minsu, path, revision=2, status="disqualified")

    lead.refresh_from_db()
    assert lead.status == LeadStatus.DISQUALIFIED
    assert send(cast.minsu, path, revision=2, status="new").status_code == 409


def test_a_status_or_revision_that_cannot_be_is_refused(cast: Cast, send: Ask) -> None:
    lead = make_lead(cast.minsu)
    path = f"/leads/{lead.pk}/status/"

    for fields in (
        {"status": "working", "revision": "9" * 5000},
        {"status": "working"},
        {"status": "asleep", "revision": 1},
    ):
        assert send(cast.minsu, path, **fields).status_code == 400
    lead.refresh_from_db()
    assert lead.status == LeadStatus.NEW


def test_converting_makes_a_deal_and_a_customer(cast: Cast, send: Ask) -> None:
    lead = make_lead(cast.minsu, industry="Retail")

    answer = send(
        cast.minsu,
        f"/leads/{lead.pk}/convert/",
        revision=1,
        name="Hanbit ERP",
        currency="KRW",
        kind="new",
        amount="1000",
    )

    deal: Any = Deal.objects.get()
    lead.refresh_from_db()
    assert answer.headers["Location"] == f"/deals/{deal.pk}/"
    assert (deal.name, deal.amount, deal.owner) == ("Hanbit ERP", 1000, cast.minsu)
    assert (lead.status, lead.deal) == (LeadStatus.CONVERTED, deal)
    assert (deal.customer.name, deal.customer.industry) == ("Hanbit", "Retail")


def test_converting_to_a_known_customer_offers_the_namesake(
    cast: Cast, get: Ask, send: Ask
) -> None:
    hanbit = make_customer("HANBIT", owner=cast.minsu)
    lead = make_lead(cast.minsu)
    path = f"/leads/{lead.pk}/convert/"

    form = get(cast.minsu, path).context["form"]
    send(cast.minsu, path, revision=1, name="ERP", currency="KRW", kind="new", customer=hanbit.pk)

    assert form["customer"].value() == hanbit.pk
    assert Deal.objects.get().customer == hanbit
    assert Customer.objects.count() == 1


def test_a_stale_conversion_is_refused(cast: Cast, send: Ask) -> None:
    lead = make_lead(cast.minsu)
    edit_lead(lead=lead, by=cast.lee, revision=1, changes={"region": "Busan"})

    path = f"/leads/{lead.pk}/convert/"
    answer = send(cast.minsu, path, revision=1, name="ERP", currency="KRW", kind="new")

    assert answer.status_code == 409
    assert "Busan" in [each.theirs for each in answer.context["differences"]]
    assert not Deal.objects.exists()


def test_a_contact_with_a_lead_is_noted_and_told(cast: Cast, get: Ask, send: Ask) -> None:
    lead = make_lead(cast.minsu)

    send(cast.minsu, f"/leads/{lead.pk}/activity/", kind="mail", subject="Brochure")

    assert Activity.objects.get().lead == lead
    entries = get(cast.minsu, f"/leads/{lead.pk}/").context["entries"]
    assert [entry.activity.subject for entry in entries if entry.activity] == ["Brochure"]


def test_pages_cost_the_same_queries_however_many_leads(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(cast.minsu)
    web = Source.objects.create(slug="web", name="Website")
    leads = [make_lead(cast.minsu, f"Lead {number}", source=web) for number in range(20)]
    for _again in leads:
        Activity.objects.create(lead=leads[0], person=cast.lee, kind="call", at=timezone.now())

    with django_assert_max_num_queries(LIST_QUERIES):
        client.get("/leads/")
    with django_assert_max_num_queries(PAGE_QUERIES):
        client.get(f"/leads/{leads[0].pk}/")
