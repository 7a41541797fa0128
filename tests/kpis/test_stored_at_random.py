"""Stored values equal the facts whatever is changed, in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test.utils import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.scope import resolve
from kpis.drain import drain
from kpis.evaluate import answer
from kpis.questions import Question
from pipeline.models import Cost, CostKind, Customer, Deal, Lead, LeadStatus, Rate
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.kpis.storing import NOW, differing, fill

pytestmark = pytest.mark.usefixtures("stored_values")

SCOPES = ("company", "team:seoul", "team:busan-1", "user")
PERIODS = ("2026", "2026-Q1", "2025-12", "2026-01", "2026-W05", "2025-12-29..2026-01-11")
SPLITS = ("", "month", "week", "team")
KPIS = (
    ("won_revenue", "closed"),
    ("average_deal_size", "median"),
    ("sales_cycle", "mean"),
    ("win_rate", "value"),
    ("win_rate", "created"),
    ("new_deals", "created"),
    ("lead_conversion_rate", "period"),
    ("cac", "paid"),
)


def question(cast: Cast, picks: tuple[str, ...]) -> Question:
    kpi, basis, code, period, by, compare = picks
    scope = resolve(f"user:{cast.minsu.pk}" if code == "user" else code, cast.eunji)
    span = cast.company.calendar.parse(period, at=NOW)
    return Question(kpi, scope, span, basis=basis, by=by, compare=compare)


def answers(cast: Cast, some: list[Question]) -> list[Any]:
    found = answer(some, viewer=cast.eunji, at=NOW)
    return [(one.question, one.result, one.rows, one.comparison) for one in found]


DAYS = (
    seoul(2025, 12, 28, 23, 59),
    seoul(2025, 12, 29),
    seoul(2025, 12, 31, 23, 59),
    seoul(2026, 1, 1),
    seoul(2026, 1, 31, 12),
    seoul(2026, 2, 1),
    seoul(2026, 2, 2),
)
days = st.sampled_from(DAYS)
amounts = st.sampled_from([None, Decimal(0), Decimal("0.07"), Decimal(1_000), Decimal("33.33")])
currencies = st.sampled_from(["KRW", "KRW", "USD"])
picks = st.integers(0, 50)
KINDS = ("create", "amount", "move", "close", "reopen", "reassign", "customer", "delete")
OTHERS = ("rate", "no rate", "cost", "no cost", "lead", "convert", "no lead")
steps = st.tuples(
    st.sampled_from(KINDS + KINDS + OTHERS), picks, days, amounts, currencies, st.booleans()
)


@st.composite
def asked_about(draw: st.DrawFn) -> tuple[str, ...]:
    kpi, basis = draw(st.sampled_from(KPIS))
    by = draw(st.sampled_from(SPLITS if kpi == "cac" else (*SPLITS, "rep")))
    compare = draw(st.sampled_from(["", "previous", "year"]))
    scope, period = draw(st.sampled_from(SCOPES)), draw(st.sampled_from(PERIODS))
    return kpi, basis, scope, period, by, compare


def _edit(cast: Cast, customers: list[Customer], step: tuple[Any, ...]) -> None:
    """One change by SQL, whatever an action would say to it."""
    kind, pick, day, amount, currency, flag = step
    owner = (cast.minsu, cast.jiwoo, cast.bora)[pick % 3]
    team = None if pick % 7 == 0 else cast.teams[("seoul-1", "seoul", "busan-1")[pick % 3]]
    deal = _one_of(Deal, pick)
    changes: dict[str, Callable[[], Any]] = {
        "create": lambda: make_deal(
            cast,
            owner,
            (cast.won, cast.lost, cast.stages[1])[pick % 3],
            customer=customers[pick % 2] if flag else None,
            amount=amount,
            currency=currency,
            created_at=day if flag else None,
            team=team,
            **({"closed_at": DAYS[pick % 7]} if pick % 3 < 2 else {}),
        ),
        "amount": lambda: deal.update(amount=amount, currency=currency),
        "move": lambda: deal.update(created_at=day),
        "close": lambda: deal.update(
            stage=cast.won if flag else cast.lost,
            outcome="won" if flag else "lost",
            closed_at=day,
            lost_reason="" if flag else ("price", "duplicate")[pick % 2],
        ),
        "reopen": lambda: deal.update(
            stage=cast.stages[1], outcome="open", closed_at=None, lost_reason=""
        ),
        "reassign": lambda: deal.update(owner=owner, team=team),
        "customer": lambda: deal.update(customer=customers[pick % 2]),
        "delete": lambda: [one.delete() for one in deal],
        "rate": lambda: Rate.objects.update_or_create(
            currency="USD", day=day.date(), defaults={"price": Decimal("1333.12345678") + pick}
        ),
        "no rate": lambda: _one_of(Rate, pick).delete(),
        "cost": lambda: Cost.objects.create(
            kind=CostKind.SALES, day=day.date(), amount=amount or 1, currency=currency, team=team
        ),
        "no cost": lambda: _one_of(Cost, pick).delete(),
        "lead": lambda: Lead.objects.create(
            owner=owner if flag else None, team=team, created_at=day
        ),
        "convert": lambda: _one_of(Lead, pick).update(
            status=LeadStatus.CONVERTED, converted_at=max(DAYS) + timedelta(hours=pick)
        ),
        "no lead": lambda: _one_of(Lead, pick).delete(),
    }
    changes[kind]()


def _one_of(model: Any, pick: int) -> Any:
    keys = sorted(model.objects.values_list("pk", flat=True))
    return model.objects.filter(pk=keys[pick % len(keys)] if keys else None)


@pytest.fixture
def customers(cast: Cast) -> list[Customer]:
    return [make_customer(), make_customer("Saebyeok")]


@pytest.mark.slow
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    early=st.lists(steps, max_size=6),
    late=st.lists(steps, min_size=1, max_size=8),
    wanted=st.lists(asked_about(), min_size=6, max_size=6),
)
def test_stored_equals_live_whatever_is_changed(
    cast: Cast,
    customers: list[Customer],
    early: list[Any],
    late: list[Any],
    wanted: list[tuple[str, ...]],
) -> None:
    some = [question(cast, picks) for picks in wanted]
    with transaction.atomic():
        for step in early:
            _edit(cast, customers, step)
        drain()
        fill()
        for position, step in enumerate(late):
            _edit(cast, customers, step)
            if position % 3 == 1:
                assert answers(cast, some) == live(cast, some)
            if position % 3 == 2:
                drain()
        drain()
        fill()
        assert answers(cast, some) == live(cast, some)
        assert differing() == {}
        transaction.set_rollback(True)


def live(cast: Cast, some: list[Question]) -> list[Any]:
    with override_settings(STORED_VALUES=False):
        return answers(cast, some)
