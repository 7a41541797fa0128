"""No edit moves a figure of a closed period unnoticed, whatever the figure and the edit.

The KPIs come from the registry and the edits from the table of them, so later ones are covered.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from history import as_recorded_at
from kpis.registry import all_kpis
from pipeline.actions.closings import close_period
from tests.cast import Cast, seoul
from tests.kpis.edits import EDITS, Edit, Scene, edits
from tests.kpis.sequences import LATER, differing, figures, make, make_company

CLOSED = "2026-02"
AFTER = seoul(2026, 4, 28, 12)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_company()


def settled(cast: Cast) -> dict[Any, Any]:
    """The figures of the closed month but those that follow their rows further on purpose."""
    found = figures(cast, CLOSED, "company", 0, at=LATER)
    return {
        key: figure
        for key, figure in found.items()
        if not all_kpis()[key[0]].basis(key[1]).is_followed
    }


def is_taken(cast: Cast, edit: Edit) -> bool:
    """Whether an edit needs no reason."""
    try:
        with transaction.atomic(), as_recorded_at(AFTER):
            EDITS[edit.name](Scene(cast, edit, AFTER))
    except DatabaseError as error:
        assert "is closed" in str(error)  # noqa: PT017
        return False
    return True


@settings(
    max_examples=5,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    before=st.lists(edits, min_size=12, max_size=24),
    after=st.lists(edits, min_size=6, max_size=6),
)
def test_an_edit_that_moves_a_closed_figure_needs_a_reason(
    cast: Cast, before: list[Edit], after: list[Edit]
) -> None:
    moved = {}
    with transaction.atomic():
        make(cast, before)
        period = cast.company.calendar.parse(CLOSED, at=LATER)
        close_period(period=period, by=cast.sam, at=seoul(2026, 4, 27))
        old = settled(cast)
        for edit in after:
            mark = transaction.savepoint()
            if is_taken(cast, edit) and (changed := differing(old, settled(cast))):
                moved[edit] = changed
            transaction.savepoint_rollback(mark)
        transaction.set_rollback(True)
    assert moved == {}
