"""SQL whose times were put into their places is the SQL that would be built for them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest

from accounts.models import Team, User
from accounts.scope import resolve
from history import as_recorded_at
from kpis import plan, statements
from kpis.evaluate import answer
from kpis.forms import compiled, form_of
from kpis.questions import BadQuestion, Question
from kpis.registry import all_kpis
from kpis.selects import Select
from kpis.storage.columns import Sql
from pipeline.populations import Rows
from pipeline.populations.deals import WON
from tests.cast import Cast, make_cast, seoul

NOW, LATER = seoul(2026, 2, 16, 12), seoul(2026, 3, 31, 18)
# A period as it is asked about first, and another that lies alike.
PERIODS = (
    ("2025-Q4", "2025-Q3"),
    ("2026-Q1", "2026-Q1"),
    ("2025-11-03..2026-02-09", "2025-03-05..2025-08-02"),
    ("2026-02", "2026-03"),
    ("2025", "2024"),
)
KNOWN = {"as_of": seoul(2026, 1, 20), "known_at": seoul(2026, 1, 25)}
WAYS: tuple[dict[str, Any], ...] = (
    {"by": "rep", "compare": "year"},
    {"by": "team", "compare": "previous"},
    {"by": "month"},
    {"by": "industry", "filters": (("kind", "new"),)},
    {"by": "product", "structure": "present"},
    {"by": "team", **KNOWN},
)
# What is told alone reads no facts.
KPIS = [
    (kpi.key, basis.key)
    for kpi in all_kpis().values()
    for basis in kpi.bases
    if not all(measure.teller for measure in basis.measures.values())
]


@pytest.fixture
def selects(monkeypatch: pytest.MonkeyPatch) -> list[Select]:
    """What is read from now on, in the forms that are found from now on."""
    seen: list[Select] = []

    def noted(asked: Sequence[Select], proof: Sql | None) -> Any:
        seen.extend(asked)
        return statements.read_all(asked, proof)

    monkeypatch.setattr(plan, "read_all", noted)
    monkeypatch.setattr(statements, "_forms", {})
    return seen


def ask(cast: Cast, at: datetime, kpi: str, period: str, **options: Any) -> None:
    viewer = User.objects.get(pk=cast.eunji.pk)
    span = cast.company.calendar.parse(period, at=at)
    asked = Question(kpi, resolve("team:seoul", viewer), span, **options)
    with suppress(BadQuestion):
        answer([asked], viewer=viewer, at=at)


@pytest.fixture
def reorganised(db: None) -> Cast:
    """Its teams were others until a day in summer."""
    with as_recorded_at(seoul(2025, 1, 2)):
        cast = make_cast()
    with as_recorded_at(seoul(2025, 7, 1)):
        Team.objects.filter(slug="seoul-2").update(parent=cast.teams["busan"])
    return cast


@pytest.mark.usefixtures("stored_values")
@pytest.mark.parametrize(("kpi", "basis"), KPIS)
def test_any_figure_is_read_by_the_sql_of_its_own_times(
    reorganised: Cast, selects: list[Select], kpi: str, basis: str
) -> None:
    for place, way in enumerate(WAYS):
        first, second = PERIODS[place % len(PERIODS)]
        ask(reorganised, NOW, kpi, first, basis=basis, **way)
        ask(reorganised, LATER, kpi, second, basis=basis, **way)
    assert selects
    for select in selects:
        assert statements.sql_of(select) == compiled(select)


@pytest.mark.parametrize("by", ["", "rep", "month", "team"])
@pytest.mark.parametrize("kpi", ["won_revenue", "win_rate", "sales_cycle", "open_pipeline"])
def test_the_sql_of_other_times_is_not_built_again(
    cast: Cast, selects: list[Select], monkeypatch: pytest.MonkeyPatch, kpi: str, by: str
) -> None:
    ask(cast, NOW, kpi, "2025-11-03..2026-02-09", by=by)
    monkeypatch.setattr(Select, "rows", None)
    ask(cast, LATER, kpi, "2025-03-05..2025-08-02", by=by)
    assert len(selects) > 1


def test_what_reads_the_database_to_be_built_has_no_form(
    cast: Cast, selects: list[Select], monkeypatch: pytest.MonkeyPatch
) -> None:
    def built(select: Select) -> Rows:
        return WON.rows(select.part.reading).filter(owner=User.objects.earliest("pk")).values("pk")

    ask(cast, NOW, "won_revenue", "2026-Q1")
    monkeypatch.setattr(Select, "rows", built)
    assert form_of(selects[0]) is None


def test_figures_within_different_teams_are_read_by_different_sql(
    cast: Cast, selects: list[Select]
) -> None:
    for slug in ("seoul-1", "seoul-2"):
        ask(cast, NOW, "won_revenue", "2026-Q1", filters=(("team", str(cast.teams[slug].pk)),))
    one, two = selects
    assert statements.sql_of(one) == compiled(one)
    assert statements.sql_of(two) == compiled(two)
    assert statements.sql_of(one) != statements.sql_of(two)
