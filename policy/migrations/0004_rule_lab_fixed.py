"""What was written about rule sets stays as it was: edits, activations, and what was withdrawn.

Edits are added while the set is a draft, and activations when one goes to work; neither is ever
changed or removed. A rule set that was withdrawn never goes to work.
"""

from django.db import migrations

GUARDS = """
CREATE FUNCTION policy_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: it tells what happened', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION policy_refuse_return() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'withdrawn' AND NEW.state <> 'withdrawn' THEN
        RAISE EXCEPTION 'UPDATE on % refused: it was withdrawn', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER policy_edit_in_draft BEFORE INSERT ON policy_rulesetedit
    FOR EACH ROW EXECUTE FUNCTION policy_refuse_part('policy_ruleset', 'ruleset_id');
CREATE TRIGGER policy_edit_fixed BEFORE UPDATE OR DELETE ON policy_rulesetedit
    FOR EACH ROW EXECUTE FUNCTION policy_refuse_change();
CREATE TRIGGER policy_activation_fixed BEFORE UPDATE OR DELETE ON policy_activation
    FOR EACH ROW EXECUTE FUNCTION policy_refuse_change();
CREATE TRIGGER policy_ruleset_withdrawn BEFORE UPDATE ON policy_ruleset
    FOR EACH ROW EXECUTE FUNCTION policy_refuse_return();

ALTER TABLE policy_rulesetedit ENABLE ALWAYS TRIGGER policy_edit_in_draft;
ALTER TABLE policy_rulesetedit ENABLE ALWAYS TRIGGER policy_edit_fixed;
ALTER TABLE policy_activation ENABLE ALWAYS TRIGGER policy_activation_fixed;
ALTER TABLE policy_ruleset ENABLE ALWAYS TRIGGER policy_ruleset_withdrawn;
"""

NO_GUARDS = """
DROP TRIGGER policy_edit_in_draft ON policy_rulesetedit;
DROP TRIGGER policy_edit_fixed ON policy_rulesetedit;
DROP TRIGGER policy_activation_fixed ON policy_activation;
DROP TRIGGER policy_ruleset_withdrawn ON policy_ruleset;
DROP FUNCTION policy_refuse_change();
DROP FUNCTION policy_refuse_return();
"""


class Migration(migrations.Migration):
    dependencies = [("policy", "0003_rule_lab")]

    operations = [migrations.RunSQL(GUARDS, NO_GUARDS)]
