"""KPIs from the facts and from stored values, against SQL written by hand for the one figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from accounts.models import Company, User
from accounts.scope import Scope, home_scope
from benchmarks.timing import in_turns
from dashboards.homes import EXECUTIVE
from dashboards.look import look
from kpis.evaluate import answer
from kpis.questions import Question
from periods import Period
from pipeline.demo.people import EXECUTIVE as EXECUTIVE_SIGN_IN

RATE = """LEFT JOIN LATERAL (
    SELECT price FROM pipeline_rate
    WHERE currency = d.currency AND day <= {day} AND day >= {day} - 7
    ORDER BY day DESC LIMIT 1
) AS rate ON d.currency <> 'KRW'"""
MONEY = "CASE d.currency WHEN 'KRW' THEN d.amount ELSE d.amount * COALESCE(rate.price, 'NaN') END"
CLOSED_DAY = "(d.closed_at AT TIME ZONE 'Asia/Seoul')::date"
OPEN = """JOIN pipeline_stage AS s ON s.id = d.stage_id {rate}
WHERE d.outcome = 'open' AND COALESCE(NULLIF(d.category, ''), s.category) <> 'omitted'"""


@dataclass(frozen=True)
class Case:
    """One figure; `sql` gives it in its first row and column, or a row for each part."""

    name: str
    kpi: str
    sql: str
    period: str = "last-quarter"
    options: tuple[tuple[str, Any], ...] = ()


CASES = (
    Case(
        "won revenue, a quarter",
        "won_revenue",
        f"SELECT sum({MONEY}) FROM pipeline_deal AS d {RATE.format(day=CLOSED_DAY)} "
        "WHERE d.outcome = 'won' AND d.closed_at >= %(start)s AND d.closed_at < %(end)s",
    ),
    Case(
        "won revenue, a year by month",
        "won_revenue",
        "SELECT date_trunc('month', d.closed_at AT TIME ZONE 'Asia/Seoul'), "
        f"sum({MONEY}) FROM pipeline_deal AS d {RATE.format(day=CLOSED_DAY)} "
        "WHERE d.outcome = 'won' AND d.closed_at >= %(start)s AND d.closed_at < %(end)s GROUP BY 1",
        "last-year",
        (("by", "month"),),
    ),
    Case(
        "won revenue, a quarter by rep",
        "won_revenue",
        f"SELECT d.owner_id, sum({MONEY}) FROM pipeline_deal AS d {RATE.format(day=CLOSED_DAY)} "
        "WHERE d.outcome = 'won' AND d.closed_at >= %(start)s AND d.closed_at < %(end)s GROUP BY 1",
        options=(("by", "rep"),),
    ),
    Case(
        "win rate, a quarter",
        "win_rate",
        "SELECT count(*) FILTER (WHERE outcome = 'won')::numeric / count(*) FROM pipeline_deal "
        "WHERE lost_reason NOT IN ('duplicate', 'mistake') "
        "AND closed_at >= %(start)s AND closed_at < %(end)s",
    ),
    Case(
        "median sales cycle, a quarter",
        "sales_cycle",
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY "
        f"{CLOSED_DAY} - (COALESCE(d.first_contact_at, d.created_at) "
        "AT TIME ZONE 'Asia/Seoul')::date) FROM pipeline_deal AS d "
        "WHERE d.outcome = 'won' AND d.closed_at >= %(start)s AND d.closed_at < %(end)s",
    ),
    Case(
        "open pipeline, now",
        "open_pipeline",
        f"SELECT sum({MONEY}) FROM pipeline_deal AS d "
        + OPEN.format(rate=RATE.format(day="(now() AT TIME ZONE 'Asia/Seoul')::date")),
        "this-quarter",
    ),
    Case(
        "open pipeline, a year ago",
        "open_pipeline",
        f"SELECT sum({MONEY}) FROM pipeline_dealversion AS d "
        + OPEN.format(rate=RATE.format(day="%(last)s::date"))
        + " AND d.valid_from <= %(end)s AND d.valid_to > %(end)s"
        " AND NOT d.deleted AND d.recorded_to = 'infinity'",
        "last-year",
    ),
)


def measure(rounds: int) -> None:
    """Print a line for each figure and for the executive's home."""
    at = timezone.now()
    viewer = User.objects.get(email=EXECUTIVE_SIGN_IN.email)
    scope = home_scope(viewer)
    print(
        f"{'milliseconds, median':34}{'by hand':>9}{'live':>9}{'ratio':>7}{'stored':>9}{'ratio':>7}"
    )
    for case in CASES:
        period = Company.current().calendar.parse(case.period, at=at)
        _print_case(case, period, scope, viewer, at, rounds)
    _print_home(viewer, rounds)


def _print_case(
    case: Case, period: Period, scope: Scope, viewer: User, at: datetime, rounds: int
) -> None:
    question = Question(case.kpi, scope, period, **dict(case.options))
    spans = {"start": period.starts_at, "end": period.ends_at, "last": period.last_day}

    def by_hand() -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(case.sql, spans)
            return cursor.fetchall()

    def asked(*, stored: bool) -> Any:
        with override_settings(STORED_VALUES=stored):
            return answer([question], viewer=viewer, at=at)[0]

    figure, expected = asked(stored=False).value, by_hand()[0][-1]
    if not question.by and abs(float(figure) - float(expected)) > 0.01:
        raise AssertionError(f"{case.name}: {figure} is not {expected}")
    times = in_turns(
        {
            "hand": by_hand,
            "live": lambda: asked(stored=False),
            "stored": lambda: asked(stored=True),
        },
        rounds,
    )
    hand, live, stored = times["hand"], times["live"], times["stored"]
    print(
        f"{case.name:34}{hand:9.1f}{live:9.1f}{live / hand:7.1f}{stored:9.1f}{stored / hand:7.1f}"
    )


def _print_home(viewer: User, rounds: int) -> None:
    request = RequestFactory().get("/")
    request.user, request.session = viewer, SessionStore()
    at_home = look(request)
    questions = [question for panel in EXECUTIVE.panels for question in panel.ask(at_home)]

    def answered(*, stored: bool) -> None:
        with override_settings(STORED_VALUES=stored):
            answer(questions, viewer=viewer, at=at_home.at)

    live, stored = in_turns(
        {"live": lambda: answered(stored=False), "stored": lambda: answered(stored=True)}, rounds
    ).values()
    name = f"executive home, {len(questions)} questions"
    print(f"{name:34}{'':9}{live:9.0f}{'':7}{stored:9.0f}")
    for on in (False, True):
        with CaptureQueriesContext(connection) as queries:
            answered(stored=on)
        longest = max(float(query["time"]) for query in queries) * 1000
        way = "stored" if on else "live"
        print(f"    {way}: {len(queries)} statements, the longest {longest:.0f} ms")
