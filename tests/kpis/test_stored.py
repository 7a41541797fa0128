"""Stored values always equal the facts, and are read only when that is sure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Company
from accounts.scope import resolve
from kpis.drain import drain
from kpis.evaluate import answer
from kpis.models import StoredValue
from kpis.questions import Question
from kpis.storage import keeping
from kpis.storage.checks import check_columns, faults
from kpis.storage.columns import reading_of, sources, sql_for, sql_of
from kpis.storage.reach import reach
from pipeline.models import Cost, CostKind, Deal, Rate, Touched
from tests.cast import Cast, make_customer, make_deal, seoul
from tests.kpis.storing import NOW, differing, fill

pytestmark = pytest.mark.usefixtures("stored_values")


def ask(cast: Cast, kpi: str, period: str = "2026-Q1", **options: Any) -> tuple[Any, int]:
    """The answer's value, and how many statements read it from the facts.

    One that only names a missing exchange rate does not count.
    """
    span = cast.company.calendar.parse(period, at=NOW)
    asked = Question(kpi, resolve("company", cast.eunji), span, **options)
    with CaptureQueriesContext(connection) as queries:
        (found,) = answer([asked], viewer=cast.eunji, at=NOW)
    reads = [
        query["sql"]
        for query in queries
        if "pipeline_deal" in query["sql"] and not query["sql"].endswith("LIMIT 1")
    ]
    return found.value, len(reads)


def test_a_filled_figure_is_read_without_the_facts(cast: Cast) -> None:
    make_deal(cast, cast.minsu, cast.won, amount=700)
    drain()
    fill()
    assert ask(cast, "won_revenue") == (700, 0)


def test_an_edit_is_seen_before_and_after_it_is_drained(cast: Cast) -> None:
    deal = make_deal(cast, cast.minsu, cast.won, amount=700)
    drain()
    fill()
    Deal.objects.filter(pk=deal.pk).update(amount=900)
    assert ask(cast, "won_revenue") == (900, 1)
    drain()
    assert ask(cast, "won_revenue") == (900, 0)


def test_only_the_touched_values_are_written(cast: Cast) -> None:
    deal = make_deal(cast, cast.minsu, cast.won, created_at=seoul(2026, 1, 5))
    make_deal(cast, cast.bora, cast.won)
    drain()
    fill()
    before = dict(StoredValue.objects.values_list("pk", "won_amount"))
    Deal.objects.filter(pk=deal.pk).update(amount=5)
    drain()
    after = dict(StoredValue.objects.values_list("pk", "won_amount"))
    changed = StoredValue.objects.filter(pk__in=[pk for pk in after if before[pk] != after[pk]])
    assert {row.level for row in changed} == {"leaf", "team", "company"}
    assert not changed.filter(owner=cast.bora).exists()
    assert {(row.unit, row.start) for row in changed} == {
        ("month", date(2026, 2, 1)),
        ("week", date(2026, 2, 2)),
    }


def test_a_first_win_moves_that_of_another_owner(cast: Cast) -> None:
    customer = make_customer()
    Cost.objects.create(kind=CostKind.SALES, day=date(2026, 1, 1), amount=600)
    make_deal(cast, cast.bora, cast.won, customer=customer, closed_at=seoul(2026, 2, 3))
    drain()
    fill()
    assert ask(cast, "cac", "2026-02")[0] is None
    assert ask(cast, "cac")[0] == 600
    make_deal(cast, cast.minsu, cast.won, customer=customer, closed_at=seoul(2026, 1, 9))
    drain()
    assert ask(cast, "cac", "2026-01") == (600, 0)
    assert differing() == {}


def test_first_wins_are_right_whichever_of_a_customers_wins_change(cast: Cast) -> None:
    customer = make_customer()
    owners = (cast.minsu, cast.bora, cast.jiwoo)
    wins = [
        make_deal(
            cast,
            owner,
            cast.won,
            customer=customer,
            closed_at=seoul(2025, month, 1),
            created_at=None,
        )
        for month, owner in enumerate(owners * 3, start=1)
    ]
    drain()
    fill()
    Deal.objects.filter(pk__in=[wins[0].pk, wins[2].pk]).update(closed_at=seoul(2026, 1, 5))
    wins[1].delete()
    drain()
    assert differing() == {}
    Deal.objects.filter(pk=wins[0].pk).update(closed_at=seoul(2024, 12, 31))
    drain()
    assert differing() == {}


def test_an_edit_of_a_great_customers_deal_reaches_only_its_first_wins(cast: Cast) -> None:
    customer = make_customer()
    for month in range(1, 13):
        make_deal(cast, cast.bora, cast.won, customer=customer, closed_at=seoul(2025, month, 1))
    drain()
    Deal.objects.filter(closed_at=seoul(2025, 12, 1)).update(amount=7)
    (mark, _after) = Touched.objects.all()
    calendar = cast.company.calendar
    months = {span.start.month for span in reach([mark], calendar).all_spans}
    assert {1, 2, 12} <= months
    assert not {4, 5, 6, 7, 8, 9, 10} & months


def test_a_new_rate_moves_the_days_that_it_serves(cast: Cast) -> None:
    make_deal(cast, cast.minsu, cast.won, amount=2, currency="USD", closed_at=seoul(2026, 2, 2))
    drain()
    fill()
    assert ask(cast, "won_revenue")[0] is None
    Rate.objects.create(currency="USD", day=date(2026, 1, 27), price=1300)
    drain()
    assert fill() > 0
    assert ask(cast, "won_revenue") == (2600, 0)


def test_an_unknown_total_is_stored_as_unknown(cast: Cast) -> None:
    make_deal(cast, cast.minsu, cast.won, currency="USD")
    make_deal(cast, cast.minsu, cast.won, amount=5)
    drain()
    fill()
    assert ask(cast, "won_revenue") == (None, 0)


def test_a_bulk_change_sends_readers_to_the_facts_until_it_is_filled(cast: Cast) -> None:
    make_deal(cast, cast.minsu)
    drain()
    fill()
    Touched.objects.create(fact="deal", instants=[])
    assert drain().left_to_fill
    assert ask(cast, "won_revenue") == (0, 1)
    assert fill() > 0
    assert ask(cast, "won_revenue") == (0, 0)


def test_an_edit_of_a_deal_without_dates_touches_nothing(cast: Cast) -> None:
    deal = make_deal(cast, cast.minsu, 2, created_at=None)
    drain()
    fill()
    Deal.objects.filter(pk=deal.pk).update(amount=3)
    assert not drain().left_to_fill


def test_a_date_outside_every_period_stops_no_drain(cast: Cast) -> None:
    drain()
    fill()
    make_deal(cast, cast.minsu, cast.won, closed_at=datetime.fromisoformat("0001-01-01T00:00Z"))
    assert drain().marks > 0


@pytest.mark.parametrize("change", [{"currency": "USD"}, {"time_zone": "America/New_York"}])
def test_values_of_another_currency_or_zone_are_not_read(
    cast: Cast, change: dict[str, str]
) -> None:
    make_deal(cast, cast.minsu, cast.won, amount=700)
    drain()
    fill()
    Company.objects.update(**change)
    cast.company.refresh_from_db()
    assert ask(cast, "won_revenue")[1] == 1
    assert fill() > 0
    assert ask(cast, "won_revenue")[1] == 0
    assert differing() == {}


@pytest.mark.parametrize(
    ("period", "options"),
    [
        ("2026-01-02..2026-01-31", {}),
        ("2026-Q1", {"by": "industry"}),
        ("2026-Q1", {"by": "week"}),
        ("2026-Q1", {"filters": (("kind", "new"),)}),
        ("2026-Q1", {"as_of": NOW}),
        ("2026-Q1", {"known_at": NOW}),
        ("2019", {}),
    ],
)
def test_what_is_not_stored_is_read_from_the_facts(
    cast: Cast, period: str, options: dict[str, Any]
) -> None:
    make_deal(cast, cast.minsu, cast.won, amount=700)
    drain()
    fill()
    assert ask(cast, "won_revenue", period, **options)[1] == 1


def test_the_fiscal_year_may_start_in_any_month(cast: Cast) -> None:
    Company.objects.update(fiscal_year_start=4)
    cast.company.refresh_from_db()
    make_deal(cast, cast.minsu, cast.won, amount=700)
    drain()
    fill()
    assert ask(cast, "won_revenue", "2025-Q4") == (700, 0)


def test_nothing_stored_depends_on_the_present(cast: Cast) -> None:
    period = cast.company.calendar.parse("2026-01", at=NOW)
    instants = (NOW, seoul(2026, 1, 15), seoul(2025, 1, 1), seoul(2027, 1, 1))
    for source in sources():
        told = [sql_of(source, reading_of(period, "KRW", at=at)) for at in instants]
        assert told == [told[0]] * len(told)


@pytest.mark.parametrize("code", ["2026-01", "2026-W47"])
def test_a_period_is_stored_by_the_sql_that_reads_it(cast: Cast, code: str) -> None:
    period = cast.company.calendar.parse(code, at=NOW)
    for source in sources():
        assert sql_for(source, period, "KRW") == sql_of(source, reading_of(period, "KRW"))


def test_every_column_is_an_additive_dated_measure_of_the_catalog() -> None:
    assert check_columns() == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("won_things", "The stored column 'won_things' is no measure of any KPI."),
        ("cycle_mean", "cycle_mean cannot be added up, so it cannot be stored."),
        (
            "open_amount",
            "open_amount has no date that puts its rows into a month, so it cannot be stored.",
        ),
    ],
)
def test_a_wrong_column_is_named(name: str, fault: str) -> None:
    assert list(faults(name)) == [fault]


def test_an_interrupted_filling_goes_on_where_it_stopped(cast: Cast) -> None:
    first = next(keeping.fill(at=NOW, before=NOW))
    later = keeping.fill(at=NOW, before=NOW)
    assert sum(len(filled.spans) for filled in later) == first.remaining > 0


def test_recompute_mends_what_was_changed_past_the_triggers(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    make_deal(cast, cast.minsu, cast.won, amount=700, created_at=seoul(2026, 2, 5))
    drain()
    call_command("recompute")
    StoredValue.objects.filter(level="leaf").update(won_amount=1)
    call_command("recompute", "--since", "2026-02-01")
    assert "2 rows differed" in capsys.readouterr().out
    assert differing() == {}


@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/New_York"])
def test_many_spans_are_filled_as_each_alone(cast: Cast, zone: str) -> None:
    Company.objects.update(time_zone=zone)
    for day in (1, 5, 28):
        for hour in (0, 9, 23):
            closed = seoul(2026, 1, day, hour)
            make_deal(cast, cast.minsu, cast.won, amount=day, closed_at=closed)
        Cost.objects.create(kind=CostKind.SALES, day=date(2026, 2, day), amount=day)
    drain()
    assert fill() > 8
    assert StoredValue.objects.filter(level="company", won_amount__gt=0).count() > 3
    assert differing() == {}


def test_few_facts_are_filled_at_once_and_many_some_months_at_a_time(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_deal(cast, cast.minsu)
    monkeypatch.setattr(keeping, "MONTHS_AT_LEAST", 24)
    waiting = keeping.kept_spans(at=NOW)
    assert len(list(keeping.together(waiting))) == 2
    monkeypatch.setattr(keeping, "BYTES_TOGETHER", 1)
    sizes = [len(spans) for spans in keeping.together(waiting)]
    assert max(sizes) == 4
    assert sizes[0] == 1
    assert sum(sizes) == len(waiting)
