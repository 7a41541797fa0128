"""What contracts bring in by span, in one statement over all of them at once.

The same arithmetic as `terms` and `schedules`, in SQL. Every statement begins with SELECT, so
that whoever looks back reads the contracts as they stood (pipeline.past).
"""

from __future__ import annotations

from forecasting.revenue.schedules import PARTS

_MONTHS = "(12 * extract(year FROM {day}) + extract(month FROM {day}))::bigint"
_MONTH_DAYS = """extract(day FROM make_date(
    extract(year FROM {day})::int, extract(month FROM {day})::int, 1
) + interval '1 month - 1 day')::bigint"""


def _parts(day: str) -> str:
    """schedules.parts in SQL."""
    months, days = _MONTHS.format(day=day), _MONTH_DAYS.format(day=day)
    return f"({PARTS} * {months} + (extract(day FROM {day})::bigint - 1) * ({PARTS} / {days}))"


def _later(day: str, months: str) -> str:
    return f"({day} + make_interval(months => ({months})::int))::date"


def _spread(amount: str, part: str, whole: str, places: str) -> str:
    return f"round({amount}::numeric(40, 20) * ({part}) / ({whole}), {places})"


# Of a contract that lasts whole months without saying so.
_LASTED = f"""({_MONTHS.format(day='contract."end"')} - {_MONTHS.format(day="contract.start")})"""
_WHOLE_MONTHS = f"""CASE
    WHEN {_LASTED} > 0 AND {_later("contract.start", _LASTED)} = contract."end" THEN {_LASTED}
END"""

# Contracts of which something may fall into the spans, with how they go on.
_CONTRACTS = f"""
SELECT contract.*,
    CASE WHEN contract.currency = ANY(%(whole_currencies)s) THEN 0 ELSE 2 END AS places,
    contract.billing = 'recurring' AND COALESCE(contract.term_months, 0) > 0
        AND (contract.auto_renew OR contract."end" IS NULL) AS rolls,
    contract.billing = 'recurring' AND NOT contract.auto_renew
        AND contract."end" > GREATEST(%(today)s::date, contract.start)
        AND NOT EXISTS (
            SELECT FROM "pipeline_contract" following WHERE following.renews_id = contract.id
        ) AS renewable,
    COALESCE(NULLIF(contract.term_months, 0), {_WHOLE_MONTHS}) AS months,
    {_MONTHS.format(day="%(until)s::date")} - {_MONTHS.format(day="contract.start")} AS age,
    {_MONTHS.format(day="%(until)s::date")}
        - {_MONTHS.format(day='COALESCE(contract."end", %(until)s::date)')} AS beyond
FROM "pipeline_contract" contract
WHERE NOT contract.is_trial AND {{chosen}}
    AND GREATEST(contract."end", contract.signed_on, contract.delivered_on, CASE
        WHEN contract."end" IS NULL THEN 'infinity'::date
    END) >= %(since)s::date
    AND LEAST(contract.start, contract.signed_on, contract.delivered_on) < %(until)s::date
"""

_NUMBERS = """
SELECT number::int AS number FROM generate_series(0, CASE
    WHEN contract.rolls THEN GREATEST(contract.age / contract.months, 0)
    WHEN contract.renewable IS NOT TRUE OR %(until)s::date <= contract."end" THEN 0
    WHEN contract.months IS NOT NULL THEN contract.beyond / contract.months + 1
    ELSE (%(until)s::date - contract."end") / (contract."end" - contract.start) + 1
END) AS number
"""

_SPANS = f"""
SELECT
    CASE
        WHEN contract.rolls THEN {_later("contract.start", "contract.months * number")}
        WHEN number = 0 THEN contract.start
        WHEN contract.months IS NULL
            THEN contract."end" + (contract."end" - contract.start) * (number - 1)
        ELSE {_later('contract."end"', "contract.months * (number - 1)")}
    END AS begin,
    CASE
        WHEN contract.rolls THEN {_later("contract.start", "contract.months * (number + 1)")}
        WHEN number = 0
            THEN COALESCE(contract."end", {_later("contract.start", "contract.months")})
        WHEN contract.months IS NULL
            THEN contract."end" + (contract."end" - contract.start) * number
        ELSE {_later('contract."end"', "contract.months * number")}
    END AS finish
"""

_MEASURED = f"""
SELECT {_parts("span.begin")} AS begin_parts,
    {_parts("span.finish")} - {_parts("span.begin")} AS length,
    CASE WHEN contract.rolls THEN LEAST(span.finish, contract."end") ELSE span.finish END AS stop
"""

_WORTH = f"""
SELECT CASE
    WHEN contract.value IS NOT NULL THEN contract.value
    WHEN contract.rolls THEN contract.monthly_price * contract.months
    WHEN span.finish IS NULL THEN NULL
    ELSE {_spread("contract.monthly_price", "measured.length", str(PARTS), "2")}
END AS amount
"""

_COUNTED = """
SELECT CASE
    WHEN worth.amount IS NULL THEN NULL
    WHEN contract.schedule = 'monthly' THEN
        CASE WHEN span.finish IS NULL OR span.finish <= span.begin THEN span.begin END
    WHEN number > 0 THEN span.begin
    WHEN contract.schedule = 'signing' THEN COALESCE(contract.signed_on, contract.start)
    ELSE COALESCE(
        contract.delivered_on,
        CASE WHEN NOT contract.rolls THEN contract."end" END,
        contract.start
    )
END AS point
"""

_ROUNDS = """
count(*) FILTER (WHERE number > 0 AND CASE
    WHEN contract.rolls
    THEN contract.auto_renew AND contract."end" IS NULL AND span.begin > %(today)s
    ELSE true
END) OVER (PARTITION BY contract.id ORDER BY number)
"""

# One row a term: when it begins and ends, what it brings in and how, and how many renewals it
# takes. Without an amount it brings in the price of a month, month after month.
TERMS = f"""
SELECT contract.id AS contract_id, contract.deal_id, contract.customer_id, contract.currency,
    contract.places, number, span.begin, measured.begin_parts,
    COALESCE(measured.length, {PARTS}) AS length, measured.stop, span.finish,
    COALESCE(worth.amount, contract.monthly_price) AS amount, worth.amount IS NULL AS is_running,
    counted.point, {_ROUNDS} AS rounds
FROM ({_CONTRACTS}) contract
CROSS JOIN LATERAL ({_NUMBERS}) numbered
CROSS JOIN LATERAL ({_SPANS}) span
CROSS JOIN LATERAL ({_MEASURED}) measured
CROSS JOIN LATERAL ({_WORTH}) worth
CROSS JOIN LATERAL ({_COUNTED}) counted
WHERE (number = 0 OR span.begin < LEAST(
    %(until)s::date, CASE WHEN contract.rolls THEN contract."end" END))
"""

_PARTLY = _spread("term.amount", "edge_parts - term.begin_parts", "term.length", "term.places")


def _before(edge: str) -> str:
    """What a term brings in before an edge, which comes with its own parts."""
    partly = _PARTLY.replace("edge_parts", f"{edge}_parts")
    cut = _PARTLY.replace("edge_parts", _parts("term.stop"))
    return f"""CASE
        WHEN term.point IS NOT NULL
            THEN CASE WHEN term.point < piece.{edge} THEN term.amount ELSE 0 END
        WHEN piece.{edge} <= term.begin THEN 0
        WHEN term.is_running THEN {partly}
        WHEN piece.{edge} >= term.stop AND term.stop = term.finish THEN term.amount
        WHEN piece.{edge} >= term.stop THEN LEAST(term.amount, {cut})
        ELSE LEAST(term.amount, {partly})
    END"""


_PIECES = """
SELECT * FROM unnest(
    %(firsts)s::date[], %(lasts)s::date[], %(first_parts)s::bigint[], %(last_parts)s::bigint[]
) WITH ORDINALITY AS piece (first, last, first_parts, last_parts, place)
"""

# The latest price at most seven days old on a day; NaN without one, so that sums are unknown.
RATE = """
CASE WHEN {row}.currency = %(currency)s THEN 1 ELSE COALESCE((
    SELECT rate.price FROM "pipeline_rate" rate
    WHERE rate.currency = {row}.currency AND rate.day <= {day} AND rate.day >= {day} - 7
    ORDER BY rate.day DESC LIMIT 1
), 'NaN') END
"""

_DAY = "LEAST(COALESCE(term.point, LEAST(piece.last, term.stop) - 1), %(today)s::date)"

# One row a term and span in which it brings something in, in the company's currency: by the rate
# of the day that it is recognised on, the present one for what is to come. OFFSET has each amount
# worked out once, however often it is used.
ENTRIES = f"""
SELECT term.contract_id, term.deal_id, term.customer_id, term.number, term.rounds,
    piece.place - 1 AS place,
    ({_before("last")} - ({_before("first")})) * {RATE.format(row="term", day=_DAY)} AS amount
FROM ({TERMS}) term
JOIN ({_PIECES}) piece ON CASE
    WHEN term.point IS NOT NULL THEN term.point >= piece.first AND term.point < piece.last
    ELSE term.begin < piece.last AND (term.stop IS NULL OR term.stop > piece.first)
END
OFFSET 0
"""
