"""What the system itself said at many occasions of the past: one statement over history."""

from __future__ import annotations

import numpy as np
import pandas as pd
from django.db import connection

from pipeline.bulk.stream import CsvStream
from pipeline.bulk.tables import copy_into
from pipeline.demo.plan import Plan

FIGURES = ("closed", "commit", "best_case", "pipeline")


def standing(plan: Plan, currency: str, occasions: pd.DataFrame, people: list[int]) -> pd.DataFrame:
    """The occasions with the amounts of the person's work in the team for the quarter.

    `closed`, `commit`, `best_case` and `pipeline` are Decimals in the company's currency, each
    category alone. Needs a transaction. Stages are taken as they are: the demo's never change.
    """
    columns = ["number", "owner", "team", "first", "last", "day", "at"]
    with connection.cursor() as cursor:
        cursor.execute(_OCCASIONS)
        copy_into("demo_occasion", columns, CsvStream(columns, _asked(plan, occasions, people)))
        cursor.execute(_STANDING, {"currency": currency, "zone": str(plan.calendar.zone)})
        rows = cursor.fetchall()
        cursor.execute("DROP TABLE demo_occasion")
    found = pd.DataFrame(rows, columns=["number", *FIGURES]).set_index("number")
    return occasions.join(found)


def _asked(plan: Plan, occasions: pd.DataFrame, people: list[int]) -> pd.DataFrame:
    starts = np.array([quarter.start for quarter in plan.quarters], dtype=object)
    ends = np.array([quarter.end for quarter in plan.quarters], dtype=object)
    quarter = occasions["quarter"].to_numpy()
    return pd.DataFrame(
        {
            "number": occasions.index,
            "owner": np.array(people)[occasions["person"].to_numpy()],
            "team": occasions["team"],
            "first": starts[quarter],
            "last": ends[quarter],
            "day": occasions["day"].to_numpy().astype("datetime64[D]").astype(object),
            "at": pd.to_datetime(occasions["at"], unit="s", utc=True),
        }
    )


_OCCASIONS = """
CREATE TEMPORARY TABLE demo_occasion (
    number int, owner bigint, team bigint, first date, last date, day date, at timestamptz
) ON COMMIT DROP
"""
# Each state of a deal is a gain when it began and a loss when it ended, so that one walk through
# time, with the occasions in their places, adds up what stood at each.
_STANDING = """
WITH spans AS MATERIALIZED (
    SELECT DISTINCT first, last, first::timestamp AT TIME ZONE %(zone)s AS starts,
        last::timestamp AT TIME ZONE %(zone)s AS ends
    FROM demo_occasion
), states AS MATERIALIZED (
    SELECT owner_id, team_id, first, currency, amount, valid_from, valid_to,
        COALESCE(NULLIF(deal.category, ''), stage.category) AS label
    FROM pipeline_dealversion deal JOIN pipeline_stage stage ON stage.id = deal.stage_id
    JOIN spans ON expected_close >= first AND expected_close < last
    WHERE deal.outcome = 'open' AND amount IS NOT NULL AND NOT deleted
        AND recorded_to = 'infinity'
    UNION ALL
    SELECT owner_id, team_id, first, %(currency)s,
        amount * CASE WHEN deal.currency = %(currency)s THEN 1 ELSE (
            SELECT price FROM pipeline_rate rate WHERE rate.currency = deal.currency
                AND day <= (closed_at AT TIME ZONE %(zone)s)::date
            ORDER BY day DESC LIMIT 1
        ) END,
        valid_from, valid_to, 'won'
    FROM pipeline_dealversion deal JOIN spans ON closed_at >= starts AND closed_at < ends
    WHERE outcome = 'won' AND amount IS NOT NULL AND NOT deleted AND recorded_to = 'infinity'
), steps AS (
    SELECT owner_id, team_id, first, currency, label, valid_from AS at, amount,
        NULL::int AS number, NULL::date AS day
    FROM states
    UNION ALL
    SELECT owner_id, team_id, first, currency, label, valid_to, -amount, NULL, NULL
    FROM states WHERE valid_to < 'infinity'
    UNION ALL
    SELECT owner, team, first, currency, NULL, at, NULL, number, day
    FROM demo_occasion CROSS JOIN (SELECT DISTINCT currency FROM states) currencies
), stood AS (
    SELECT number, day, currency,
        sum(amount) FILTER (WHERE label = 'won') OVER walk AS closed,
        sum(amount) FILTER (WHERE label IN ('commit', 'closed')) OVER walk AS commit,
        sum(amount) FILTER (WHERE label = 'best_case') OVER walk AS best_case,
        sum(amount) FILTER (WHERE label = 'pipeline') OVER walk AS pipeline
    FROM steps
    WINDOW walk AS (PARTITION BY owner_id, team_id, first, currency ORDER BY at)
), priced AS (
    SELECT *, CASE WHEN currency = %(currency)s THEN 1 ELSE (
        SELECT price FROM pipeline_rate rate WHERE rate.currency = stood.currency
            AND rate.day <= stood.day ORDER BY rate.day DESC LIMIT 1
    ) END AS price
    FROM stood WHERE number IS NOT NULL
)
SELECT number, COALESCE(sum(closed * price), 0), COALESCE(sum(commit * price), 0),
    COALESCE(sum(best_case * price), 0), COALESCE(sum(pipeline * price), 0)
FROM priced GROUP BY number
"""
