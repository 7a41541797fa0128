"""Recurring value, margin, and what customers cost and are worth."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from kpis.declarations import State
from kpis.records import records
from pipeline.models import Contract, Cost, Customer, Deal, Product, Rate, Source
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.kpis.asking import NOW, ask, rows


def make_contract(customer: Customer, start: date, end: date | None, **fields: Any) -> Contract:
    """Recurring, at 100 a month unless told otherwise."""
    given = {"monthly_price": Decimal(100), **fields}
    return Contract.objects.create(customer=customer, start=start, end=end, **given)


@pytest.fixture
def contracts(cast: Cast) -> Cast:
    """At the start of February one pays 100, one 200, one 300 and one nothing yet."""
    grows, shrinks, leaves, comes = (
        make_customer(name) for name in ("Grows", "Shrinks", "Leaves", "Comes")
    )
    year = date(2025, 1, 1)
    make_contract(grows, year, None)
    make_contract(grows, date(2026, 2, 10), None, monthly_price=50)
    make_contract(shrinks, year, date(2026, 2, 15), monthly_price=200)
    make_contract(shrinks, date(2026, 2, 15), None, monthly_price=120)
    make_contract(leaves, year, date(2026, 2, 20), monthly_price=300)
    make_contract(comes, date(2026, 2, 2), None, monthly_price=1000)
    make_contract(comes, date(2026, 1, 2), None, monthly_price=7, is_trial=True)
    return cast


def test_net_and_gross_retention_of_recurring_value(contracts: Cast) -> None:
    assert ask(contracts, "nrr", "2026-02").value == Decimal(150 + 120) / 600
    assert ask(contracts, "grr", "2026-02").value == Decimal(100 + 120) / 600
    assert ask(contracts, "nrr", "2024").value is None
    assert ask(contracts, "nrr", "2027").value is None


def test_the_rows_of_retention_add_up(contracts: Cast) -> None:
    for key, parts in (("nrr", [50, 100, 120]), ("grr", [0, 100, 120])):
        found = ask(contracts, key, "2026-02")
        opened = records(found.question, viewer=contracts.eunji, at=NOW)
        assert sorted(row["contribution"] for row in opened.rows) == parts


def test_a_value_is_spread_over_the_days_of_its_term(cast: Cast) -> None:
    customer = make_customer()
    term = {"value": Decimal(1200), "monthly_price": None}
    make_contract(customer, date(2025, 2, 1), date(2026, 2, 1), **term)
    assert ask(cast, "churned_value", "2026-02").value == Decimal(1200) * 365 / 12 / 365


def test_both_ends_are_converted_at_one_rate(cast: Cast) -> None:
    for day, price in ((date(2026, 1, 31), 1000), (date(2026, 2, 27), 2000)):
        Rate.objects.create(currency="USD", day=day, price=price)
    make_contract(make_customer("Dollars"), date(2025, 1, 1), None, currency="USD")
    assert ask(cast, "nrr", "2026-02").value == 1
    assert ask(cast, "grr", "2026-02").value == 1


def test_without_a_rate_retention_is_unknown(cast: Cast) -> None:
    make_contract(make_customer("Won"), date(2025, 1, 1), None)
    make_contract(make_customer("Dollars"), date(2025, 1, 1), None, currency="USD")
    for key in ("nrr", "grr"):
        found = ask(cast, key, "2026-02")
        assert (found.value, found.state) == (None, State.NO_RATE)
        assert found.missing_rate is not None
        assert found.missing_rate.currency == "USD"


def test_churned_value_is_of_contracts_that_no_other_renews(contracts: Cast) -> None:
    assert ask(contracts, "churned_value", "2026-02").value == 500
    ended = Contract.objects.get(monthly_price=200)
    Contract.objects.filter(monthly_price=120).update(renews=ended)
    assert ask(contracts, "churned_value", "2026-02").value == 300
    assert ask(contracts, "churned_value", "2026-02", at=seoul(2026, 2, 18)).value == 0
    assert ask(contracts, "churned_value", "2026-03").value == 0


@pytest.fixture
def costs(deals: Cast) -> Cast:
    """Delivery costs in February: 1.0 million on a deal of manufacturing, 0.5 on a customer in
    retail, 0.25 on a product and 0.125 on nothing; and 2.0 of marketing."""
    spent = {"kind": "delivery", "day": date(2026, 2, 1)}
    retail = Customer.objects.get(name="Saebyeok")
    product = Product.objects.create(name="Basic")
    Cost.objects.create(amount=1_000_000, deal=Deal.objects.filter(amount=2_000_000)[0], **spent)
    Cost.objects.create(amount=500_000, customer=retail, **spent)
    Cost.objects.create(amount=250_000, product=product, **spent)
    Cost.objects.create(amount=125_000, **spent)
    Cost.objects.create(amount=2_000_000, **{**spent, "kind": "marketing"})
    return deals


def test_margin_is_what_delivery_leaves_and_its_segments_add_up(costs: Cast) -> None:
    found = ask(costs, "margin", by="industry")
    assert found.value == 7_000_000 - 1_875_000
    assert rows(found) == {
        "Manufacturing": 2_000_000,
        "Retail": 3_500_000,
        "Not known": -375_000,
    }
    assert sum(value or 0 for value in rows(found).values()) == found.value


def test_what_is_attributed_to_nothing_counts_for_the_company_only(costs: Cast) -> None:
    assert ask(costs, "margin", scope="team:seoul").value == 3_000_000 - 1_000_000
    retail = (("industry", "Retail"),)
    assert ask(costs, "margin", filters=retail).value == 3_500_000


def test_profit_margin_is_unknown_without_costs(costs: Cast) -> None:
    assert ask(costs, "sales_profit_margin").value == Decimal(7_000_000 - 3_875_000) / 7_000_000
    assert ask(costs, "sales_profit_margin", "2026-03").value is None
    Cost.objects.all().delete()
    assert ask(costs, "sales_profit_margin").value is None


def test_costs_are_for_those_who_may_see_them(costs: Cast) -> None:
    for key in ("margin", "sales_profit_margin", "ltv_cac", "customer_lifetime_value"):
        with pytest.raises(PermissionDenied):
            ask(costs, key, viewer=costs.lee, scope="team:seoul-1")


def test_cac_by_channel(deals: Cast) -> None:
    web = Source.objects.create(slug="web", name="Web")
    Deal.objects.filter(customer__name="Hanbit").update(source=web)
    Cost.objects.create(kind="marketing", day=date(2026, 2, 1), amount=600, source=web)
    Cost.objects.create(kind="labour", day=date(2026, 2, 1), amount=100)
    assert ask(deals, "cac").value == 350
    assert rows(ask(deals, "cac", by="source")) == {"Web": 600, "Not known": 100}


def test_a_lifetime_is_a_years_margin_of_a_customer_over_those_lost(contracts: Cast) -> None:
    # Three were active a year before, two still are, three are now.
    for amount in (4_000, 2_000):
        make_deal(contracts, contracts.minsu, contracts.won, amount=amount)
    Cost.objects.create(kind="delivery", day=date(2026, 2, 1), amount=600)
    found = ask(contracts, "customer_lifetime_value", "2026-02")
    assert found.value == pytest.approx(Decimal(5_400) / 3 * 3)
    assert found.parts["before"] == 3
    Contract.objects.filter(end=date(2026, 2, 20)).update(end=None)
    assert ask(contracts, "customer_lifetime_value", "2026-02").value is None


def test_payback_and_value_over_cost(contracts: Cast) -> None:
    new = make_customer("New")
    make_deal(contracts, contracts.minsu, contracts.won, amount=6_000, customer=new)
    Cost.objects.create(kind="delivery", day=date(2026, 2, 1), amount=600, customer=new)
    Cost.objects.create(kind="marketing", day=date(2026, 2, 1), amount=900)
    # 900 for one customer that leaves 5,400 a year, 450 a month.
    assert ask(contracts, "cac_payback", "2026-02").value == 2
    lifetime = ask(contracts, "customer_lifetime_value", "2026-02").value
    assert lifetime is not None
    assert ask(contracts, "ltv_cac", "2026-02").value == lifetime / 900
