
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0003_teams_leave_marks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('start', models.DateField(verbose_name='from')),
                ('end', models.DateField(verbose_name='until')),
                ('at', models.DateTimeField(verbose_name='made')),
                ('commit', models.DecimalField(decimal_places=2, max_digits=20)),
                ('best_case', models.DecimalField(decimal_places=2, max_digits=20)),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('base_closed', models.DecimalField(decimal_places=2, max_digits=20)),
                ('base_commit', models.DecimalField(decimal_places=2, max_digits=20)),
                ('base_best_case', models.DecimalField(decimal_places=2, max_digits=20)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team', verbose_name='team')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='submissions', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'forecast submission',
                'verbose_name_plural': 'forecast submissions',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Adjustment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('start', models.DateField(verbose_name='from')),
                ('end', models.DateField(verbose_name='until')),
                ('at', models.DateTimeField(verbose_name='made')),
                ('column', models.CharField(choices=[('commit', 'Commit forecast'), ('best_case', 'Best case forecast')], max_length=10, verbose_name='column')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('value', models.DecimalField(blank=True, decimal_places=2, max_digits=20, null=True, verbose_name='value')),
                ('base', models.DecimalField(decimal_places=2, max_digits=20)),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('child', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team', verbose_name='child team')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team', verbose_name='team')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'forecast adjustment',
                'verbose_name_plural': 'forecast adjustments',
                'ordering': ['-at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('end__gt', models.F('start'))), name='forecasting_adjustment_ends_after_its_start'), models.CheckConstraint(condition=models.Q(models.Q(('child__isnull', True), ('user__isnull', False)), models.Q(('child__isnull', False), ('user__isnull', True)), _connector='OR'), name='forecasting_adjustment_is_of_one_member'), models.CheckConstraint(condition=models.Q(('value__isnull', True), ('value__gte', 0), _connector='OR'), name='forecasting_adjustment_not_negative'), models.CheckConstraint(condition=models.Q(('column__in', ['commit', 'best_case'])), name='forecasting_adjustment_column_known'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='forecasting_adjustment_has_a_reason'), models.UniqueConstraint(fields=('start', 'end', 'team', 'user', 'child', 'column', 'number'), name='forecasting_adjustment_once', nulls_distinct=False)],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='adjustment',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8189ef8bfbbd264e57a595886f1bc4ee3a86b9cd', operation='UPDATE OR DELETE', pgid='pgtrigger_never_changed_09625', table='forecasting_adjustment', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='adjustment',
            trigger=pgtrigger.compiler.Trigger(name='mark_touched', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF TG_OP <> 'INSERT' THEN\n    INSERT INTO pipeline_touched (fact, owner_id, team_id, customer_id, instants)\n        VALUES ('adjustment', OLD.user_id, OLD.team_id, NULL, array_remove(ARRAY[]::timestamptz[], NULL));\nEND IF;\nIF TG_OP <> 'DELETE' THEN\n    INSERT INTO pipeline_touched (fact, owner_id, team_id, customer_id, instants)\n        VALUES ('adjustment', NEW.user_id, NEW.team_id, NULL, array_remove(ARRAY[]::timestamptz[], NULL));\nEND IF;\nRETURN NULL;\n", hash='4d38282db643b0835f3c6f232978b0cb1920a4bc', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_mark_touched_63d43', table='forecasting_adjustment', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='submission',
            index=models.Index(fields=['start', 'end', 'user', 'team', '-at', '-id'], name='forecasting_submission_latest'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.CheckConstraint(condition=models.Q(('end__gt', models.F('start'))), name='forecasting_submission_ends_after_its_start'),
        ),
        migrations.AddConstraint(
            model_name='submission',
            constraint=models.CheckConstraint(condition=models.Q(('best_case__gte', models.F('commit')), ('commit__gte', models.F('base_closed'))), name='forecasting_submission_in_order'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='submission',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1d627bfe27b7680ec1d8de5d2b66e7953909572c', operation='UPDATE OR DELETE', pgid='pgtrigger_never_changed_7d96d', table='forecasting_submission', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='submission',
            trigger=pgtrigger.compiler.Trigger(name='mark_touched', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF TG_OP <> 'INSERT' THEN\n    INSERT INTO pipeline_touched (fact, owner_id, team_id, customer_id, instants)\n        VALUES ('submission', OLD.user_id, OLD.team_id, NULL, array_remove(ARRAY[]::timestamptz[], NULL));\nEND IF;\nIF TG_OP <> 'DELETE' THEN\n    INSERT INTO pipeline_touched (fact, owner_id, team_id, customer_id, instants)\n        VALUES ('submission', NEW.user_id, NEW.team_id, NULL, array_remove(ARRAY[]::timestamptz[], NULL));\nEND IF;\nRETURN NULL;\n", hash='ba6ecb472b066d271c187682a115df2bb54de84f', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_mark_touched_13f19', table='forecasting_submission', when='AFTER')),
        ),
    ]
