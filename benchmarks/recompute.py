"""Filling all stored values anew, against SQL by hand that writes the same rows."""

from __future__ import annotations

import time

from django.db import connection
from django.utils import timezone

from benchmarks.ranges import CLOSED_DAY, MONEY, RATE
from benchmarks.results import note
from kpis.models import StoredUnit, StoredValue
from kpis.storage.columns import columns
from kpis.storage.keeping import fill

TABLE = StoredValue._meta.db_table
KEYS = "level, unit, start, team_id, owner_id"
RATED = f"pipeline_deal AS d {RATE.format(day=CLOSED_DAY)}"
# What a lost deal was worth when it was last open.
HOPED = """LEFT JOIN LATERAL (
    SELECT amount FROM pipeline_dealversion
    WHERE row_id = d.id AND recorded_to = 'infinity' AND outcome = 'open' AND NOT deleted
    ORDER BY valid_from DESC LIMIT 1
) AS hoped ON d.outcome = 'lost'"""
AT_STAKE = MONEY.replace("d.amount", "COALESCE(hoped.amount, d.amount)")
REAL = "d.lost_reason NOT IN ('duplicate', 'mistake')"
FIRST = """d.customer_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM pipeline_deal AS e WHERE e.outcome = 'won' AND e.customer_id = d.customer_id
        AND (e.closed_at, e.id) < (d.closed_at, d.id))"""
COST = """pipeline_cost AS d LEFT JOIN LATERAL (
    SELECT price FROM pipeline_rate
    WHERE currency = d.currency AND day <= d.day AND day >= d.day - 7 ORDER BY day DESC LIMIT 1
) AS rate ON d.currency <> 'KRW'"""
# What each source comes to: its columns, its rows and the instant or day that dates them.
SOURCES = (
    (
        {
            "won_deals": "count(*) FILTER (WHERE d.outcome = 'won')",
            "won_amount": f"sum({MONEY}) FILTER (WHERE d.outcome = 'won')",
            "resolved_deals": f"count(*) FILTER (WHERE {REAL})",
            "resolved_amount": f"sum({AT_STAKE}) FILTER (WHERE {REAL})",
            "first_wins": f"count(*) FILTER (WHERE d.outcome = 'won' AND {FIRST})",
        },
        f"{RATED} {HOPED}",
        "d.closed_at AT TIME ZONE 'Asia/Seoul'",
    ),
    (
        {
            "new_deals": "count(*)",
            "new_real_deals": f"count(*) FILTER (WHERE {REAL})",
            "created_and_won": "count(*) FILTER (WHERE d.outcome = 'won')",
        },
        "pipeline_deal AS d",
        "d.created_at AT TIME ZONE 'Asia/Seoul'",
    ),
    (
        {"leads_created": "count(*)"},
        "pipeline_lead AS d",
        "d.created_at AT TIME ZONE 'Asia/Seoul'",
    ),
    (
        {"leads_converted": "count(*)"},
        "pipeline_lead AS d",
        "d.converted_at AT TIME ZONE 'Asia/Seoul'",
    ),
    ({"acquisition_cost": f"sum({MONEY})"}, COST, "d.day"),
)


def measure(_rounds: int) -> None:
    """Print both, once each: they take long."""
    now = timezone.now()
    began = time.perf_counter()
    spans = sum(len(filled.spans) for filled in fill(at=now, before=now))
    taken = time.perf_counter() - began
    began = time.perf_counter()
    rows = _by_hand()
    by_hand = time.perf_counter() - began
    print(f"{spans} months and weeks, {StoredValue.objects.count()} rows stored, {rows} by hand")
    print(f"{'filling them all':48}{taken:9.1f} s")
    print(f"{'the same rows by hand':48}{by_hand:9.1f} s{taken / by_hand:7.2f} ×")
    note("full recompute against SQL by hand", "×", taken / by_hand)


def _by_hand() -> int:
    """The leaves of all months and weeks at once, then what they add up to."""
    names = ", ".join(columns())
    sums = ", ".join(f"sum({name})" for name in columns())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE by_hand (LIKE {TABLE} INCLUDING ALL)")
        cursor.execute(
            f"INSERT INTO by_hand ({KEYS}, {names}) "
            f"SELECT 'leaf', unit, start, team, owner, {sums} FROM ({_union()}) AS found "
            "GROUP BY 2, 3, 4, 5"
        )
        cursor.execute(
            f"INSERT INTO by_hand ({KEYS}, {names}) "
            "SELECT CASE WHEN GROUPING(team_id) = 1 THEN 'company' ELSE 'team' END, "
            f"unit, start, team_id, NULL, {sums} FROM by_hand WHERE level = 'leaf' "
            "GROUP BY GROUPING SETS ((unit, start, team_id), (unit, start))"
        )
        cursor.execute("SELECT count(*) FROM by_hand")
        found = int(cursor.fetchone()[0])
        cursor.execute("DROP TABLE by_hand")
    return found


def _union() -> str:
    earliest = StoredUnit.objects.earliest("start").start
    return " UNION ALL ".join(
        _leaves(unit, *source) + f" HAVING date_trunc('{unit}', max({source[2]})) >= '{earliest}'"
        for unit in ("month", "week")
        for source in SOURCES
    )


def _leaves(unit: str, values: dict[str, str], rows: str, date: str) -> str:
    owner = "NULL::bigint" if rows is COST else "d.owner_id"
    kinds = "d.kind IN ('marketing', 'sales', 'labour') AND " if rows is COST else ""
    found = ", ".join(f"({values.get(name, 'NULL')})::numeric AS {name}" for name in columns())
    return (
        f"SELECT '{unit}' AS unit, date_trunc('{unit}', {date})::date AS start, "
        f"d.team_id AS team, {owner} AS owner, {found} FROM {rows} "
        f"WHERE {kinds}{date} IS NOT NULL GROUP BY 1, 2, 3, 4"
    )
