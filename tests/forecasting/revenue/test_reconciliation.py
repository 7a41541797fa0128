"""Bookings always lead to the revenue that the lines tell, whatever there is, to the last digit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from forecasting.revenue.asking import Asked
from forecasting.revenue.curves import Curves, shares
from forecasting.revenue.lines import Expectations, by_period
from forecasting.revenue.reconciliation import Reconciliation
from pipeline.models import Contract, Deal, DealKind
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.forecasting.revenue.asking import NOW, asked, chances_of
from tests.forecasting.revenue.test_statements import contracts

pytestmark = pytest.mark.django_db

DEAL = st.fixed_dictionaries(
    {
        "stage": st.sampled_from([1, 2, 3, 5, 5]),
        "days": st.integers(-200, 200),
        "amount": st.none() | st.integers(0, 10**6),
        "kind": st.sampled_from(DealKind.values),
    }
)
CURVE = st.dictionaries(st.integers(0, 20), st.decimals(0, 1000, places=2), min_size=1)


def write(cast: Cast, deal: dict[str, Any], customer: Any) -> Deal:
    """A deal won, or expected to close, so many days from now; none is won in the future."""
    won, days = deal["stage"] == 5, deal["days"]
    dated: dict[str, Any] = {"expected_close": NOW.date() + timedelta(days=days)}
    if won:
        dated = {"closed_at": seoul(2026, 3, 16) - timedelta(days=abs(days))}
    fields = {"amount": deal["amount"], "kind": deal["kind"], "customer": customer, **dated}
    return make_deal(cast, cast.minsu, deal["stage"], **fields)


@trying(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    deals=st.lists(DEAL, max_size=8),
    rows=st.lists(contracts(), max_size=6),
    curve=CURVE,
    code=st.sampled_from(["2026-Q1", "2026-Q2", "2025-Q4", "2026-03", "2026"]),
)
def test_the_residual_is_nothing(
    cast: Cast,
    deals: list[dict[str, Any]],
    rows: list[dict[str, Any]],
    curve: dict[int, Decimal],
    code: str,
) -> None:
    undone = transaction.savepoint()
    customers = [make_customer(f"Customer {number}") for number in range(2)]
    made = [write(cast, deal, customers[place % 2]) for place, deal in enumerate(deals)]
    for number, row in enumerate(rows):
        deal = made[number] if number < len(made) else None
        Contract.objects.create(customer=customers[number % 2], deal=deal, **row)
    whole = asked(cast)
    period = cast.company.calendar.parse(code, at=NOW)
    question = Asked(whole.viewer, whole.scope, (period,), NOW, "KRW")
    expectations = Expectations(chances_of(question, "0.83"), Curves(shares(curve)))
    found = Reconciliation(question, expectations)
    (lines,) = by_period(question, expectations)
    assert found.revenue == lines.total
    transaction.savepoint_rollback(undone)


@given(CURVE)
def test_the_shares_of_a_curve_add_up_to_one(curve: dict[int, Decimal]) -> None:
    found = shares(curve)
    assert sum(found) == 1
    assert min(found) >= 0


def test_a_curve_is_what_was_recognised_month_by_month() -> None:
    assert shares({0: Decimal(50), 2: Decimal(150)}) == (
        Decimal("0.25"),
        Decimal(0),
        Decimal("0.75"),
    )
