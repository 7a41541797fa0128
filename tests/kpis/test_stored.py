"""Stored values always equal the facts, and are read only when that is sure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Company
from accounts.scope import resolve
from kpis.drain import drain
from kpis.evaluate import answer
from kpis.models import StoredUnit, StoredValue, Unit
from kpis.questions import Question
from kpis.storage import keeping
from kpis.storage.checks import check_columns, faults
from kpis.storage.columns import reading_of, sources, sql_for, sql_of
from kpis.storage.filling import Filling
from kpis.storage.units import StoredSpan
from pipeline.models import Cost, CostKind, Customer, Deal, Lead, LeadStatus, Rate, Touched
from tests.cast import Cast, make_customer, make_deal, seoul

NOW = seoul(2026, 2, 16, 12)
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


@pytest.fixture(autouse=True)
def switched_on(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STORED_VALUES = True
    monkeypatch.setattr(keeping, "MONTHS_AHEAD", 1)
    monkeypatch.setattr(keeping, "MONTHS_AT_LEAST", 1)
    monkeypatch.setattr(keeping, "MONTHS_BEFORE_FACTS", 0)


def fill(at: datetime = NOW) -> int:
    """Complete what is incomplete; answers how many spans that were."""
    return len(list(keeping.fill(at=at, before=keeping.EVER)))


def differing() -> dict[StoredSpan, int]:
    """Every complete span whose rows are not what the facts say, after making them so."""
    company = Company.current()
    filling = Filling(sources(), company.calendar, company.currency)
    spans = [StoredSpan(Unit(unit.unit), unit.start) for unit in StoredUnit.objects.all()]
    found = {span: filling.whole(span) for span in spans}
    return {span: rows for span, rows in found.items() if rows}


def question(cast: Cast, picks: tuple[str, ...]) -> Question:
    kpi, basis, code, period, by, compare = picks
    scope = resolve(f"user:{cast.minsu.pk}" if code == "user" else code, cast.eunji)
    span = cast.company.calendar.parse(period, at=NOW)
    return Question(kpi, scope, span, basis=basis, by=by, compare=compare)


def answers(cast: Cast, some: list[Question]) -> list[Any]:
    found = answer(some, viewer=cast.eunji, at=NOW)
    return [(one.question, one.result, one.rows, one.comparison) for one in found]


def ask(cast: Cast, kpi: str, period: str = "2026-Q1", **options: Any) -> tuple[Any, int]:
    """The answer's value, and how many statements it took to read the facts or stored values."""
    span = cast.company.calendar.parse(period, at=NOW)
    asked = Question(kpi, resolve("company", cast.eunji), span, **options)
    with CaptureQueriesContext(connection) as queries:
        (found,) = answer([asked], viewer=cast.eunji, at=NOW)
    reads = [query["sql"] for query in queries if "pipeline_deal" in query["sql"]]
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
    assert len(list(keeping.fill(at=NOW, before=NOW))) == first.remaining


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


# Random edits

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
