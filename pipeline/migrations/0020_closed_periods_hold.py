"""What a change of a row concerns, by business days, and what holds those of closed periods."""

from __future__ import annotations

from django.db import migrations

# Each says which days' figures a change from one state of a row to another moves; one of the two
# is null where the row is new or gone.
_HEAD = """
CREATE FUNCTION pipeline_days_of_{fact}(before pipeline_{fact}, after pipeline_{fact})
RETURNS datemultirange LANGUAGE sql STABLE AS $$
"""

DAY = """
CREATE FUNCTION pipeline_day_of(instant timestamptz) RETURNS datemultirange
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN instant IS NULL THEN '{}' ELSE datemultirange(daterange(day, day + 1)) END
    FROM (SELECT (instant AT TIME ZONE COALESCE(
        (SELECT time_zone FROM accounts_company LIMIT 1), 'Asia/Seoul'))::date) local (day)
$$;
"""

# A closed deal is what it was. Who works an open one, and how far, is told by the present; what it
# is and when it began, by the period in which it began.
DEAL = """
SELECT
    CASE WHEN ROW((before).closed_at, (before).outcome, (before).stage_id, (before).amount,
            (before).currency, (before).customer_id, (before).owner_id, (before).team_id,
            (before).kind, (before).source_id, (before).category, (before).lost_reason,
            (before).created_at, (before).first_contact_at)
        IS DISTINCT FROM ROW((after).closed_at, (after).outcome, (after).stage_id, (after).amount,
            (after).currency, (after).customer_id, (after).owner_id, (after).team_id,
            (after).kind, (after).source_id, (after).category, (after).lost_reason,
            (after).created_at, (after).first_contact_at)
    THEN pipeline_day_of((before).closed_at) + pipeline_day_of((after).closed_at) ELSE '{}' END
    + CASE WHEN ROW((before).created_at, (before).customer_id, (before).kind, (before).source_id)
        IS DISTINCT FROM
        ROW((after).created_at, (after).customer_id, (after).kind, (after).source_id)
    THEN pipeline_day_of((before).created_at) + pipeline_day_of((after).created_at) ELSE '{}' END
"""

DEALLINE = """
SELECT COALESCE(range_agg(closed), '{}')
FROM pipeline_deal deal CROSS JOIN LATERAL unnest(pipeline_day_of(deal.closed_at)) closed
WHERE deal.id IN ((before).deal_id, (after).deal_id)
    AND ROW((before).deal_id, (before).product_id, (before).quantity, (before).amount)
    IS DISTINCT FROM ROW((after).deal_id, (after).product_id, (after).quantity, (after).amount)
"""

# Figures by segment take a customer's present one: of its deals, contracts and costs.
CUSTOMER = """
SELECT COALESCE(range_agg(day), '{}') FROM (
    SELECT unnest(pipeline_day_of(closed_at) + pipeline_day_of(created_at))
        FROM pipeline_deal WHERE customer_id = (before).id
    UNION ALL SELECT daterange(start, "end", '[]') FROM pipeline_contract
        WHERE customer_id = (before).id AND NOT is_trial
    UNION ALL SELECT daterange(day, day + 1) FROM pipeline_cost WHERE customer_id = (before).id
) moved (day)
WHERE (after).id IS NULL OR ROW((before).industry, (before).size_band, (before).region)
    IS DISTINCT FROM ROW((after).industry, (after).size_band, (after).region)
"""

# Who has a contract is asked of every day that it runs. One that ends on another day than was
# thought moves the days between, unless its value is spread over the days until its end.
CONTRACT = """
SELECT CASE
    WHEN ROW((before).customer_id, (before).owner_id, (before).team_id, (before).start,
            (before).value, (before).monthly_price, (before).currency, (before).billing,
            (before).schedule, (before).auto_renew, (before).term_months, (before).is_trial)
        IS DISTINCT FROM ROW((after).customer_id, (after).owner_id, (after).team_id,
            (after).start, (after).value, (after).monthly_price, (after).currency,
            (after).billing, (after).schedule, (after).auto_renew, (after).term_months,
            (after).is_trial)
        OR ((before)."end" IS DISTINCT FROM (after)."end"
            AND (before).value IS NOT NULL AND NOT (before).auto_renew)
    THEN
        CASE WHEN (before).id IS NULL THEN '{}'
            ELSE datemultirange(daterange((before).start, (before)."end", '[]')) END
        + CASE WHEN (after).id IS NULL THEN '{}'
            ELSE datemultirange(daterange((after).start, (after)."end", '[]')) END
    WHEN (before)."end" IS DISTINCT FROM (after)."end"
    THEN datemultirange(daterange(
        LEAST((before)."end", (after)."end"),
        GREATEST(COALESCE((before)."end", 'infinity'), COALESCE((after)."end", 'infinity')), '[]'))
    ELSE '{}' END
    + COALESCE((SELECT range_agg(daterange(renewed."end", renewed."end", '[]'))
        FROM pipeline_contract renewed
        WHERE renewed.id IN ((before).renews_id, (after).renews_id) AND renewed."end" IS NOT NULL
            AND (before).renews_id IS DISTINCT FROM (after).renews_id), '{}')
"""

LEAD = """
SELECT
    CASE WHEN ROW((before).converted_at, (before).created_at, (before).owner_id, (before).team_id,
            (before).source_id, (before).status, (before).industry, (before).size_band,
            (before).region)
        IS DISTINCT FROM ROW((after).converted_at, (after).created_at, (after).owner_id,
            (after).team_id, (after).source_id, (after).status, (after).industry,
            (after).size_band, (after).region)
    THEN pipeline_day_of((before).converted_at) + pipeline_day_of((after).converted_at)
    ELSE '{}' END
    + CASE WHEN ROW((before).created_at, (before).source_id, (before).industry,
            (before).size_band, (before).region)
        IS DISTINCT FROM ROW((after).created_at, (after).source_id, (after).industry,
            (after).size_band, (after).region)
    THEN pipeline_day_of((before).created_at) + pipeline_day_of((after).created_at) ELSE '{}' END
"""

ACTIVITY = """
SELECT CASE WHEN ROW((before).at, (before).lead_id) IS DISTINCT FROM ROW((after).at, (after).lead_id)
    THEN pipeline_day_of((before).at) + pipeline_day_of((after).at) ELSE '{}' END
"""

COST = """
SELECT CASE WHEN ROW((before).kind, (before).day, (before).amount, (before).currency,
            (before).team_id, (before).source_id, (before).deal_id, (before).customer_id,
            (before).product_id)
        IS DISTINCT FROM ROW((after).kind, (after).day, (after).amount, (after).currency,
            (after).team_id, (after).source_id, (after).deal_id, (after).customer_id,
            (after).product_id)
    THEN COALESCE((SELECT range_agg(daterange(day, day + 1)) FROM (
        VALUES ((before).day), ((after).day)) days (day) WHERE day IS NOT NULL), '{}')
    ELSE '{}' END
"""

VISIT = """
SELECT CASE WHEN ROW((before).day, (before).source_id, (before).visits)
        IS DISTINCT FROM ROW((after).day, (after).source_id, (after).visits)
    THEN COALESCE((SELECT range_agg(daterange(day, day + 1)) FROM (
        VALUES ((before).day), ((after).day)) days (day) WHERE day IS NOT NULL), '{}')
    ELSE '{}' END
"""

# A price is in force until the next one, for seven days at most.
RATE = """
SELECT COALESCE(range_agg(daterange(state.day, LEAST(state.day + 8, (
        SELECT min(day) FROM pipeline_rate next
        WHERE next.currency = state.currency AND next.day > state.day)))), '{}')
FROM (VALUES ((before).currency, (before).day), ((after).currency, (after).day))
    state (currency, day)
WHERE state.day IS NOT NULL AND ROW((before).currency, (before).day, (before).price)
    IS DISTINCT FROM ROW((after).currency, (after).day, (after).price)
"""

# A target belongs where its last day does: that of a year is open while one of its quarters is.
TARGET = """
SELECT COALESCE(range_agg(daterange("end" - 1, "end")), '{}')
FROM (VALUES ((before)."end"), ((after)."end")) state ("end")
WHERE "end" IS NOT NULL AND ROW((before).kpi, (before).team_id, (before).user_id, (before).start,
        (before)."end", (before).value, (before).filters, (before).weight)
    IS DISTINCT FROM ROW((after).kpi, (after).team_id, (after).user_id, (after).start,
        (after)."end", (after).value, (after).filters, (after).weight)
"""

BODIES = {
    "deal": DEAL,
    "dealline": DEALLINE,
    "customer": CUSTOMER,
    "contract": CONTRACT,
    "lead": LEAD,
    "activity": ACTIVITY,
    "cost": COST,
    "visit": VISIT,
    "rate": RATE,
    "target": TARGET,
}

# The reason is set by who may give one (pipeline.actions.closed); a shell or psql may set it too.
HOLD = """
CREATE FUNCTION pipeline_hold(fact text, days datemultirange) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    why text := NULLIF(current_setting('salesdash.reason', true), '');
    codes text;
BEGIN
    SELECT string_agg(code, ', ' ORDER BY start, code) INTO codes FROM pipeline_closing
        WHERE reopened_at IS NULL AND daterange(start, "end") && days;
    IF codes IS NULL THEN
        RETURN;
    END IF;
    IF why IS NULL THEN
        RAISE EXCEPTION '% is closed. Give a reason (salesdash.reason) to change it.', codes
            USING ERRCODE = 'SD001', DETAIL = codes;
    END IF;
    INSERT INTO pipeline_latechange (closing_id, fact, reason, by_id, at, transaction)
    SELECT closing.id, fact, left(why, 300),
        NULLIF(current_setting('salesdash.actor', true), '')::bigint,
        COALESCE(NULLIF(current_setting('salesdash.moment', true), '')::timestamptz, now()),
        pg_current_xact_id()::text::bigint
    FROM pipeline_closing closing
    WHERE reopened_at IS NULL AND daterange(start, "end") && days AND NOT EXISTS (
        SELECT FROM pipeline_latechange kept WHERE kept.closing_id = closing.id
            AND kept.transaction = pg_current_xact_id()::text::bigint
            AND kept.fact = pipeline_hold.fact AND kept.reason = left(why, 300));
END
$$;
"""


def _functions() -> list[migrations.RunSQL]:
    made = [migrations.RunSQL(DAY, "DROP FUNCTION pipeline_day_of(timestamptz);")]
    for fact, body in BODIES.items():
        arguments = f"pipeline_{fact}, pipeline_{fact}"
        made.append(
            migrations.RunSQL(
                f"{_HEAD.format(fact=fact)}{body}$$;",
                f"DROP FUNCTION pipeline_days_of_{fact}({arguments});",
            )
        )
    return [*made, migrations.RunSQL(HOLD, "DROP FUNCTION pipeline_hold(text, datemultirange);")]


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0019_what_was_corrected")]

    operations = _functions()
