"""One statement over all contracts says the same as working each out by itself."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from forecasting.revenue.asking import Asked
from forecasting.revenue.contracts import by_contract, by_part
from forecasting.revenue.renewals import Chances
from pipeline.importers.loading import load
from pipeline.importers.mapping import read_mapping
from pipeline.importers.report import Report
from pipeline.models import Contract, Customer
from tests.cast import Cast, make_customer, seoul
from tests.forecasting.revenue.asking import asked, chances_of, naive

pytestmark = pytest.mark.django_db

DAYS = st.dates(date(2025, 1, 1), date(2027, 6, 30))
MAPPING = settings.BASE_DIR / "docs" / "mappings" / "subscriptions.toml"


@st.composite
def contracts(draw: st.DrawFn) -> dict[str, Any]:
    """Any contract that the database takes."""
    start = draw(st.dates(date(2024, 6, 1), date(2027, 3, 31)))
    lasts = draw(st.none() | st.integers(0, 800))
    worth: Decimal | None = draw(st.none() | st.decimals(0, 10**7, places=2))
    months = draw(st.none() | st.integers(1, 24))
    return {
        "start": start,
        "end": None if lasts is None else start + timedelta(days=lasts),
        "value": worth,
        "monthly_price": draw(st.decimals(0, 10**6, places=2)) if worth is None else None,
        "billing": draw(st.sampled_from(Contract.Billing.values)),
        "schedule": draw(st.sampled_from(Contract.Schedule.values)),
        "signed_on": draw(st.none() | DAYS),
        "delivered_on": draw(st.none() | DAYS),
        "term_months": months,
        "auto_renew": months is not None and draw(st.booleans()),
        "is_trial": draw(st.booleans()) and draw(st.booleans()),
    }


def agrees(question: Asked, chances: Chances) -> None:
    """Every contract's sums over every span, and those of all by span."""
    expected = naive(Contract.objects.select_related("customer"), question, chances)
    found = {(row.part, row.place): row for row in by_part(question, chances, "customer")}
    by_customer: dict[tuple[str, int], list[Decimal]] = {}
    for contract, parts in expected.items():
        customer = str(Contract.objects.get(pk=contract).customer_id) if len(expected) < 50 else ""
        for place, sums in enumerate(zip(*parts, strict=True)):
            total = by_customer.setdefault((customer, place), [Decimal(0)] * 3)
            by_customer[customer, place] = [a + b for a, b in zip(total, sums, strict=True)]
    if len(expected) >= 50:
        found = {(row.part, row.place): row for row in by_part(question, chances)}
    assert {
        key: [row.agreed, row.due, row.expected]
        for key, row in found.items()
        if any((row.agreed, row.due))
    } == {key: sums for key, sums in by_customer.items() if any(sums[:2])}


@trying(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(rows=st.lists(contracts(), min_size=3, max_size=8), renewing=st.integers(0, 3))
def test_any_contracts(cast: Cast, rows: list[dict[str, Any]], renewing: int) -> None:
    Contract.objects.all().delete()
    Customer.objects.all().delete()
    for number, row in enumerate(rows):
        customer = make_customer(f"Customer {number}")
        contract = Contract.objects.create(customer=customer, **row)
        if number == renewing > 0:
            first = Contract.objects.exclude(pk=contract.pk).first()
            Contract.objects.filter(pk=contract.pk).update(renews=first)
    question = asked(cast, date(2025, 11, 1), 20)
    with transaction.atomic():
        agrees(question, chances_of(question, "0.7"))


def test_a_real_export_of_subscriptions(cast: Cast, shared_data: Path, tmp_path: Path) -> None:
    report = Report(rejected_folder=tmp_path, stamp="now")
    file = shared_data / "ravenstack" / "ravenstack_subscriptions.csv"
    load(file, read_mapping(MAPPING), report, currency="KRW")
    question = asked(cast, date(2024, 1, 1), 18, at=seoul(2024, 10, 15, 12))
    chances = chances_of(question, "0.9")
    agrees(question, chances)
    # Terms that begin with a month bring in its price in it, whether or not they are agreed.
    running = Contract.objects.filter(
        is_trial=False, start__lte=date(2024, 12, 1), start__day=1, end=None
    )
    in_december = {row.contract: row for row in by_contract(question, chances, [12])}
    whole = sum(in_december[each.pk].agreed + in_december[each.pk].due for each in running)
    assert whole == sum(each.monthly_price or 0 for each in running)
