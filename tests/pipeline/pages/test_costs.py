"""Forms, the search and the board's columns cost few queries, however much there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from pipeline.models import Lead
from tests.cast import make_customer, make_deal

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from tests.cast import Cast

FORM_QUERIES = 22


@pytest.mark.parametrize(
    "path",
    [
        "/deals/new/",
        "/deals/{deal}/edit/",
        "/deals/{deal}/next-step/",
        "/leads/new/",
        "/leads/{lead}/edit/",
        "/leads/{lead}/convert/",
        "/customers/new/",
        "/customers/{customer}/edit/",
        "/customers/options/?q=cust",
        "/search/?q=cust",
    ],
)
def test_a_form_costs_few_queries(
    client: Client,
    cast: Cast,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    path: str,
) -> None:
    client.force_login(cast.lee)
    customers = [make_customer(f"Customer {number}", owner=cast.lee) for number in range(60)]
    deals = [make_deal(cast, cast.minsu, 2, customer=customer) for customer in customers[:20]]
    lead = Lead.objects.create(owner=cast.lee, company_name="Hanbit", created_at=timezone.now())

    with django_assert_max_num_queries(FORM_QUERIES):
        url = path.format(deal=deals[0].pk, lead=lead.pk, customer=customers[0].pk)
        assert client.get(url).status_code == 200
