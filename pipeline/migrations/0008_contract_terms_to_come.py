"""Contract terms whose due dates do not hang on the session's zone or on lengths of months.

The view ended at the database's own `current_date`, which is UTC's, and counted only whole
months, so that what fell due today in Seoul, or on the last day of a shorter month, was missing.
It now reaches beyond today; whoever reads it says until when.
"""

from django.db import migrations

CREATE = """
CREATE OR REPLACE VIEW pipeline_contractterm AS
SELECT
    contract.id || '@' || term.due AS id,
    contract.id AS contract_id,
    contract.customer_id,
    contract.owner_id,
    contract.team_id,
    term.due,
    term.due < COALESCE(contract."end", 'infinity'::date) OR EXISTS (
        SELECT FROM pipeline_contract AS next WHERE next.renews_id = contract.id
    ) AS renewed,
    COALESCE(contract.value, contract.monthly_price * contract.term_months) AS amount,
    contract.currency
FROM pipeline_contract AS contract
CROSS JOIN LATERAL (
    SELECT COALESCE(contract."end", (current_date + interval '2 years')::date) AS day
) AS last
CROSS JOIN LATERAL (
    SELECT due FROM (
        SELECT (contract.start + make_interval(months => contract.term_months * number))::date
            AS due
        FROM generate_series(
            1,
            (12 * (extract(year FROM last.day) - extract(year FROM contract.start))
                + extract(month FROM last.day) - extract(month FROM contract.start))::int
                / contract.term_months
        ) AS number
        WHERE contract.auto_renew
    ) AS terms
    WHERE due <= last.day
    UNION
    SELECT contract."end" WHERE contract."end" IS NOT NULL
) AS term
WHERE NOT contract.is_trial AND contract.billing = 'recurring';
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0007_everything_keeps_its_history")]

    operations = [migrations.RunSQL(CREATE, migrations.RunSQL.noop)]
