"""Figures of a range that nobody asked before, against SQL written by hand through psycopg2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from django.db import connection
from django.test.utils import override_settings
from django.utils import timezone

from accounts.models import Company, User
from accounts.scope import home_scope
from benchmarks.results import note
from benchmarks.serving import person
from benchmarks.timing import in_turns
from kpis.evaluate import answer
from kpis.questions import Question
from periods import Period

RANGE = "2025-08-07..2026-05-19"
RATE = """LEFT JOIN LATERAL (
    SELECT price FROM pipeline_rate
    WHERE currency = d.currency AND day <= {day} AND day >= {day} - 7
    ORDER BY day DESC LIMIT 1
) AS rate ON d.currency <> 'KRW'"""
MONEY = "CASE d.currency WHEN 'KRW' THEN d.amount ELSE d.amount * COALESCE(rate.price, 'NaN') END"
CLOSED_DAY = "(d.closed_at AT TIME ZONE 'Asia/Seoul')::date"
IN_RANGE = "d.closed_at >= %(start)s AND d.closed_at < %(end)s"
WON = (
    f"sum({MONEY}) FROM pipeline_deal AS d {RATE.format(day=CLOSED_DAY)} "
    f"WHERE d.outcome = 'won' AND {IN_RANGE}"
)
RATIO = "count(*) FILTER (WHERE d.outcome = 'won')::numeric / count(*) FROM pipeline_deal AS d "
REAL = f"WHERE d.lost_reason NOT IN ('duplicate', 'mistake') AND {IN_RANGE}"
CLOSED = "date_trunc('month', d.closed_at AT TIME ZONE 'Asia/Seoul')"
CREATED = "date_trunc('month', d.created_at AT TIME ZONE 'Asia/Seoul')"
CYCLE = (
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY "
    f"{CLOSED_DAY} - (COALESCE(d.first_contact_at, d.created_at) AT TIME ZONE 'Asia/Seoul')::date)"
    f" FROM pipeline_deal AS d WHERE d.outcome = 'won' AND {IN_RANGE}"
)
LEADS = "FROM pipeline_lead AS d WHERE d.created_at >= %(start)s AND d.created_at < %(end)s"
CONVERSION = (
    "count(*) FILTER (WHERE d.converted_at < now())::numeric / NULLIF(count(*), 0) " + LEADS
)


@dataclass(frozen=True)
class Case:
    """One figure; `sql` has a row for each part with its value last, or one row without parts."""

    kpi: str
    by: str
    sql: str


CASES = (
    Case("won_revenue", "", f"SELECT {WON}"),
    Case("won_revenue", "rep", f"SELECT d.owner_id, {WON} GROUP BY 1"),
    Case("won_revenue", "month", f"SELECT {CLOSED}, {WON} GROUP BY 1"),
    Case("win_rate", "rep", f"SELECT d.owner_id, {RATIO}{REAL} GROUP BY 1"),
    Case("sales_cycle", "rep", f"SELECT d.owner_id, {CYCLE} GROUP BY 1"),
    Case("sales_cycle", "month", f"SELECT {CLOSED}, {CYCLE} GROUP BY 1"),
    Case(
        "lead_volume",
        "month",
        f"SELECT {CREATED}, count(*) {LEADS} GROUP BY 1",
    ),
    Case("lead_conversion_rate", "rep", f"SELECT d.owner_id, {CONVERSION} GROUP BY 1"),
)


def measure(rounds: int) -> None:
    """Print a line for each figure; `over` is what lies above 1.3 times the SQL by hand."""
    at, viewer = timezone.now(), person("executive")
    period = Company.current().calendar.parse(RANGE, at=at)
    heads = f"{'by hand':>9}{'figure':>9}{'ratio':>7}{'over':>8}"
    print(f"{'milliseconds, median, of ' + RANGE:48}{heads}")
    # As in a request, which reads the company once.
    with Company.read_once():
        over = [_over(case, period, viewer, at, rounds) for case in CASES]
    note("an arbitrary range, over 1.3 times the SQL by hand: median", "ms", median(over))
    note("an arbitrary range, over 1.3 times the SQL by hand: most", "ms", max(over))


def _over(case: Case, period: Period, viewer: User, at: datetime, rounds: int) -> float:
    """By how many milliseconds it takes longer than 1.3 times the SQL by hand; prints it."""
    question = Question(case.kpi, home_scope(viewer), period, by=case.by)
    spans = {"start": period.starts_at, "end": period.ends_at}

    def by_hand() -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(case.sql, spans)
            return cursor.fetchall()

    def asked() -> Any:
        with override_settings(STORED_VALUES=False):
            return answer([question], viewer=viewer, at=at)[0]

    _check(case, by_hand(), asked())
    times = in_turns({"hand": by_hand, "figure": asked}, rounds)
    hand, figure = times["hand"], times["figure"]
    name = f"{case.kpi} by {case.by}" if case.by else case.kpi
    over = figure - 1.3 * hand
    print(f"{name:48}{hand:9.1f}{figure:9.1f}{figure / hand:7.2f}{over:8.1f}", flush=True)
    return over


def _check(case: Case, by_hand: list[tuple[Any, ...]], found: Any) -> None:
    """The same values, whatever their parts are called."""
    expected = sorted(float(row[-1] or 0) for row in by_hand)
    values = [row.result.value for row in found.rows] if case.by else [found.value]
    given = sorted(float(value or 0) for value in values)
    if any(abs(a - b) > 0.01 for a, b in zip(expected[::-1], given[::-1], strict=False)):
        raise AssertionError(f"{case.kpi} by {case.by}: {given[-3:]} is not {expected[-3:]}")
