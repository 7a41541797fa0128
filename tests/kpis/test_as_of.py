"""Every figure of the catalog as of any instant: what was true then, and what was known then.

The KPIs come from the registry, so a later one is covered by itself.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.models import Customer, Deal
from tests.cast import Cast
from tests.kpis.edits import IMPORTED, Edit, edits, reach_back
from tests.kpis.sequences import LATER, differing, figures, make, make_company, moment

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
    return make_company()


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
