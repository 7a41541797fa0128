"""When contracts fall due, and which of them were renewed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from pipeline.models import Contract, ContractTerm
from tests.cast import Cast, make_customer, seoul
from tests.kpis.asking import ask


def make_automatic(start: date, **fields: object) -> Contract:
    """One that renews every month until it is ended."""
    return Contract.objects.create(
        customer=make_customer(),
        start=start,
        value=100,
        **{"auto_renew": True, "term_months": 1, **fields},
    )


def test_a_term_falls_due_on_the_last_day_of_a_shorter_month(cast: Cast) -> None:
    make_automatic(date(2026, 1, 31))
    at = seoul(2026, 2, 28, 9)
    assert ask(cast, "renewal_rate", "2026-02", at=at).result.denominator == 1
    assert ask(cast, "renewal_rate", "2026-02", at=at - timedelta(days=1)).value is None


def test_terms_are_known_before_any_zones_day_has_come(cast: Cast) -> None:
    today = timezone.now().date()
    contract = make_automatic(today.replace(day=1), term_months=12)
    due = ContractTerm.objects.filter(contract=contract).values_list("due", flat=True)
    assert max(due) > today


def test_one_that_renews_automatically_was_renewed_unless_it_was_ended(cast: Cast) -> None:
    make_automatic(date(2025, 12, 10), end=date(2026, 2, 10))
    at: datetime = seoul(2026, 3, 16)
    found = ask(cast, "renewal_rate", "2026-Q1", at=at).result
    assert found.numerator == 1
    assert found.denominator == 2
