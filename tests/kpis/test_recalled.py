"""What was read once is not read again, as long as it is sure to be what the facts say."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Team, User
from accounts.scope import resolve
from kpis.drain import drain
from kpis.evaluate import answer
from kpis.models import Recalled
from kpis.questions import Question
from kpis.storage import keys, remembering
from pipeline.models import Activity, Deal, Lead, Rate, Stage
from tests.cast import Cast, make_deal, seoul
from tests.kpis.storing import NOW

pytestmark = pytest.mark.usefixtures("stored_values")
LATER = NOW + timedelta(minutes=5)


def ask(
    cast: Cast,
    kpi: str = "sales_cycle",
    period: str = "2026-Q1",
    at: datetime = LATER,
    scope: str = "company",
    **options: Any,
) -> tuple[Any, bool]:
    """The answer's value, and whether facts were read for it."""
    viewer = User.objects.get(pk=cast.eunji.pk)
    span = cast.company.calendar.parse(period, at=NOW)
    asked = Question(kpi, resolve(scope, viewer), span, **options)
    with CaptureQueriesContext(connection) as queries:
        (found,) = answer([asked], viewer=viewer, at=at)
    reads = [query["sql"] for query in queries if '"number"' in query["sql"]]
    return found.value, bool(reads)


@pytest.fixture
def won(cast: Cast, stored_values: None) -> Deal:
    """Won in February after thirty days, and asked about once."""
    deal = make_deal(
        cast, cast.minsu, cast.won, created_at=seoul(2026, 1, 5), closed_at=seoul(2026, 2, 4)
    )
    drain()
    assert ask(cast, at=NOW) == (30, True)
    return deal


@pytest.mark.usefixtures("won")
def test_a_median_is_read_from_the_facts_once(cast: Cast) -> None:
    assert ask(cast) == (30, False)


@pytest.mark.usefixtures("won")
@pytest.mark.parametrize(
    ("kpi", "options"),
    [
        ("open_pipeline", {"compare": "previous"}),
        ("average_deal_size", {"basis": "median", "by": "month"}),
        ("won_revenue", {"by": "team"}),
        ("sales_cycle", {"by": "industry", "filters": (("kind", "new"),)}),
        ("stage_conversion", {"by": "stage"}),
        ("open_deals", {"as_of": seoul(2026, 2, 10)}),
        ("renewal_rate", {"as_of": seoul(2026, 2, 10)}),
    ],
)
def test_so_are_stocks_splits_and_the_past(cast: Cast, kpi: str, options: dict[str, Any]) -> None:
    first, read = ask(cast, kpi, **options, at=NOW)
    assert read
    assert ask(cast, kpi, **options) == (first, False)


def test_an_edit_is_seen_before_and_after_it_is_drained(cast: Cast, won: Deal) -> None:
    Deal.objects.filter(pk=won.pk).update(created_at=seoul(2026, 1, 25))
    assert ask(cast) == (10, True)
    drain()
    assert ask(cast) == (10, True)
    assert ask(cast) == (10, False)


@pytest.mark.usefixtures("won")
def test_an_edit_outside_the_period_takes_nothing_away(cast: Cast) -> None:
    make_deal(cast, cast.minsu, cast.won, created_at=seoul(2025, 1, 5), closed_at=seoul(2025, 2, 4))
    drain()
    assert ask(cast) == (30, False)


def test_an_edit_of_another_persons_deal_takes_nothing_away(cast: Cast, won: Deal) -> None:
    own = f"user:{cast.jiwoo.pk}"
    ask(cast, scope=own, at=NOW)
    Deal.objects.filter(pk=won.pk).update(created_at=seoul(2026, 1, 25))
    drain()
    assert ask(cast, scope=own) == (None, False)
    Deal.objects.filter(pk=won.pk).update(owner=cast.jiwoo)
    drain()
    assert ask(cast, scope=own) == (10, True)


def test_a_rate_moves_the_days_that_it_serves(cast: Cast) -> None:
    make_deal(cast, cast.minsu, cast.won, amount=2, currency="USD", closed_at=seoul(2026, 2, 2))
    median: dict[str, Any] = {"kpi": "average_deal_size", "basis": "median"}
    drain()
    ask(cast, **median, period="2025-Q4", at=NOW)
    assert ask(cast, **median, at=NOW)[0] is None
    Rate.objects.create(currency="USD", day=date(2026, 1, 27), price=1300)
    drain()
    assert ask(cast, **median) == (2600, True)
    assert not ask(cast, **median, period="2025-Q4")[1]


@pytest.mark.usefixtures("won")
def test_the_day_ends(cast: Cast) -> None:
    tomorrow = cast.company.calendar.start_of(date(2026, 2, 17))
    assert ask(cast, at=tomorrow - timedelta(microseconds=1)) == (30, False)
    assert ask(cast, at=tomorrow) == (30, True)


@pytest.mark.usefixtures("won")
def test_nothing_is_recalled_for_an_earlier_instant(cast: Cast) -> None:
    assert ask(cast, at=NOW - timedelta(hours=1)) == (30, True)


def test_what_the_day_still_brings_is_not_kept(cast: Cast) -> None:
    lead = Lead.objects.create(owner=cast.minsu, created_at=seoul(2026, 2, 2))
    drain()
    rate: dict[str, Any] = {"kpi": "lead_conversion_rate", "period": "2026-02"}
    Lead.objects.filter(pk=lead.pk).update(
        status="converted", converted_at=NOW + timedelta(hours=1)
    )
    drain()
    assert ask(cast, **rate, at=NOW) == (0, True)
    assert ask(cast, **rate, at=NOW + timedelta(hours=2)) == (1, True)


def test_days_in_stage_so_far_run_with_the_clock(cast: Cast) -> None:
    make_deal(cast, cast.minsu)
    drain()
    asked: dict[str, Any] = {"kpi": "stage_dwell", "basis": "open"}
    assert ask(cast, **asked, at=NOW)[1]
    assert ask(cast, **asked)[1]


@pytest.mark.usefixtures("won")
def test_the_tree_of_teams_counts(cast: Cast) -> None:
    asked: dict[str, Any] = {"kpi": "open_deals", "by": "team"}
    ask(cast, **asked, at=NOW)
    Team.objects.filter(slug="seoul-1").update(parent=cast.teams["busan"])
    drain()
    assert ask(cast, **asked)[1]


def test_so_do_stages_and_activities(cast: Cast) -> None:
    make_deal(cast, cast.minsu, 2, amount=100)
    drain()
    ask(cast, "weighted_pipeline", at=NOW)
    Stage.objects.update(probability="0.5")
    drain()
    assert ask(cast, "weighted_pipeline") == (50, True)
    lead = Lead.objects.create(owner=cast.minsu, created_at=seoul(2026, 2, 2))
    drain()
    ask(cast, "lead_response_time", at=NOW)
    Activity.objects.create(kind="call", at=seoul(2026, 2, 2, 3), person=cast.minsu, lead=lead)
    drain()
    assert ask(cast, "lead_response_time") == (3, True)


def test_what_was_read_before_a_drain_is_not_kept_after_it(
    cast: Cast, won: Deal, monkeypatch: pytest.MonkeyPatch
) -> None:
    awaited = remembering._Awaited.moves

    def edited_meanwhile(*given: Any) -> bool:
        Deal.objects.filter(pk=won.pk).update(created_at=seoul(2026, 1, 25))
        drain()
        return awaited(*given)

    monkeypatch.setattr(remembering._Awaited, "moves", edited_meanwhile)
    assert ask(cast, period="2026-02", at=NOW)[0] == 30
    monkeypatch.undo()
    assert ask(cast, period="2026-02")[0] == 10


@pytest.mark.usefixtures("won")
def test_another_version_of_the_program_recalls_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_code", lambda: "another")
    assert ask(cast) == (30, True)


@pytest.mark.usefixtures("won")
def test_recomputing_reads_everything_anew(cast: Cast) -> None:
    Recalled.objects.update(cells='{"": "31"}')
    assert ask(cast) == (31, False)
    call_command("recompute", stdout=StringIO())
    assert ask(cast) == (30, True)
