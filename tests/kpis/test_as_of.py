"""Every figure of the catalog as of any instant: what was true then, and what was known then.

The KPIs come from the registry, so a later one is covered by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.scope import resolve
from history import as_recorded_at
from kpis.declarations import Basis
from kpis.evaluate import answer
from kpis.questions import Question
from kpis.registry import all_kpis
from pipeline.models import Customer, Deal, Product, Source
from tests.cast import Cast, make_cast, make_customer, seoul
from tests.kpis.edits import EDITS, FIRST_DAY, IMPORTED, Edit, Scene, edits, reach_back

BEGAN = seoul(2025, 6, 1)
LATER = seoul(2026, 5, 4)
PERIODS = ("2026-Q1", "2026-02", "2026-03", "2026-W06", "2026")
SCOPES = ("company", "team:seoul", "team:busan", "user")
SLOW = settings(
    max_examples=10,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
sequences = st.lists(edits, min_size=4, max_size=24)


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast as it has been for long, with some customers, sources and products."""
    with as_recorded_at(BEGAN):
        cast = make_cast()
        make_customer()
        make_customer("Saebyeok", industry="Retail", region="Busan")
        for slug in ("web", "fair"):
            Source.objects.create(slug=slug, name=slug)
        for name in ("Basic", "Pro"):
            Product.objects.create(name=name)
    return cast


def moment(number: int) -> datetime:
    """When the edits of a sequence happen: one every four days, from the new year on."""
    return seoul(FIRST_DAY.year, 1, 3, 10) + timedelta(days=4 * number)


def make(cast: Cast, sequence: list[Edit], first: int = 0) -> None:
    for number, edit in enumerate(sequence, first):
        at = moment(number)
        with as_recorded_at(at):
            EDITS[edit.name](Scene(cast, edit, at))


def questions(
    cast: Cast, viewer: User, code: str, scope: str, split: int, **then: Any
) -> list[Question]:
    """Every KPI on every basis, whole and split by one thing of those that it offers."""
    period = cast.company.calendar.parse(code, at=LATER)
    whose = resolve(f"user:{cast.minsu.pk}" if scope == "user" else scope, viewer)
    return [
        Question(kpi.key, whose, period, basis.key, by=by, **then)
        for kpi in all_kpis().values()
        for basis in kpi.bases
        for by in ("", some_split(basis, split))
    ]


def some_split(basis: Basis, split: int) -> str:
    splits = ["month", *sorted(basis.dimensions)]
    return splits[split % len(splits)]


def figures(
    cast: Cast, code: str, scope: str, split: int, *, at: datetime, **then: Any
) -> dict[Any, Any]:
    # Who asks has just signed in: what they see is read anew.
    viewer = User.objects.get(pk=cast.eunji.pk)
    found = answer(questions(cast, viewer, code, scope, split, **then), viewer=viewer, at=at)
    return {
        (each.kpi.key, each.basis.key, each.question.by): (
            each.result,
            dict(each.parts),
            each.target,
            {(row.key, row.result) for row in each.rows},
        )
        for each in found
    }


def differing(then: dict[Any, Any], now: dict[Any, Any]) -> dict[Any, Any]:
    return {key: (then[key], now[key]) for key in then if then[key] != now[key]}


@SLOW
@given(
    before=sequences,
    after=sequences,
    code=st.sampled_from(PERIODS),
    scope=st.sampled_from(SCOPES),
    split=st.integers(0, 11),
)
def test_as_of_an_instant_before_live_edits_gives_the_old_answer(
    cast: Cast, before: list[Edit], after: list[Edit], code: str, scope: str, split: int
) -> None:
    with transaction.atomic():
        make(cast, before)
        at = moment(len(before)) - timedelta(days=1)
        old = figures(cast, code, scope, split, at=at)
        make(cast, after, first=len(before))
        changed = differing(old, figures(cast, code, scope, split, at=LATER, as_of=at))
        transaction.set_rollback(True)
    assert changed == {}


@SLOW
@given(
    before=sequences,
    live=st.lists(edits, max_size=6),
    late=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 60)), min_size=1, max_size=4),
    code=st.sampled_from(PERIODS),
    scope=st.sampled_from(SCOPES),
    split=st.integers(0, 11),
)
def test_known_at_an_instant_before_a_backdated_import_gives_the_old_answer(
    cast: Cast,
    before: list[Edit],
    live: list[Edit],
    late: list[tuple[int, int]],
    code: str,
    scope: str,
    split: int,
) -> None:
    with transaction.atomic():
        make(cast, before)
        at = moment(len(before)) - timedelta(days=1)
        old = figures(cast, code, scope, split, at=at)
        make(cast, live, first=len(before))
        for place, days in late:
            reach_back_somewhere(place, days)
        changed = differing(old, figures(cast, code, scope, split, at=LATER, known_at=at))
        transaction.set_rollback(True)
    assert changed == {}


def reach_back_somewhere(place: int, days: int) -> None:
    """An import tells of another amount of a deal and another segment of a customer."""
    since = IMPORTED - timedelta(days=days)
    customers, deals = list(Customer.objects.all()), list(Deal.objects.all())
    customer = customers[place % len(customers)]
    reach_back(Customer, customer.pk, {"industry": f"Industry {place}"}, since)
    if deals:
        deal = deals[place % len(deals)]
        reach_back(Deal, deal.pk, {"amount": 7 * days}, since)
