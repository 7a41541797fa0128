"""Visits to stages and how far deals came, told from their versions by triggers."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# Keeps the order of stages as it is while a journey is told by it.
LOCK = 7_305_017

# A state enters where the one before it was in another stage, or was not right before it. It is
# told when a deal came there if an import said so, or if somebody moved the deal. A deal rises
# where it comes further in its process than it ever was; won is beyond every stage, lost nowhere.
# A deal of which no visit is known has one without stage, so that it is found.
TELL = f"""
CREATE FUNCTION pipeline_tell_journeys(deals bigint[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    told integer;
BEGIN
    PERFORM pg_advisory_xact_lock_shared({LOCK});
    WITH states AS (
        SELECT version.id, version.row_id, version.stage_id, version.outcome, version.owner_id,
            version.team_id, version.created_at, version.valid_from, version.valid_to,
            version.recorded_from, stage.process_id,
            CASE version.outcome WHEN 'won' THEN 100000 WHEN 'open' THEN stage.position END AS level,
            COALESCE(lag(version.valid_to) OVER past = version.valid_from, false) AS follows,
            lag(version.stage_id) OVER past AS stage_before,
            COALESCE(lead(version.valid_from) OVER past = version.valid_to, false) AS is_followed,
            lead(version.stage_id) OVER past AS stage_after
        FROM pipeline_dealversion version
        LEFT JOIN pipeline_stage stage ON stage.id = version.stage_id
        WHERE version.row_id = ANY (deals) AND version.recorded_to = 'infinity'
            AND NOT version.deleted
        WINDOW past AS (PARTITION BY version.row_id ORDER BY version.valid_from)
    ), entries AS (
        SELECT *, NOT follows OR stage_before IS DISTINCT FROM stage_id AS enters,
            (created_at IS NOT NULL OR follows OR valid_from < recorded_from)
                AND NOT (follows AND stage_before IS NULL AND valid_from >= recorded_from) AS is_told
        FROM states WHERE stage_id IS NOT NULL
    ), stays AS MATERIALIZED (
        SELECT *, max(valid_from) FILTER (WHERE enters) OVER so_far AS began,
            max(valid_from) FILTER (WHERE enters AND is_told) OVER so_far AS told_at,
            max(level) OVER before AS furthest,
            max(valid_to) FILTER (WHERE outcome = 'open') OVER (
                PARTITION BY row_id, stage_id) AS left_at
        FROM entries
        WINDOW so_far AS (PARTITION BY row_id ORDER BY valid_from),
            before AS (PARTITION BY row_id, process_id ORDER BY valid_from
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), visits AS MATERIALIZED (
        SELECT row_id, id AS version_id, stage_id, owner_id, team_id, began,
            told_at IS NOT DISTINCT FROM began AS is_told, valid_to AS went,
            is_followed AS moved_on
        FROM stays
        WHERE outcome = 'open'
            AND NOT (is_followed AND stage_after IS NOT DISTINCT FROM stage_id)
        UNION ALL
        SELECT row_id, min(id), NULL, NULL, NULL, min(valid_from), false, min(valid_from), false
        FROM states GROUP BY row_id HAVING bool_and(outcome <> 'open' OR stage_id IS NULL)
    ), rises AS (
        SELECT *, lead(valid_from) OVER (
                PARTITION BY row_id, process_id ORDER BY valid_from) AS beyond_at
        FROM stays WHERE level > COALESCE(furthest, -1)
    ), arrivals AS MATERIALIZED (
        SELECT row_id, rises.id AS version_id, passed.id AS passed_id, owner_id, team_id,
            valid_from AS came,
            CASE WHEN passed.id = stage_id THEN beyond_at ELSE valid_from END AS beyond_at,
            CASE WHEN passed.id = stage_id THEN left_at ELSE valid_from END AS left_at
        FROM rises JOIN pipeline_stage passed ON passed.process_id = rises.process_id
            AND passed.outcome = 'open' AND passed.position <= level
            AND passed.position > COALESCE(furthest, -1)
        WHERE enters AND is_told AND (rises.outcome = 'open' OR furthest IS NOT NULL)
    ), no_visits AS (
        DELETE FROM pipeline_stagevisit old WHERE row_id = ANY (deals) AND NOT EXISTS (
            SELECT FROM visits new WHERE new.row_id = old.row_id AND new.began = old.began)
        RETURNING 1
    ), no_arrivals AS (
        DELETE FROM pipeline_stagearrival old WHERE row_id = ANY (deals) AND NOT EXISTS (
            SELECT FROM arrivals new
            WHERE new.row_id = old.row_id AND new.passed_id = old.passed_id)
        RETURNING 1
    ), told_visits AS (
        INSERT INTO pipeline_stagevisit AS old (row_id, version_id, stage_id, owner_id, team_id,
            began, is_told, went, moved_on)
        SELECT * FROM visits
        ON CONFLICT (row_id, began) DO UPDATE SET version_id = EXCLUDED.version_id,
            stage_id = EXCLUDED.stage_id, owner_id = EXCLUDED.owner_id,
            team_id = EXCLUDED.team_id, is_told = EXCLUDED.is_told, went = EXCLUDED.went,
            moved_on = EXCLUDED.moved_on
        WHERE (old.version_id, old.stage_id, old.owner_id, old.team_id, old.is_told, old.went,
            old.moved_on) IS DISTINCT FROM (EXCLUDED.version_id, EXCLUDED.stage_id,
            EXCLUDED.owner_id, EXCLUDED.team_id, EXCLUDED.is_told, EXCLUDED.went,
            EXCLUDED.moved_on)
        RETURNING 1
    ), told_arrivals AS (
        INSERT INTO pipeline_stagearrival AS old (row_id, version_id, passed_id, owner_id, team_id,
            came, beyond_at, left_at)
        SELECT * FROM arrivals
        ON CONFLICT (row_id, passed_id) DO UPDATE SET version_id = EXCLUDED.version_id,
            owner_id = EXCLUDED.owner_id, team_id = EXCLUDED.team_id, came = EXCLUDED.came,
            beyond_at = EXCLUDED.beyond_at, left_at = EXCLUDED.left_at
        WHERE (old.version_id, old.owner_id, old.team_id, old.came, old.beyond_at, old.left_at)
            IS DISTINCT FROM (EXCLUDED.version_id, EXCLUDED.owner_id, EXCLUDED.team_id,
            EXCLUDED.came, EXCLUDED.beyond_at, EXCLUDED.left_at)
        RETURNING 1
    )
    SELECT count(*) INTO told FROM (SELECT FROM no_visits UNION ALL SELECT FROM no_arrivals
        UNION ALL SELECT FROM told_visits UNION ALL SELECT FROM told_arrivals) AS changed;
    RETURN told;
END $$;
"""

# Plans for one deal and for thousands differ.
TELL_MANY = """
CREATE FUNCTION pipeline_tell_many_journeys(deals bigint[]) RETURNS integer LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN pipeline_tell_journeys(deals);
END $$;
"""

# Journeys are told anew where stages have changed places, have come or gone.
TELL_BY_ORDER = f"""
CREATE FUNCTION pipeline_tell_by_order() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    SELECT array_agg(present.process_id) INTO changed FROM pipeline_stages_in_order present
    LEFT JOIN pipeline_stageorder told USING (process_id)
    WHERE told.stages IS DISTINCT FROM present.stages;
    IF changed IS NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock({LOCK});
    PERFORM pipeline_tell_many_journeys(deals) FROM (
        SELECT array_agg(row_id) AS deals FROM (
            SELECT row_id, row_number() OVER (ORDER BY row_id) / 5000 AS part FROM (
                SELECT DISTINCT version.row_id FROM pipeline_dealversion version
                JOIN pipeline_stage stage ON stage.id = version.stage_id
                WHERE stage.process_id = ANY (changed)) AS passed) AS parts
        GROUP BY part) AS journeys;
    INSERT INTO pipeline_stageorder (process_id, stages)
        SELECT process_id, stages FROM pipeline_stages_in_order
        WHERE process_id = ANY (changed)
        ON CONFLICT (process_id) DO UPDATE SET stages = EXCLUDED.stages;
    -- Whatever was kept of deals may be another figure now.
    INSERT INTO pipeline_touched (fact, instants) VALUES ('deal', '{{}}');
END $$;
"""

IN_ORDER = """
CREATE VIEW pipeline_stages_in_order AS
SELECT process_id, array_agg(id || ' ' || outcome ORDER BY position, id) AS stages
FROM pipeline_stage GROUP BY process_id;
"""

TELL_ALL = """
SELECT sum(pipeline_tell_many_journeys(deals)) FROM (
    SELECT array_agg(row_id) AS deals FROM (
        SELECT row_id, row_number() OVER (ORDER BY row_id) / 5000 AS part FROM (
            SELECT DISTINCT row_id FROM pipeline_dealversion) AS there) AS parts
    GROUP BY part) AS journeys;
INSERT INTO pipeline_stageorder (process_id, stages)
SELECT process_id, stages FROM pipeline_stages_in_order;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_teams_leave_marks'),
        ('pipeline', '0016_closed_deals_of_the_past'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StageArrival',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('came', models.DateTimeField()),
                ('beyond_at', models.DateTimeField(null=True)),
                ('left_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='StageOrder',
            fields=[
                ('process', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='pipeline.salesprocess')),
                ('stages', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
            ],
        ),
        migrations.CreateModel(
            name='StageVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('began', models.DateTimeField()),
                ('is_told', models.BooleanField()),
                ('went', models.DateTimeField()),
                ('moved_on', models.BooleanField()),
            ],
        ),
        migrations.AddField(
            model_name='stagearrival',
            name='owner',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='stagearrival',
            name='passed',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pipeline.stage'),
        ),
        migrations.AddField(
            model_name='stagearrival',
            name='row',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pipeline.deal'),
        ),
        migrations.AddField(
            model_name='stagearrival',
            name='team',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.team'),
        ),
        migrations.AddField(
            model_name='stagearrival',
            name='version',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pipeline.dealversion'),
        ),
        migrations.AddField(
            model_name='stagevisit',
            name='owner',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='stagevisit',
            name='row',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pipeline.deal'),
        ),
        migrations.AddField(
            model_name='stagevisit',
            name='stage',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pipeline.stage'),
        ),
        migrations.AddField(
            model_name='stagevisit',
            name='team',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.team'),
        ),
        migrations.AddField(
            model_name='stagevisit',
            name='version',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pipeline.dealversion'),
        ),
        migrations.AddConstraint(
            model_name='stagearrival',
            constraint=models.UniqueConstraint(fields=('row', 'passed'), name='pipeline_stagearrival_once'),
        ),
        migrations.AddConstraint(
            model_name='stagevisit',
            constraint=models.UniqueConstraint(fields=('row', 'began'), name='pipeline_stagevisit_once'),
        ),
        migrations.RunSQL(TELL, "DROP FUNCTION pipeline_tell_journeys;"),
        migrations.RunSQL(TELL_MANY, "DROP FUNCTION pipeline_tell_many_journeys;"),
        migrations.RunSQL(IN_ORDER, "DROP VIEW pipeline_stages_in_order;"),
        migrations.RunSQL(TELL_BY_ORDER, "DROP FUNCTION pipeline_tell_by_order;"),
        migrations.RunSQL(TELL_ALL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='dealversion',
            index=models.Index(condition=models.Q(('deleted', True), ('recorded_to', django.db.models.functions.comparison.Cast(models.Value('infinity'), models.DateTimeField()))), fields=['row'], name='pipeline_deal_version_gone'),
        ),
        migrations.AddIndex(
            model_name='stagearrival',
            index=models.Index(fields=['came'], include=('row', 'passed', 'owner', 'team', 'beyond_at', 'left_at', 'id'), name='pipeline_stagearrival_came'),
        ),
        migrations.AddIndex(
            model_name='stagevisit',
            index=models.Index(condition=models.Q(('is_told', True), ('moved_on', True)), fields=['went'], include=('row', 'stage', 'owner', 'team', 'began', 'id'), name='pipeline_stagevisit_ended'),
        ),
        migrations.AddIndex(
            model_name='stagevisit',
            index=models.Index(condition=models.Q(('went', django.db.models.functions.comparison.Cast(models.Value('infinity'), models.DateTimeField()))), fields=['row', 'stage'], include=('owner', 'team', 'began', 'is_told', 'id'), name='pipeline_stagevisit_lasting'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dealversion',
            trigger=pgtrigger.compiler.Trigger(name='tell_journey', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM pipeline_tell_journeys(ARRAY[NEW.row_id]); RETURN NULL;', hash='34ae238e11fec86004544657e2968471dab1eec1', operation='INSERT', pgid='pgtrigger_tell_journey_b9d2c', table='pipeline_dealversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dealversion',
            trigger=pgtrigger.compiler.Trigger(name='tell_changed_journey', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NOT (OLD.valid_to = 'infinity' AND NEW.valid_to < 'infinity' AND OLD.row_id IS NOT DISTINCT FROM NEW.row_id AND OLD.stage_id IS NOT DISTINCT FROM NEW.stage_id AND OLD.outcome IS NOT DISTINCT FROM NEW.outcome AND OLD.owner_id IS NOT DISTINCT FROM NEW.owner_id AND OLD.team_id IS NOT DISTINCT FROM NEW.team_id AND OLD.created_at IS NOT DISTINCT FROM NEW.created_at AND OLD.valid_from IS NOT DISTINCT FROM NEW.valid_from AND OLD.recorded_from IS NOT DISTINCT FROM NEW.recorded_from AND OLD.recorded_to IS NOT DISTINCT FROM NEW.recorded_to AND OLD.deleted IS NOT DISTINCT FROM NEW.deleted))", func='PERFORM pipeline_tell_journeys(ARRAY[OLD.row_id, NEW.row_id]); RETURN NULL;', hash='13c5263d374b8e31c55df1f311a1412c3bfe2333', operation='UPDATE', pgid='pgtrigger_tell_changed_journey_22e0e', table='pipeline_dealversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dealversion',
            trigger=pgtrigger.compiler.Trigger(name='tell_shorter_journey', sql=pgtrigger.compiler.UpsertTriggerSql(func='PERFORM pipeline_tell_journeys(ARRAY[OLD.row_id]); RETURN NULL;', hash='f69eb77a19d189a8d51a5da8d517662819532f05', operation='DELETE', pgid='pgtrigger_tell_shorter_journey_b2c03', table='pipeline_dealversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stage',
            trigger=pgtrigger.compiler.Trigger(name='tell_by_order', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func='PERFORM pipeline_tell_by_order(); RETURN NULL;', hash='75276e33a2b02584c79b3e2ea7623bfe0b349c84', operation='INSERT OR UPDATE OF "position", "process_id", "outcome" OR DELETE', pgid='pgtrigger_tell_by_order_9f9cd', table='pipeline_stage', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
    ]
