"""Customers: who is listed for whom, what they brought, and their forms."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from pipeline.actions.customers import edit_customer
from pipeline.models import Contract, Customer, Rate
from tests.cast import make_customer, make_deal, seoul

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from tests.cast import Cast
    from tests.pipeline.pages.conftest import Ask

LIST_QUERIES = 18
PAGE_QUERIES = 20


def found(response: Any) -> list[str]:
    return [row["customer"].name for row in response.context["rows"]]


def test_customers_are_listed_for_those_who_sell_to_them(cast: Cast, get: Ask) -> None:
    ours, hers = make_customer("Ours"), make_customer("Hers")
    make_customer("Nobody's")
    make_deal(cast, cast.minsu, 2, customer=ours)
    make_deal(cast, cast.bora, 2, customer=hers)

    assert found(get(cast.minsu, "/customers/")) == ["Ours"]
    assert found(get(cast.park, "/customers/")) == ["Hers"]
    assert found(get(cast.eunji, "/customers/")) == ["Hers", "Nobody's", "Ours"]
    assert found(get(cast.eunji, "/customers/", scope="team:busan")) == ["Hers"]


def test_segments_narrow_the_list(cast: Cast, get: Ask) -> None:
    make_customer("Hanbit", industry="Retail", size_band="small", region="Busan")
    make_customer("Daesung")

    assert found(get(cast.eunji, "/customers/", industry="Retail")) == ["Hanbit"]
    assert found(get(cast.eunji, "/customers/", region="Seoul")) == ["Daesung"]
    assert found(get(cast.eunji, "/customers/", size="small")) == ["Hanbit"]
    assert found(get(cast.eunji, "/customers/", q="dae")) == ["Daesung"]
    assert found(get(cast.eunji, "/customers/", sort="-name")) == ["Hanbit", "Daesung"]


def test_what_a_customer_brought_is_what_the_viewer_sees_of_it(cast: Cast, get: Ask) -> None:
    hanbit = make_customer("Hanbit")
    day = cast.company.calendar.business_day(timezone.now())
    Rate.objects.create(currency="USD", day=day, price=Decimal(1_000))
    make_deal(cast, cast.minsu, cast.won, customer=hanbit, amount=Decimal(700))
    make_deal(cast, cast.bora, cast.won, customer=hanbit, amount=Decimal(50))
    make_deal(cast, cast.minsu, 2, customer=hanbit, amount=Decimal(2), currency="USD")
    make_deal(cast, cast.minsu, cast.lost, customer=hanbit, lost_reason="price")

    def brought(user: Any) -> tuple[Any, Any]:
        bought = get(user, "/customers/").context["rows"][0]["bought"]
        assert bought == get(user, f"/customers/{hanbit.pk}/").context["bought"]
        return bought.won, bought.open

    assert brought(cast.eunji) == (750, 2_000)
    assert brought(cast.minsu) == (700, 2_000)
    assert brought(cast.bora) == (50, 0)


def test_the_page_lists_deals_contracts_and_leads_of_the_viewer(cast: Cast, get: Ask) -> None:
    hanbit = make_customer("Hanbit")
    mine = make_deal(cast, cast.minsu, 2, customer=hanbit, name="mine")
    make_deal(cast, cast.bora, 2, customer=hanbit, name="hers")
    Contract.objects.create(
        customer=hanbit,
        owner=cast.minsu,
        plan="Basic",
        start=seoul(2026, 1, 1).date(),
        value=Decimal(1_000),
    )

    page = get(cast.minsu, f"/customers/{hanbit.pk}/")

    assert list(page.context["open_deals"]) == [mine]
    assert [contract.plan for contract in page.context["contracts"]] == ["Basic"]
    assert "open-ended" in page.content.decode()


def test_a_customer_out_of_sight_is_not_found(cast: Cast, get: Ask, send: Ask) -> None:
    hers = make_customer("Hers", owner=cast.bora)

    assert get(cast.minsu, f"/customers/{hers.pk}/").status_code == 404
    assert send(cast.minsu, f"/customers/{hers.pk}/edit/", name="Mine").status_code == 404


def test_a_new_customer_is_looked_after_by_its_author(cast: Cast, send: Ask) -> None:
    send(cast.minsu, "/customers/new/", name="Hanbit", employees="120", owner=cast.bora.pk)

    customer = Customer.objects.get()
    assert (customer.owner, customer.size_band) == (cast.minsu, "medium")
    assert send(cast.minsu, "/customers/new/", name="").status_code == 422


def test_a_customer_is_edited_and_a_stale_edit_refused(cast: Cast, send: Ask) -> None:
    hanbit = make_customer("Hanbit", owner=cast.minsu)
    edit_customer(customer=hanbit, by=cast.minsu, revision=1, changes={"region": "Busan"})
    fields = {"name": "Hanbit Soft", "industry": "Manufacturing", "region": "Seoul"}

    stale = send(cast.minsu, f"/customers/{hanbit.pk}/edit/", revision=1, **fields)
    assert stale.status_code == 409
    assert [(each.yours, each.theirs) for each in stale.context["differences"]] == [
        ("Hanbit Soft", "Hanbit"),
        ("Seoul", "Busan"),
    ]

    send(cast.minsu, f"/customers/{hanbit.pk}/edit/", revision=2, **fields)
    hanbit.refresh_from_db()
    assert (hanbit.name, hanbit.region, hanbit.owner) == ("Hanbit Soft", "Seoul", cast.minsu)


def test_who_looks_after_a_customer_stays_where_a_lead_could_not_have_chosen_them(
    cast: Cast, get: Ask, send: Ask
) -> None:
    hers = make_customer("Hers", owner=cast.bora)
    make_deal(cast, cast.minsu, 2, customer=hers)
    address = f"/customers/{hers.pk}/edit/"

    offered = get(cast.lee, address).context["form"].fields["owner"].queryset
    typed = {"name": "Hers too", "revision": hers.revision, "owner": cast.bora.pk}
    send(cast.lee, address, **typed)

    hers.refresh_from_db()
    assert cast.bora in offered
    assert (hers.name, hers.owner) == ("Hers too", cast.bora)


def test_a_form_s_list_is_filled_by_name(cast: Cast, get: Ask) -> None:
    make_customer("Hanbit", owner=cast.minsu)
    make_customer("Hanmaum", owner=cast.bora)

    options = get(cast.minsu, "/customers/options/", q="han").content.decode()

    assert "Hanbit" in options
    assert "Hanmaum" not in options


def test_an_export_holds_the_customers_shown(cast: Cast, get: Ask) -> None:
    hanbit = make_customer("Hanbit", region="Busan")
    make_customer("Daesung")
    make_deal(cast, cast.minsu, cast.won, customer=hanbit, amount=Decimal(700))

    file = get(cast.eunji, "/customers/", export="csv", region="Busan")
    lines = b"".join(file.streaming_content).decode().splitlines()

    assert lines[1:] == ["Hanbit,Manufacturing,,,Busan,,700,0,KRW"]


def test_pages_cost_the_same_queries_however_many_customers(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(cast.eunji)
    customers = [make_customer(f"Customer {number}", owner=cast.minsu) for number in range(20)]
    for _number in range(10):
        make_deal(cast, cast.minsu, 2, customer=customers[0])

    with django_assert_max_num_queries(LIST_QUERIES):
        client.get("/customers/")
    with django_assert_max_num_queries(PAGE_QUERIES):
        client.get(f"/customers/{customers[0].pk}/")
