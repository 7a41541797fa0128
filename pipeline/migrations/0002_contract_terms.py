"""The view of contract terms that fall due; see pipeline.models.ContractTerm."""

from django.db import migrations, models

CREATE = """
CREATE VIEW pipeline_contractterm AS
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
CROSS JOIN LATERAL age(
    COALESCE(contract."end", current_date)::timestamp, contract.start::timestamp
) AS running
CROSS JOIN LATERAL (
    SELECT (contract.start + make_interval(months => contract.term_months * number))::date AS due
    FROM generate_series(
        1,
        (12 * extract(year FROM running) + extract(month FROM running))::int
            / contract.term_months
    ) AS number
    WHERE contract.auto_renew
    UNION
    SELECT contract."end" WHERE contract."end" IS NOT NULL
) AS term
WHERE NOT contract.is_trial AND contract.billing = 'recurring';
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name='ContractTerm',
            fields=[
                ('id', models.TextField(primary_key=True, serialize=False)),
                ('due', models.DateField()),
                ('renewed', models.BooleanField()),
                ('amount', models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ('currency', models.CharField(max_length=3)),
            ],
            options={
                'db_table': 'pipeline_contractterm',
                'managed': False,
            },
        ),
        migrations.RunSQL(CREATE, "DROP VIEW pipeline_contractterm;"),
    ]
