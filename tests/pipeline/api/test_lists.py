"""What all lists of the API have in common: their cost and their limits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.throttling import UserRateThrottle

from accounts.models import Membership, Team, User
from pipeline.models import Activity, Contract, Cost, Lead, Product, Rate, Source, Stage, Target
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.pipeline.api.conftest import As

LISTS = (
    *("deals", "leads", "customers", "activities", "contracts", "costs", "rates", "goals"),
    *("teams", "users", "stages", "sources", "products"),
)


def fill(cast: Cast, number: int) -> None:
    """One more row of everything, each with rows of its own around it."""
    day = date(2026, 1, 1 + number)
    team = Team.objects.create(slug=f"t{number}", name="Team", parent=cast.teams["seoul"])
    person = User.objects.create(email=f"{number}@example.com", name="Person")
    Membership.objects.create(user=person, team=team, start=day)
    source = Source.objects.create(slug=f"s{number}", name="Source")
    product = Product.objects.create(name=f"Product {number}")
    customer = make_customer(f"Customer {number}", owner=person)
    credit = {"owner": person, "team": team}
    deal = make_deal(cast, person, customer=customer, source=source)
    deal.lines.create(product=product)
    Stage.objects.create(
        process=cast.stages[0].process, position=10 + number, name="Step", probability=Decimal(0)
    )
    Lead.objects.create(created_at=seoul(2026, 1, 5), source=source, **credit)
    Activity.objects.create(kind="call", at=seoul(2026, 1, 5), person=person, team=team, deal=deal)
    Contract.objects.create(customer=customer, deal=deal, start=day, value=1, **credit)
    Cost.objects.create(
        kind="sales", day=day, amount=1, team=team, source=source, customer=customer
    )
    Rate.objects.create(currency="USD", day=day, price=Decimal(1390))
    span = {"start": day, "end": date(2027, 1, 1), "value": 1}
    Target.objects.create(kpi="won_revenue", team=team, **span)
    Target.objects.create(kpi="won_revenue", user=person, **span)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_as_many_queries_for_many_rows_as_for_few(
    cast: Cast, as_: As, name: str
) -> None:
    client, costs = as_(cast.sam), []
    for more in (range(1), range(1, 6)):
        for number in more:
            fill(cast, number)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/api/v1/{name}/").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 9


def test_who_asks_without_end_is_told_to_wait(
    cast: Cast, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UserRateThrottle, "rate", "2/min", raising=False)
    cache.clear()
    client = as_(cast.minsu)
    codes = [client.get("/api/v1/stages/").status_code for _number in range(3)]
    assert codes == [200, 200, 429]
    assert as_(cast.jiwoo).get("/api/v1/stages/").status_code == 200
    refused = client.get("/api/v1/stages/")
    assert int(refused["Retry-After"]) <= 60
    assert refused["Content-Type"] == "application/problem+json"
