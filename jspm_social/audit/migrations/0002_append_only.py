"""The database refuses what the code never does: changing or removing what was recorded."""

from django.conf import settings
from django.db import migrations

TRIGGERS = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_personal_no_change BEFORE UPDATE ON audit_auditpersonal
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_personal_no_truncate BEFORE TRUNCATE ON audit_auditpersonal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- ALWAYS: also while a session calls itself a replica, which silences ordinary triggers.
ALTER TABLE audit_auditevent ENABLE ALWAYS TRIGGER audit_event_no_change;
ALTER TABLE audit_auditevent ENABLE ALWAYS TRIGGER audit_event_no_truncate;
ALTER TABLE audit_auditpersonal ENABLE ALWAYS TRIGGER audit_personal_no_change;
ALTER TABLE audit_auditpersonal ENABLE ALWAYS TRIGGER audit_personal_no_truncate;
"""

NO_TRIGGERS = """
DROP TRIGGER audit_event_no_change ON audit_auditevent;
DROP TRIGGER audit_event_no_truncate ON audit_auditevent;
DROP TRIGGER audit_personal_no_change ON audit_auditpersonal;
DROP TRIGGER audit_personal_no_truncate ON audit_auditpersonal;
DROP FUNCTION audit_refuse();
"""


def take_rights(apps, schema_editor):
    """Leave the application's role only INSERT and SELECT (and DELETE of personal details).

    Where one role does everything it owns the tables and could grant itself anything back: the
    triggers are then all there is.
    """
    role = settings.DATABASES["default"]["USER"]
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if role in ("", cursor.fetchone()[0]):
            return
    name = schema_editor.quote_name(role)
    schema_editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON audit_auditevent FROM {name}")
    schema_editor.execute(f"REVOKE UPDATE, TRUNCATE ON audit_auditpersonal FROM {name}")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
    ]
