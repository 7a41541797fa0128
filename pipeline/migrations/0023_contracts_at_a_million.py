"""Terms name the span of their contract, so that contracts without any in a period are passed over.

And what contracts are worth is found in the index of those that are active.
"""

from django.conf import settings
from django.db import migrations, models

LIVE = """
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
    contract.currency,
    contract.start AS since,
    contract."end" AS until
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

PAST = """
CREATE OR REPLACE VIEW pipeline_contracttermversion AS
SELECT
    past.id,
    past.row_id || '@' || term.due AS row_id,
    past.valid_from,
    past.valid_to,
    past.recorded_from,
    past.recorded_to,
    past.deleted,
    past.changed_by,
    past.transaction,
    past.row_id AS contract_id,
    past.customer_id,
    past.owner_id,
    past.team_id,
    term.due,
    term.due < COALESCE(past."end", 'infinity'::date) AS prolonged,
    COALESCE(past.value, past.monthly_price * past.term_months) AS amount,
    past.currency,
    past.start AS since,
    past."end" AS until
FROM pipeline_contractversion AS past
CROSS JOIN LATERAL (
    SELECT COALESCE(past."end", (current_date + interval '2 years')::date) AS day
) AS last
CROSS JOIN LATERAL (
    SELECT due FROM (
        SELECT (past.start + make_interval(months => past.term_months * number))::date AS due
        FROM generate_series(
            1,
            (12 * (extract(year FROM last.day) - extract(year FROM past.start))
                + extract(month FROM last.day) - extract(month FROM past.start))::int
                / past.term_months
        ) AS number
        WHERE past.auto_renew
    ) AS terms
    WHERE due <= last.day
    UNION
    SELECT past."end" WHERE past."end" IS NOT NULL
) AS term
WHERE NOT past.is_trial AND past.billing = 'recurring';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_what_was_corrected'),
        ('pipeline', '0022_indexes_for_a_million'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(LIVE, migrations.RunSQL.noop),
        migrations.RunSQL(PAST, migrations.RunSQL.noop),
        migrations.RemoveIndex(
            model_name='contract',
            name='pipeline_contract_active',
        ),
        migrations.AddIndex(
            model_name='contract',
            index=models.Index(condition=models.Q(('is_trial', False)), fields=['customer', 'start', 'end'], include=('id', 'owner', 'team', 'billing', 'value', 'monthly_price', 'currency', 'auto_renew', 'term_months'), name='pipeline_contract_active'),
        ),
    ]
