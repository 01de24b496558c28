"""What was written and what was put up for approval stay as they are, whoever asks.

A revision and a submission are never changed or removed, and a delivery's payload is not either:
the hash that people voted on cannot be given another content.
"""

from django.db import migrations

GUARDS = """
CREATE FUNCTION posts_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: it is a record', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION posts_refuse_new_payload() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR ROW(NEW.post_id, NEW.channel_id, NEW.submission_id, NEW.deed, NEW.key, NEW.payload,
               NEW.payload_hash)
        IS DISTINCT FROM
           ROW(OLD.post_id, OLD.channel_id, OLD.submission_id, OLD.deed, OLD.key, OLD.payload,
               OLD.payload_hash)
    THEN
        RAISE EXCEPTION '% on % refused: what is sent is what was approved', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER posts_revision_fixed BEFORE UPDATE OR DELETE ON posts_revision
    FOR EACH ROW EXECUTE FUNCTION posts_refuse();
CREATE TRIGGER posts_submission_fixed BEFORE UPDATE OR DELETE ON posts_submission
    FOR EACH ROW EXECUTE FUNCTION posts_refuse();
CREATE TRIGGER posts_delivery_fixed BEFORE UPDATE OR DELETE ON posts_delivery
    FOR EACH ROW EXECUTE FUNCTION posts_refuse_new_payload();

-- ALWAYS: also while a session calls itself a replica, which silences ordinary triggers.
ALTER TABLE posts_revision ENABLE ALWAYS TRIGGER posts_revision_fixed;
ALTER TABLE posts_submission ENABLE ALWAYS TRIGGER posts_submission_fixed;
ALTER TABLE posts_delivery ENABLE ALWAYS TRIGGER posts_delivery_fixed;
"""

NO_GUARDS = """
DROP TRIGGER posts_revision_fixed ON posts_revision;
DROP TRIGGER posts_submission_fixed ON posts_submission;
DROP TRIGGER posts_delivery_fixed ON posts_delivery;
DROP FUNCTION posts_refuse();
DROP FUNCTION posts_refuse_new_payload();
"""


class Migration(migrations.Migration):
    dependencies = [("posts", "0002_drafts_and_deliveries")]

    operations = [migrations.RunSQL(GUARDS, NO_GUARDS)]
