"""The consent ledger and the notices can be added to, and not changed.

Not even by us: an UPDATE, DELETE or TRUNCATE of these tables is refused by the database. Whoever
has to repair something sets `swe_broadcast.ledger_maintenance` to `on` for one transaction;
that takes a person at the database, and no code of this project does it outside the tests.
"""

from django.db import migrations

TABLES = ("subscribers_consentevent", "subscribers_notice")

FUNCTION = """
CREATE FUNCTION subscribers_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('swe_broadcast.ledger_maintenance', true) IS NOT DISTINCT FROM 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""
TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION subscribers_refuse_change()
"""


class Migration(migrations.Migration):
    dependencies = [("subscribers", "0001_initial")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION subscribers_refuse_change"),
        *(
            migrations.RunSQL(TRIGGER.format(table=table), f"DROP TRIGGER append_only ON {table}")
            for table in TABLES
        ),
    ]
