"""What deals went through as it was known once, told from versions where that has changed."""

import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

# The deals whose past up to an instant is held to be another one now than was known once: a state
# was corrected since, or told late. A change that was recorded as it happened leaves the past.
RETOLD = """
CREATE FUNCTION pipeline_retold(known timestamptz, until timestamptz)
RETURNS TABLE (row_id bigint) LANGUAGE sql STABLE AS $$
    SELECT was.row_id FROM pipeline_dealversion was
    WHERE was.recorded_to < 'infinity' AND was.recorded_to > known AND was.recorded_from <= known
    UNION ALL
    SELECT late.row_id FROM pipeline_dealversion late
    WHERE late.recorded_to = 'infinity' AND late.valid_from < late.recorded_from
        AND late.recorded_from > known AND late.valid_from <= until
$$;
"""

# As pipeline_tell_journeys has it, of the states that were known.
STAYS = """
    WITH states AS (
        SELECT version.id, version.row_id, version.stage_id, version.outcome, version.owner_id,
            version.team_id, version.created_at, version.valid_from, version.valid_to,
            version.recorded_from, stage.process_id,
            CASE version.outcome WHEN 'won' THEN 100000 WHEN 'open' THEN stage.position END AS level,
            COALESCE(lag(version.valid_to) OVER past = version.valid_from, false) AS follows,
            lag(version.stage_id) OVER past AS stage_before,
            COALESCE(lead(version.valid_from) OVER past = version.valid_to, false) AS is_followed,
            lead(version.stage_id) OVER past AS stage_after
        FROM (SELECT DISTINCT each.row_id FROM pipeline_retold(known, until) each) AS retold
        JOIN pipeline_dealversion version ON version.row_id = retold.row_id
        LEFT JOIN pipeline_stage stage ON stage.id = version.stage_id
        WHERE version.recorded_from <= known AND version.recorded_to > known
            AND version.valid_from <= until AND NOT version.deleted
        WINDOW past AS (PARTITION BY version.row_id ORDER BY version.valid_from)
    ), entries AS (
        SELECT *, NOT follows OR stage_before IS DISTINCT FROM stage_id AS enters,
            (created_at IS NOT NULL OR follows OR valid_from < recorded_from)
                AND NOT (follows AND stage_before IS NULL AND valid_from >= recorded_from) AS is_told
        FROM states WHERE stage_id IS NOT NULL
    ), stays AS (
        SELECT *, max(valid_from) FILTER (WHERE enters) OVER so_far AS began,
            max(valid_from) FILTER (WHERE enters AND is_told) OVER so_far AS told_at,
            max(level) OVER before AS furthest,
            max(valid_to) FILTER (WHERE outcome = 'open') OVER (
                PARTITION BY row_id, stage_id) AS left_at
        FROM entries
        WINDOW so_far AS (PARTITION BY row_id ORDER BY valid_from),
            before AS (PARTITION BY row_id, process_id ORDER BY valid_from
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
"""

RETOLD_VISITS = f"""
CREATE FUNCTION pipeline_retold_visits(known timestamptz, until timestamptz)
RETURNS TABLE (id bigint, row_id bigint, version_id bigint, owner_id bigint, team_id bigint,
    stage_id bigint, began timestamptz, is_told boolean, went timestamptz, moved_on boolean)
LANGUAGE sql STABLE AS $$ {STAYS}
    SELECT id, row_id, id, owner_id, team_id, stage_id, began,
        told_at IS NOT DISTINCT FROM began, valid_to, is_followed
    FROM stays
    WHERE outcome = 'open' AND NOT (is_followed AND stage_after IS NOT DISTINCT FROM stage_id)
$$;
"""

RETOLD_ARRIVALS = f"""
CREATE FUNCTION pipeline_retold_arrivals(known timestamptz, until timestamptz)
RETURNS TABLE (id bigint, row_id bigint, version_id bigint, owner_id bigint, team_id bigint,
    passed_id bigint, came timestamptz, beyond_at timestamptz, left_at timestamptz)
LANGUAGE sql STABLE AS $$ {STAYS}, rises AS (
        SELECT *, lead(valid_from) OVER (
                PARTITION BY row_id, process_id ORDER BY valid_from) AS beyond_at
        FROM stays WHERE level > COALESCE(furthest, -1)
    )
    SELECT row_number() OVER (), row_id, rises.id, owner_id, team_id, passed.id, valid_from,
        CASE WHEN passed.id = stage_id THEN beyond_at ELSE valid_from END,
        CASE WHEN passed.id = stage_id THEN left_at ELSE valid_from END
    FROM rises JOIN pipeline_stage passed ON passed.process_id = rises.process_id
        AND passed.outcome = 'open' AND passed.position <= level
        AND passed.position > COALESCE(furthest, -1)
    WHERE enters AND is_told AND (rises.outcome = 'open' OR furthest IS NOT NULL)
$$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_what_was_corrected'),
        ('pipeline', '0026_contracts_say_when_they_count'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='dealversion',
            index=models.Index(condition=models.Q(('recorded_to', django.db.models.functions.comparison.Cast(models.Value('infinity'), models.DateTimeField())), ('valid_from__lt', models.F('recorded_from'))), fields=['recorded_from'], name='pipeline_deal_version_late'),
        ),
        migrations.RunSQL(RETOLD, "DROP FUNCTION pipeline_retold;"),
        migrations.RunSQL(RETOLD_VISITS, "DROP FUNCTION pipeline_retold_visits;"),
        migrations.RunSQL(RETOLD_ARRIVALS, "DROP FUNCTION pipeline_retold_arrivals;"),
    ]
