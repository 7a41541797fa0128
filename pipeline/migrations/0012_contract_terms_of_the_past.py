"""The terms that contracts had as of any instant; see pipeline.models.ContractTermVersion."""

import django.db.models.functions.comparison
import django.db.models.functions.datetime
from django.db import migrations, models

CREATE = """
CREATE VIEW pipeline_contracttermversion AS
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
    past.currency
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
        ('pipeline', '0011_versions_by_lead_and_customer'),
    ]

    operations = [
        migrations.CreateModel(
            name='ContractTermVersion',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('valid_from', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('valid_to', models.DateTimeField(db_default=django.db.models.functions.comparison.Cast(models.Value('infinity'), models.DateTimeField()))),
                ('recorded_from', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('recorded_to', models.DateTimeField(db_default=django.db.models.functions.comparison.Cast(models.Value('infinity'), models.DateTimeField()))),
                ('deleted', models.BooleanField(db_default=False)),
                ('changed_by', models.BigIntegerField(null=True)),
                ('transaction', models.BigIntegerField(db_default=0)),
                ('due', models.DateField()),
                ('prolonged', models.BooleanField()),
                ('amount', models.DecimalField(decimal_places=2, max_digits=18, null=True)),
                ('currency', models.CharField(max_length=3)),
            ],
            options={
                'db_table': 'pipeline_contracttermversion',
                'managed': False,
            },
        ),
        migrations.RunSQL(CREATE, "DROP VIEW pipeline_contracttermversion;"),
    ]
