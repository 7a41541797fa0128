"""The revenue forecast of a small company, worked out by hand: three contracts of each kind."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from forecasting.revenue.asking import Asked
from forecasting.revenue.curves import Curves
from forecasting.revenue.lines import Expectations, Lines, by_part, by_period
from forecasting.revenue.reconciliation import Reconciliation
from forecasting.revenue.rows import READERS, behind
from pipeline.models import Contract, Deal
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.forecasting.revenue.asking import asked, chances_of, make_contract

pytestmark = pytest.mark.django_db

HALF_NOW = (Decimal("0.5"), Decimal("0.25"), Decimal("0.25"))


@pytest.fixture
def company(cast: Cast) -> Cast:
    """On 16 March 2026: contracts at signing, at delivery and by month, and deals."""
    hanbit, mirae = make_customer(), make_customer("Mirae", industry="Retail")
    once: dict[str, Any] = {"billing": "one_off"}
    monthly: dict[str, Any] = {"schedule": "monthly"}
    signing, delivery = {**once, "schedule": "signing"}, {**once, "schedule": "delivery"}
    make_contract(hanbit, date(2026, 1, 10), value=900, signed_on=date(2025, 12, 30), **signing)
    make_contract(hanbit, date(2026, 2, 20), value=800, **signing)
    make_contract(hanbit, date(2026, 6, 1), value=700, signed_on=date(2026, 5, 4), **signing)
    make_contract(hanbit, date(2026, 1, 1), date(2026, 2, 15), value=600, **delivery)
    make_contract(hanbit, date(2026, 3, 1), value=500, delivered_on=date(2026, 4, 20), **delivery)
    make_contract(hanbit, date(2026, 3, 1), value=400, **delivery)
    won = make_deal(
        cast, cast.minsu, cast.won, amount=1300, customer=hanbit, closed_at=seoul(2026, 1, 5)
    )
    make_contract(hanbit, date(2026, 1, 1), date(2027, 1, 1), value=1200, deal=won, **monthly)
    make_contract(hanbit, date(2026, 1, 22), monthly_price=310, **monthly)
    make_contract(mirae, date(2025, 10, 1), date(2026, 4, 1), value=600, term_months=6, **monthly)
    make_deals(cast, mirae)
    return cast


def make_deals(cast: Cast, mirae: object) -> None:
    def opened(amount: int, closes: date, **more: Any) -> Deal:
        return make_deal(cast, cast.minsu, 3, amount=amount, expected_close=closes, **more)

    make_deal(cast, cast.minsu, cast.won, amount=400, closed_at=seoul(2026, 2, 10))
    opened(1000, date(2026, 4, 10))
    opened(200, date(2026, 3, 1), name="Overdue")
    opened(500, date(2026, 4, 1), name="Renewal", kind="renewal", customer=mirae)
    make_deal(cast, cast.minsu, 1, amount=9000, expected_close=date(2026, 4, 1), name="Omitted")


def expectations(question: Asked) -> Expectations:
    """Seven of ten renewed; half at the win, a quarter in each of the next two months."""
    return Expectations(chances_of(question, "0.7"), Curves(HALF_NOW))


def test_every_line_by_month(company: Cast) -> None:
    question = asked(company, count=6)
    found = by_period(question, expectations(question))
    assert [line.recognised for line in found] == [300, 1910, 664, 0, 0, 0]
    assert [line.scheduled for line in found] == [0, 0, 246, 910, 1110, 410]
    assert [line.due for line in found] == [0, 0, 0, 100, 100, 100]
    assert [line.renewals for line in found] == [0, 0, 0, 70, 70, 70]
    assert [line.churn for line in found] == [0, 0, 0, 30, 30, 30]
    assert [line.uncontracted for line in found] == [0, 200, 100, 100, 0, 0]
    assert [line.open_deals for line in found] == [0, 0, 0, 300, 150, 150]
    assert [line.total for line in found] == [300, 2110, 1010, 1380, 1330, 630]


def test_segments_and_customers_add_up(company: Cast) -> None:
    question = asked(company, count=6)
    found = by_part(question, expectations(question), "industry")
    assert {part: each.total for part, each in found.items()} == {
        "Manufacturing": 300 - 100 + 1910 - 100 + 664 - 52 + 246 - 48 + 910 + 1110 + 410,
        "Retail": 300 + 210,
        "": 400 + 600,
    }
    whole = sum(by_period(question, expectations(question)), Lines())
    for by in ("customer", "size", "region"):
        parts = by_part(question, expectations(question), by)
        assert sum(parts.values(), Lines()) == whole


@pytest.mark.parametrize("line", READERS)
def test_every_line_opens_to_rows_that_add_up_to_it(company: Cast, line: str) -> None:
    question = asked(company, count=6)
    rows = behind(line, question, expectations(question))
    whole = sum(by_period(question, expectations(question)), Lines())
    assert sum(each.amount or 0 for each in rows) == getattr(whole, line)


def steps(question: Asked) -> dict[str, Decimal | None]:
    found = Reconciliation(question, expectations(question))
    assert found.revenue == sum(
        (each.total for each in by_period(question, expectations(question))), Decimal(0)
    )
    return {step.key: step.amount for step in found.steps if step.amount}


def quarter(cast: Cast, code: str) -> Asked:
    found = asked(cast)
    period = cast.company.calendar.parse(code, at=found.at)
    return Asked(found.viewer, found.scope, (period,), found.at, "KRW")


def test_the_running_quarters_bookings_lead_to_its_revenue(company: Cast) -> None:
    assert steps(quarter(company, "2026-Q1")) == {
        "won": 1700,
        "expected": 120,
        "overdue": -120,
        "otherwise": -100,
        "elsewhere": 300 - 1200 + 300 - 400,
        "earlier": 2820,
    }


def test_the_next_quarters_too(company: Cast) -> None:
    assert steps(quarter(company, "2026-Q2")) == {
        "expected": 900,
        "renewal_deals": -300,
        "earlier": 2430 + 100,
        "due": 300,
        "churn": -90,
    }


def test_nobody_knows_the_renewals_of_a_company_where_nothing_fell_due(company: Cast) -> None:
    question = asked(company, count=6)
    unknown = Expectations(chances_of(question, None), Curves(HALF_NOW))
    april = by_period(question, unknown)[3]
    assert april.due == 100
    assert (april.renewals, april.churn) == (None, None)
    assert Reconciliation(quarter(company, "2026-Q2"), unknown).revenue is None


def test_an_amount_without_a_rate_is_unknown_not_small(company: Cast) -> None:
    make_contract(make_customer("Acme"), date(2026, 5, 1), value=5, currency="USD")
    question = asked(company, count=6)
    found = by_period(question, expectations(question))
    assert found[4].scheduled.is_nan()
    assert found[4].total.is_nan()
    assert found[3].scheduled == 910


def test_a_contract_of_another_team_is_not_its_revenue(company: Cast) -> None:
    Contract.objects.filter(value=800).update(team=company.teams["busan-1"])
    question = asked(company, count=6, scope="team:busan")
    found = by_period(question, expectations(question))
    assert [line.total for line in found] == [0, 800, 0, 0, 0, 0]
