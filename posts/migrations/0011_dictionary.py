"""The committee's word lists. A change of an entry stays as it was; an entry is never deleted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARDS = """
CREATE TRIGGER posts_dictionary_change_fixed BEFORE UPDATE OR DELETE ON posts_dictionarychange
    FOR EACH ROW EXECUTE FUNCTION posts_refuse();
CREATE TRIGGER posts_dictionary_entry_kept BEFORE DELETE ON posts_dictionaryentry
    FOR EACH ROW EXECUTE FUNCTION posts_refuse();
ALTER TABLE posts_dictionarychange ENABLE ALWAYS TRIGGER posts_dictionary_change_fixed;
ALTER TABLE posts_dictionaryentry ENABLE ALWAYS TRIGGER posts_dictionary_entry_kept;
"""
NO_GUARDS = """
DROP TRIGGER posts_dictionary_change_fixed ON posts_dictionarychange;
DROP TRIGGER posts_dictionary_entry_kept ON posts_dictionaryentry;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('posts', '0010_readings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DictionaryEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=16, unique=True, verbose_name='符号')),
                ('check_id', models.CharField(max_length=3, verbose_name='点検')),
                ('name', models.CharField(max_length=60, verbose_name='名前')),
                ('content', models.JSONField(verbose_name='内容')),
                ('state', models.CharField(choices=[('in_use', '使用中'), ('retired', '使わない')], default='in_use', max_length=16, verbose_name='状態')),
                ('version', models.PositiveIntegerField(default=1)),
                ('edited_at', models.DateTimeField(verbose_name='更新日時')),
                ('why', models.CharField(max_length=200, verbose_name='変更の理由')),
                ('edited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '辞書の項目',
                'ordering': ['check_id', 'name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DictionaryChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('content', models.JSONField(verbose_name='内容')),
                ('state', models.CharField(choices=[('in_use', '使用中'), ('retired', '使わない')], max_length=16, verbose_name='状態')),
                ('why', models.CharField(max_length=200, verbose_name='変更の理由')),
                ('at', models.DateTimeField(verbose_name='日時')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='posts.dictionaryentry')),
            ],
            options={
                'verbose_name': '辞書の変更',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='dictionaryentry',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'in_use')), fields=('check_id', 'name'), name='dictionary_names_differ'),
        ),
        migrations.AddConstraint(
            model_name='dictionaryentry',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['in_use', 'retired'])), name='dictionary_state_known'),
        ),
        migrations.AddConstraint(
            model_name='dictionarychange',
            constraint=models.UniqueConstraint(fields=('entry', 'version'), name='dictionary_changes_are_numbered'),
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
