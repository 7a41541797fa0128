"""Contracts say when they were signed and delivered, and hold closed periods by these days, too.

Those that were there before say neither: what they bring in counts from their start or end.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

HOLD = """
CREATE OR REPLACE FUNCTION pipeline_days_of_contract(
    before pipeline_contract, after pipeline_contract
) RETURNS datemultirange LANGUAGE sql STABLE AS $$
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
    + COALESCE((SELECT range_agg(daterange(day, day + 1))
        FROM (VALUES ((before).signed_on), ((after).signed_on),
            ((before).delivered_on), ((after).delivered_on)) counted (day)
        WHERE day IS NOT NULL AND ROW((before).signed_on, (before).delivered_on,
                (before).schedule, (before).value, (before).currency, (before).customer_id)
            IS DISTINCT FROM ROW((after).signed_on, (after).delivered_on,
                (after).schedule, (after).value, (after).currency, (after).customer_id)), '{}')
$$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('pipeline', '0025_found_by_owner_and_of_the_past'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='contract',
            name='keep_history',
        ),
        migrations.AddField(
            model_name='contract',
            name='delivered_on',
            field=models.DateField(blank=True, help_text='Planned until then; the end, or else the start, if left empty.', null=True, verbose_name='delivered on'),
        ),
        migrations.AddField(
            model_name='contract',
            name='signed_on',
            field=models.DateField(blank=True, help_text='The start, if left empty.', null=True, verbose_name='signed on'),
        ),
        migrations.AddField(
            model_name='contractversion',
            name='delivered_on',
            field=models.DateField(help_text='Planned until then; the end, or else the start, if left empty.', null=True, verbose_name='delivered on'),
        ),
        migrations.AddField(
            model_name='contractversion',
            name='signed_on',
            field=models.DateField(help_text='The start, if left empty.', null=True, verbose_name='signed on'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contract',
            trigger=pgtrigger.compiler.Trigger(name='keep_history', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE state pipeline_contract%ROWTYPE; present pipeline_contractversion%ROWTYPE; moment timestamptz; actor bigint; this_transaction bigint;', func='\nIF TG_OP = \'UPDATE\' AND ROW(OLD."customer_id", OLD."deal_id", OLD."owner_id", OLD."team_id", OLD."start", OLD."end", OLD."value", OLD."monthly_price", OLD."currency", OLD."billing", OLD."schedule", OLD."signed_on", OLD."delivered_on", OLD."auto_renew", OLD."term_months", OLD."renews_id", OLD."is_trial") IS NOT DISTINCT FROM ROW(NEW."customer_id", NEW."deal_id", NEW."owner_id", NEW."team_id", NEW."start", NEW."end", NEW."value", NEW."monthly_price", NEW."currency", NEW."billing", NEW."schedule", NEW."signed_on", NEW."delivered_on", NEW."auto_renew", NEW."term_months", NEW."renews_id", NEW."is_trial") THEN\n    RETURN NULL;\nEND IF;\nIF TG_OP = \'DELETE\' THEN state := OLD; ELSE state := NEW; END IF;\nmoment := COALESCE(NULLIF(current_setting(\'salesdash.moment\', true), \'\')::timestamptz, now());\nactor := NULLIF(current_setting(\'salesdash.actor\', true), \'\')::bigint;\nthis_transaction := pg_current_xact_id()::text::bigint;\nSELECT * INTO present FROM pipeline_contractversion\n    WHERE row_id = state.id AND valid_to = \'infinity\' AND recorded_to = \'infinity\';\nIF FOUND AND present.valid_from >= moment THEN\n    IF present.transaction = this_transaction THEN\n        UPDATE pipeline_contractversion SET "customer_id" = state."customer_id", "deal_id" = state."deal_id", "owner_id" = state."owner_id", "team_id" = state."team_id", "start" = state."start", "end" = state."end", "value" = state."value", "monthly_price" = state."monthly_price", "currency" = state."currency", "billing" = state."billing", "schedule" = state."schedule", "signed_on" = state."signed_on", "delivered_on" = state."delivered_on", "auto_renew" = state."auto_renew", "term_months" = state."term_months", "renews_id" = state."renews_id", "is_trial" = state."is_trial", deleted = (TG_OP = \'DELETE\'), changed_by = actor\n            WHERE id = present.id;\n        RETURN NULL;\n    END IF;\n    moment := GREATEST(clock_timestamp(), present.valid_from + interval \'1 microsecond\');\nEND IF;\nUPDATE pipeline_contractversion SET valid_to = moment WHERE id = present.id;\nINSERT INTO pipeline_contractversion (row_id, valid_from, recorded_from, deleted, changed_by, transaction, "customer_id", "deal_id", "owner_id", "team_id", "start", "end", "value", "monthly_price", "currency", "billing", "schedule", "signed_on", "delivered_on", "auto_renew", "term_months", "renews_id", "is_trial")\n    VALUES (state.id, moment, moment, TG_OP = \'DELETE\', actor, this_transaction, state."customer_id", state."deal_id", state."owner_id", state."team_id", state."start", state."end", state."value", state."monthly_price", state."currency", state."billing", state."schedule", state."signed_on", state."delivered_on", state."auto_renew", state."term_months", state."renews_id", state."is_trial");\nRETURN NULL;\n', hash='e77dbae29ef1e2514215f0c553228bb918a0fef6', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_keep_history_b7789', table='pipeline_contract', when='AFTER')),
        ),
        migrations.RunSQL(HOLD, migrations.RunSQL.noop),
    ]
