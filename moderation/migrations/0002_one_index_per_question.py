"""Indexes: one for each question that a page asks, none that another one already answers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# As moderation.services.queue.filters_of: a lane and, of each other kind, one or none.
ENTER_OPEN_CASES = """
    INSERT INTO moderation_queueentry (case_id, filters, urgency, opened_at)
    SELECT c.id, concat_ws(' ', lanes.tag, criteria.tag, signals.tag, platforms.tag, channels.tag),
           c.urgency, c.opened_at
    FROM moderation_case c
    JOIN moderation_comment ON moderation_comment.id = c.comment_id
    JOIN platforms_channel ch ON ch.id = moderation_comment.channel_id
    CROSS JOIN LATERAL (
      SELECT 'lane:' || c.lane UNION ALL SELECT 'lane:all' WHERE c.lane <> 'consultation'
    ) AS lanes(tag)
    CROSS JOIN LATERAL (
      SELECT 'criterion:' || label FROM unnest(c.labels) AS label UNION ALL SELECT NULL
    ) AS criteria(tag)
    CROSS JOIN LATERAL (
      SELECT 'signal:' || name FROM unnest(c.signals) AS name UNION ALL SELECT NULL
    ) AS signals(tag)
    CROSS JOIN LATERAL (VALUES ('platform:' || ch.platform), (NULL)) AS platforms(tag)
    CROSS JOIN LATERAL (VALUES ('channel:' || ch.id), (NULL)) AS channels(tag)
    WHERE c.state = 'open'
"""
NAME_THE_COMMENTERS = """
    UPDATE moderation_decision d SET commenter_id = c.commenter_id
    FROM moderation_commentrevision r JOIN moderation_comment c ON c.id = r.comment_id
    WHERE r.id = d.revision_id;
    SET CONSTRAINTS ALL IMMEDIATE;
"""


def _without_index(model, name, to, on_delete=django.db.models.deletion.PROTECT, related_name='+'):
    return migrations.AlterField(
        model_name=model,
        name=name,
        field=models.ForeignKey(db_index=False, on_delete=on_delete, related_name=related_name, to=to),
    )


class Migration(migrations.Migration):

    dependencies = [
        ('moderation', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # The queue's index is made anew from the cases: it holds nothing else.
        migrations.DeleteModel(name='QueueEntry'),
        # Not the other way round: dropping a foreign key's index, Django would take the partial
        # unique constraints of the same column with it.
        migrations.RemoveIndex(model_name='case', name='case_by_comment'),
        migrations.RemoveIndex(model_name='decision', name='decision_by_case'),
        _without_index('comment', 'channel', 'platforms.channel'),
        _without_index('comment', 'commenter', 'moderation.commenter', related_name='comments'),
        _without_index('comment', 'post', 'platforms.remotepost', related_name='comments'),
        _without_index('commenter', 'channel', 'platforms.channel'),
        _without_index(
            'commentrevision', 'comment', 'moderation.comment',
            on_delete=django.db.models.deletion.CASCADE, related_name='revisions',
        ),
        _without_index('decision', 'actor', settings.AUTH_USER_MODEL),
        _without_index(
            'judgement', 'revision', 'moderation.commentrevision',
            on_delete=django.db.models.deletion.CASCADE, related_name='judgements',
        ),
        _without_index('judgement', 'ruleset', 'policy.ruleset'),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('standing__in', ['gone', 'hidden', 'removed'])), fields=['standing', '-posted_at', '-id'], name='comment_by_standing'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('route__in', ['care', 'consultation', 'hold'])), fields=['route', '-posted_at', '-id'], name='comment_by_route'),
        ),
        migrations.AddField(
            model_name='decision',
            name='commenter',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='moderation.commenter'),
        ),
        migrations.RunSQL(NAME_THE_COMMENTERS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='decision',
            name='commenter',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='moderation.commenter'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['commenter', '-decided_at'], name='decision_by_commenter'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['actor', 'undo_until'], name='decision_by_actor'),
        ),
        migrations.AddIndex(
            model_name='manualtask',
            index=models.Index(condition=models.Q(('state__in', ['claimed', 'open'])), fields=['id'], name='task_to_do'),
        ),
        migrations.CreateModel(
            name='QueueEntry',
            fields=[
                ('pk', models.CompositePrimaryKey('case_id', 'filters', blank=True, editable=False, primary_key=True, serialize=False)),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entries', to='moderation.case')),
                ('filters', models.CharField(max_length=100)),
                ('urgency', models.PositiveSmallIntegerField()),
                ('opened_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['filters', 'urgency', 'opened_at', 'case'], name='queue_order')],
            },
        ),
        migrations.RunSQL(ENTER_OPEN_CASES, migrations.RunSQL.noop),
    ]
