"""Once a version or rule set has left the draft state, the database keeps its content as it is.

Only the state column may still move (and a rule set's time of activation); clauses, settings and
rules may then be neither added, changed nor removed.
"""

from django.db import migrations

GUARDS = """
CREATE FUNCTION policy_refuse_part() RETURNS trigger LANGUAGE plpgsql AS $$
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
        EXECUTE format('SELECT state FROM %I WHERE id = $1', parent_table)
            INTO parent_state USING parent_id;
        IF parent_state IS DISTINCT FROM 'draft' AND parent_id IS NOT NULL THEN
            RAISE EXCEPTION '% on % refused: it belongs to something that is no longer a draft',
                TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION policy_refuse_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE'
        AND NEW.state <> 'draft'
        AND to_jsonb(NEW) - 'state' - 'activated_at' = to_jsonb(OLD) - 'state' - 'activated_at'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on % refused: it is no longer a draft', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER policy_clause_fixed BEFORE INSERT OR UPDATE OR DELETE ON policy_clause
    FOR EACH ROW EXECUTE FUNCTION policy_refuse_part('policy_policyversion', 'version_id');
CREATE TRIGGER policy_setting_fixed BEFORE INSERT OR UPDATE OR DELETE ON policy_criterionsetting
    FOR EACH ROW EXECUTE FUNCTION policy_refuse_part('policy_ruleset', 'ruleset_id');
CREATE TRIGGER policy_rule_fixed BEFORE INSERT OR UPDATE OR DELETE ON policy_rule
    FOR EACH ROW EXECUTE FUNCTION policy_refuse_part('policy_ruleset', 'ruleset_id');
CREATE TRIGGER policy_version_fixed BEFORE UPDATE OR DELETE ON policy_policyversion
    FOR EACH ROW EXECUTE FUNCTION policy_refuse_whole();
CREATE TRIGGER policy_ruleset_fixed BEFORE UPDATE OR DELETE ON policy_ruleset
    FOR EACH ROW EXECUTE FUNCTION policy_refuse_whole();

-- ALWAYS: also while a session calls itself a replica, which silences ordinary triggers.
ALTER TABLE policy_clause ENABLE ALWAYS TRIGGER policy_clause_fixed;
ALTER TABLE policy_criterionsetting ENABLE ALWAYS TRIGGER policy_setting_fixed;
ALTER TABLE policy_rule ENABLE ALWAYS TRIGGER policy_rule_fixed;
ALTER TABLE policy_policyversion ENABLE ALWAYS TRIGGER policy_version_fixed;
ALTER TABLE policy_ruleset ENABLE ALWAYS TRIGGER policy_ruleset_fixed;
"""

NO_GUARDS = """
DROP TRIGGER policy_clause_fixed ON policy_clause;
DROP TRIGGER policy_setting_fixed ON policy_criterionsetting;
DROP TRIGGER policy_rule_fixed ON policy_rule;
DROP TRIGGER policy_version_fixed ON policy_policyversion;
DROP TRIGGER policy_ruleset_fixed ON policy_ruleset;
DROP FUNCTION policy_refuse_part();
DROP FUNCTION policy_refuse_whole();
"""


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_initial")]

    operations = [migrations.RunSQL(GUARDS, NO_GUARDS)]
