"""Versions of deals say when the next step was due; those of today's states from now on."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


# Of earlier states it is not known. Told past triggers, since nothing that they look at changes.
FILL = """
ALTER TABLE pipeline_dealversion DISABLE TRIGGER USER;
UPDATE pipeline_dealversion version SET next_step_on = deal.next_step_on
FROM pipeline_deal deal
WHERE deal.id = version.row_id AND deal.next_step_on IS NOT NULL
    AND version.valid_to = 'infinity' AND version.recorded_to = 'infinity' AND NOT version.deleted;
ALTER TABLE pipeline_dealversion ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('pipeline', '0028_closed_periods_hold_what_reaches_in'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='deal',
            name='keep_history',
        ),
        migrations.AddField(
            model_name='dealversion',
            name='next_step_on',
            field=models.DateField(null=True, verbose_name='next step due'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deal',
            trigger=pgtrigger.compiler.Trigger(name='keep_history', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE state pipeline_deal%ROWTYPE; present pipeline_dealversion%ROWTYPE; moment timestamptz; actor bigint; this_transaction bigint;', func='\nIF TG_OP = \'UPDATE\' AND ROW(OLD."customer_id", OLD."owner_id", OLD."team_id", OLD."stage_id", OLD."outcome", OLD."amount", OLD."amount_estimated", OLD."currency", OLD."probability", OLD."category", OLD."kind", OLD."source_id", OLD."expected_close", OLD."created_at", OLD."first_contact_at", OLD."closed_at", OLD."lost_reason", OLD."next_step_on") IS NOT DISTINCT FROM ROW(NEW."customer_id", NEW."owner_id", NEW."team_id", NEW."stage_id", NEW."outcome", NEW."amount", NEW."amount_estimated", NEW."currency", NEW."probability", NEW."category", NEW."kind", NEW."source_id", NEW."expected_close", NEW."created_at", NEW."first_contact_at", NEW."closed_at", NEW."lost_reason", NEW."next_step_on") THEN\n    RETURN NULL;\nEND IF;\nIF TG_OP = \'DELETE\' THEN state := OLD; ELSE state := NEW; END IF;\nmoment := COALESCE(NULLIF(current_setting(\'salesdash.moment\', true), \'\')::timestamptz, now());\nactor := NULLIF(current_setting(\'salesdash.actor\', true), \'\')::bigint;\nthis_transaction := pg_current_xact_id()::text::bigint;\nSELECT * INTO present FROM pipeline_dealversion\n    WHERE row_id = state.id AND valid_to = \'infinity\' AND recorded_to = \'infinity\';\nIF FOUND AND present.valid_from >= moment THEN\n    IF present.transaction = this_transaction THEN\n        UPDATE pipeline_dealversion SET "customer_id" = state."customer_id", "owner_id" = state."owner_id", "team_id" = state."team_id", "stage_id" = state."stage_id", "outcome" = state."outcome", "amount" = state."amount", "amount_estimated" = state."amount_estimated", "currency" = state."currency", "probability" = state."probability", "category" = state."category", "kind" = state."kind", "source_id" = state."source_id", "expected_close" = state."expected_close", "created_at" = state."created_at", "first_contact_at" = state."first_contact_at", "closed_at" = state."closed_at", "lost_reason" = state."lost_reason", "next_step_on" = state."next_step_on", deleted = (TG_OP = \'DELETE\'), changed_by = actor\n            WHERE id = present.id;\n        RETURN NULL;\n    END IF;\n    moment := GREATEST(clock_timestamp(), present.valid_from + interval \'1 microsecond\');\nEND IF;\nUPDATE pipeline_dealversion SET valid_to = moment WHERE id = present.id;\nINSERT INTO pipeline_dealversion (row_id, valid_from, recorded_from, deleted, changed_by, transaction, "customer_id", "owner_id", "team_id", "stage_id", "outcome", "amount", "amount_estimated", "currency", "probability", "category", "kind", "source_id", "expected_close", "created_at", "first_contact_at", "closed_at", "lost_reason", "next_step_on")\n    VALUES (state.id, moment, moment, TG_OP = \'DELETE\', actor, this_transaction, state."customer_id", state."owner_id", state."team_id", state."stage_id", state."outcome", state."amount", state."amount_estimated", state."currency", state."probability", state."category", state."kind", state."source_id", state."expected_close", state."created_at", state."first_contact_at", state."closed_at", state."lost_reason", state."next_step_on");\nRETURN NULL;\n', hash='cbb6cf9b4965d8b1314f851b89fada68c9994d8a', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_keep_history_dedcf', table='pipeline_deal', when='AFTER')),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
