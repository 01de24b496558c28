"""Drafts of the policy, written and approved in the browser.

The database keeps a version's text from the moment it leaves the draft state, lets its state move
along allowed ways only, and lets nobody slip a clause in while the version is being put up.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARDS = """
-- As in 0002; a copy of a rule set is filled like a draft (only a rule set is ever a copy). And the
-- parent is locked: a part that is written while the parent leaves the draft
-- state waits, and is then refused.
CREATE OR REPLACE FUNCTION policy_refuse_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent_table text := TG_ARGV[0];
    parent_column text := TG_ARGV[1];
    parent_id bigint;
    parent_state text;
BEGIN
    FOREACH parent_id IN ARRAY ARRAY[
        CASE WHEN TG_OP <> 'INSERT' THEN (to_jsonb(OLD) ->> parent_column)::bigint END,
        CASE WHEN TG_OP <> 'DELETE' THEN (to_jsonb(NEW) ->> parent_column)::bigint END
    ] LOOP
        EXECUTE format('SELECT state FROM %I WHERE id = $1 FOR SHARE', parent_table)
            INTO parent_state USING parent_id;
        IF parent_id IS NOT NULL
            AND parent_state IS DISTINCT FROM 'draft' AND parent_state IS DISTINCT FROM 'copy'
        THEN
            RAISE EXCEPTION '% on % refused: it belongs to something that is no longer a draft',
                TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION policy_refuse_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['state'];
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state = 'draft' THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' AND OLD.state = 'draft' THEN
        RETURN OLD;
    ELSIF TG_OP = 'UPDATE' THEN
        IF OLD.state = 'draft' AND NEW.state = 'draft' THEN
            RETURN NEW;
        END IF;
        IF NEW.state = 'in_force' AND OLD.state <> 'in_force' THEN
            free := free || 'in_force_at'::text;
        END IF;
        IF to_jsonb(NEW) - free = to_jsonb(OLD) - free AND (
            NEW.state = OLD.state
            OR (OLD.state, NEW.state) IN (
                ('draft', 'review'), ('draft', 'dropped'), ('review', 'approved'),
                ('review', 'draft'), ('approved', 'draft'), ('approved', 'in_force'),
                ('in_force', 'retired')
            )
            -- Only the first version of all, which the project carries, needs no approval.
            OR (OLD.state = 'draft' AND NEW.state = 'in_force' AND NOT EXISTS (
                SELECT FROM policy_policyversion WHERE state IN ('in_force', 'retired')
            ))
        ) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% on % refused: a version keeps its text and its way of states',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION policy_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'TRUNCATE on % refused', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

DROP TRIGGER policy_version_fixed ON policy_policyversion;
CREATE TRIGGER policy_version_fixed BEFORE INSERT OR UPDATE OR DELETE ON policy_policyversion
    FOR EACH ROW EXECUTE FUNCTION policy_refuse_version();
CREATE TRIGGER policy_contributor_fixed BEFORE INSERT OR UPDATE OR DELETE
    ON policy_policyversion_contributors
    FOR EACH ROW EXECUTE FUNCTION policy_refuse_part('policy_policyversion', 'policyversion_id');
CREATE TRIGGER policy_version_no_truncate BEFORE TRUNCATE ON policy_policyversion
    FOR EACH STATEMENT EXECUTE FUNCTION policy_refuse_truncate();
CREATE TRIGGER policy_clause_no_truncate BEFORE TRUNCATE ON policy_clause
    FOR EACH STATEMENT EXECUTE FUNCTION policy_refuse_truncate();
CREATE TRIGGER policy_contributor_no_truncate BEFORE TRUNCATE ON policy_policyversion_contributors
    FOR EACH STATEMENT EXECUTE FUNCTION policy_refuse_truncate();
ALTER TABLE policy_policyversion ENABLE ALWAYS TRIGGER policy_version_fixed;
ALTER TABLE policy_policyversion ENABLE ALWAYS TRIGGER policy_version_no_truncate;
ALTER TABLE policy_clause ENABLE ALWAYS TRIGGER policy_clause_no_truncate;
ALTER TABLE policy_policyversion_contributors ENABLE ALWAYS TRIGGER policy_contributor_fixed;
ALTER TABLE policy_policyversion_contributors ENABLE ALWAYS TRIGGER policy_contributor_no_truncate;
"""

NO_GUARDS = """
DROP TRIGGER policy_contributor_no_truncate ON policy_policyversion_contributors;
DROP TRIGGER policy_clause_no_truncate ON policy_clause;
DROP TRIGGER policy_version_no_truncate ON policy_policyversion;
DROP TRIGGER policy_contributor_fixed ON policy_policyversion_contributors;
DROP TRIGGER policy_version_fixed ON policy_policyversion;
CREATE TRIGGER policy_version_fixed BEFORE UPDATE OR DELETE ON policy_policyversion
    FOR EACH ROW EXECUTE FUNCTION policy_refuse_whole();
ALTER TABLE policy_policyversion ENABLE ALWAYS TRIGGER policy_version_fixed;
DROP FUNCTION policy_refuse_truncate();
DROP FUNCTION policy_refuse_version();
"""

# What is in force gets its anchors here, once: for this the triggers have to look away.
LOOK_AWAY = "ALTER TABLE policy_clause DISABLE TRIGGER policy_clause_fixed"
LOOK_AGAIN = "ALTER TABLE policy_clause ENABLE ALWAYS TRIGGER policy_clause_fixed"


def give_anchors(apps, schema_editor):
    from policy.numbering import anchor_for

    clauses = apps.get_model("policy", "Clause").objects.using(schema_editor.connection.alias)
    for clause in clauses.all():
        clauses.filter(pk=clause.pk).update(anchor=anchor_for(clause.code))


class Migration(migrations.Migration):
    dependencies = [
        ("policy", "0004_rule_lab_fixed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="policyversion", name="policy_version_state_known"),
        migrations.AddField(
            "clause",
            "anchor",
            models.CharField(
                db_collation="C", default="", max_length=32, verbose_name="リンク先の名前"
            ),
            preserve_default=False,
        ),
        migrations.AddField("clause", "edit_number", models.PositiveIntegerField(default=1)),
        migrations.AddField(
            "clause", "edited_at", models.DateTimeField(null=True, verbose_name="更新日時")
        ),
        migrations.AddField(
            "clause",
            "edited_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "policyversion",
            "contributors",
            models.ManyToManyField(
                related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="作成に関わった人"
            ),
        ),
        migrations.AddField(
            "policyversion",
            "created_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("policyversion", "edit_number", models.PositiveIntegerField(default=1)),
        migrations.AddField(
            "policyversion",
            "in_force_at",
            models.DateTimeField(editable=False, null=True, verbose_name="施行の処理"),
        ),
        migrations.AddField(
            "policyversion", "summary", models.TextField(blank=True, verbose_name="改定の要点")
        ),
        migrations.AlterField(
            "policyversion", "number", models.PositiveIntegerField(verbose_name="版")
        ),
        migrations.AlterField(
            "policyversion",
            "state",
            models.CharField(
                choices=[
                    ("draft", "案"),
                    ("review", "承認待ち"),
                    ("approved", "施行待ち"),
                    ("in_force", "施行中"),
                    ("retired", "旧版"),
                    ("dropped", "取りやめ"),
                ],
                default="draft",
                max_length=16,
                verbose_name="状態",
            ),
        ),
        migrations.AlterField(
            "ruleset",
            "state",
            models.CharField(
                choices=[
                    ("draft", "案"),
                    ("shadow", "試行中"),
                    ("copy", "写し"),
                    ("active", "使用中"),
                    ("retired", "終了"),
                    ("withdrawn", "取り下げ"),
                ],
                default="draft",
                max_length=16,
                verbose_name="状態",
            ),
        ),
        migrations.RemoveConstraint(model_name="ruleset", name="policy_ruleset_state_known"),
        migrations.AddConstraint(
            "ruleset",
            models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "shadow", "copy", "active", "retired", "withdrawn"])),
                name="policy_ruleset_state_known",
            ),
        ),
        migrations.RunSQL(LOOK_AWAY, migrations.RunSQL.noop),
        migrations.RunPython(give_anchors, migrations.RunPython.noop),
        migrations.RunSQL(LOOK_AGAIN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "clause",
            models.UniqueConstraint(fields=("version", "anchor"), name="policy_clause_anchor"),
        ),
        migrations.AddConstraint(
            "clause",
            models.CheckConstraint(
                condition=models.Q(("anchor__regex", "^c[0-9a-z_-]+$")),
                name="policy_clause_anchor_plain",
            ),
        ),
        migrations.AddConstraint(
            "policyversion",
            models.UniqueConstraint(
                condition=models.Q(("state", "dropped"), _negated=True),
                fields=("number",),
                name="policy_version_number",
            ),
        ),
        migrations.AddConstraint(
            "policyversion",
            models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["draft", "review", "approved", "in_force", "retired", "dropped"],
                    )
                ),
                name="policy_version_state_known",
            ),
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
