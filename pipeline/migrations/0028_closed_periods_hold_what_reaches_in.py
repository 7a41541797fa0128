"""A closed period is held against changes before it as well, as far as they reach into it.

What customers are worth and how many are kept is told of the twelve months that end with a period;
whether a customer is new or existing, of all wins before.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import migrations

_CONTRACT: str = import_module("pipeline.migrations.0026_contracts_say_when_they_count").HOLD
BEFORE: dict[str, str] = {
    **import_module("pipeline.migrations.0020_closed_periods_hold").BODIES,
    "contract": _CONTRACT.partition("AS $$")[2].rpartition("$$;")[0],
}

# Each span with the days of whose twelve months it is part.
A_YEAR_ON = """
CREATE FUNCTION pipeline_a_year_on(days datemultirange) RETURNS datemultirange
LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(range_agg(daterange(lower(day), (upper(day) + interval '1 year')::date)), '{}')
    FROM unnest(days) day
$$;
"""

# A win is one of its customer's first twelve months, and makes later ones those of an existing one.
DEAL = f"""{BEFORE["deal"]}
    + CASE WHEN 'won' IN ((before).outcome, (after).outcome)
        AND ROW((before).closed_at, (before).outcome, (before).amount, (before).currency,
            (before).customer_id, (before).owner_id, (before).team_id)
        IS DISTINCT FROM ROW((after).closed_at, (after).outcome, (after).amount,
            (after).currency, (after).customer_id, (after).owner_id, (after).team_id)
    THEN pipeline_a_year_on(
            pipeline_day_of((before).closed_at) + pipeline_day_of((after).closed_at))
        + CASE WHEN ROW((before).closed_at, (before).outcome, (before).customer_id)
            IS DISTINCT FROM ROW((after).closed_at, (after).outcome, (after).customer_id)
        THEN COALESCE((
            SELECT range_agg(day) FROM pipeline_deal later
            CROSS JOIN LATERAL unnest(pipeline_a_year_on(pipeline_day_of(later.closed_at))) day
            WHERE later.customer_id IN ((before).customer_id, (after).customer_id)
                AND later.outcome = 'won'
                AND later.closed_at >= LEAST((before).closed_at, (after).closed_at)), '{{}}')
        ELSE '{{}}' END
    ELSE '{{}}' END
"""

CUSTOMER = """
SELECT COALESCE(range_agg(day), '{}') FROM (
    SELECT unnest(pipeline_a_year_on(pipeline_day_of(closed_at)) + pipeline_day_of(created_at))
        FROM pipeline_deal WHERE customer_id = (before).id
    UNION ALL SELECT unnest(pipeline_a_year_on(datemultirange(daterange(start, "end", '[]'))))
        FROM pipeline_contract WHERE customer_id = (before).id AND NOT is_trial
    UNION ALL SELECT unnest(pipeline_a_year_on(datemultirange(daterange(day, day + 1))))
        FROM pipeline_cost WHERE customer_id = (before).id
) moved (day)
WHERE (after).id IS NULL OR ROW((before).industry, (before).size_band, (before).region)
    IS DISTINCT FROM ROW((after).industry, (after).size_band, (after).region)
"""

CONTRACT = f"""SELECT pipeline_a_year_on(days) FROM ({BEFORE["contract"]}) moved (days)
"""

COST = f"""SELECT CASE WHEN 'delivery' IN ((before).kind, (after).kind)
    THEN pipeline_a_year_on(days) ELSE days END FROM ({BEFORE["cost"]}) moved (days)
"""

# The twelve months after are concerned where something counts at the rate of these days.
RATE = f"""SELECT days + COALESCE((
    SELECT range_agg(day) FROM (
        SELECT unnest(pipeline_a_year_on(pipeline_day_of(closed_at))) FROM pipeline_deal
        WHERE outcome = 'won' AND currency IN ((before).currency, (after).currency)
            AND pipeline_day_of(closed_at) && days
        UNION ALL SELECT unnest(pipeline_a_year_on(datemultirange(daterange(day, day + 1))))
        FROM pipeline_cost WHERE kind = 'delivery' AND days @> day
            AND currency IN ((before).currency, (after).currency)
    ) counted (day)), '{{}}') FROM ({BEFORE["rate"]}) moved (days)
"""

BODIES = {"deal": DEAL, "customer": CUSTOMER, "contract": CONTRACT, "cost": COST, "rate": RATE}

_FUNCTION = """
CREATE OR REPLACE FUNCTION pipeline_days_of_{fact}(before pipeline_{fact}, after pipeline_{fact})
RETURNS datemultirange LANGUAGE sql STABLE AS $$ {body} $$;
"""


def _functions() -> list[Any]:
    return [
        migrations.RunSQL(
            _FUNCTION.format(fact=fact, body=body),
            _FUNCTION.format(fact=fact, body=BEFORE[fact]),
        )
        for fact, body in BODIES.items()
    ]


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0027_which_deals_were_told_late")]

    operations = [
        migrations.RunSQL(A_YEAR_ON, "DROP FUNCTION pipeline_a_year_on(datemultirange);"),
        *_functions(),
    ]
