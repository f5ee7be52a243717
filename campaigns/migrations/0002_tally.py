"""The database itself counts deliveries by state, and leaves room to change them in place.

One signed tally row per state, reason and statement: a statement that records 64 answers adds
two or three rows, and no two workers wait for each other. Progress is the sum of those rows.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION campaigns_count_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO campaigns_tally (broadcast_id, state, reason, n)
        SELECT broadcast_id, state, reason, count(*) FROM new_rows
         GROUP BY broadcast_id, state, reason;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO campaigns_tally (broadcast_id, state, reason, n)
        SELECT broadcast_id, state, reason, -count(*) FROM old_rows
         GROUP BY broadcast_id, state, reason;
    ELSE
        INSERT INTO campaigns_tally (broadcast_id, state, reason, n)
        SELECT broadcast_id, state, reason, sum(n) FROM (
            SELECT broadcast_id, state, reason, 1 AS n FROM new_rows
             UNION ALL
            SELECT broadcast_id, state, reason, -1 FROM old_rows
        ) AS changes
         GROUP BY broadcast_id, state, reason HAVING sum(n) <> 0;
    END IF;
    RETURN NULL;
END $$
"""
TRIGGERS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


def _trigger(event, tables):
    return (
        f"CREATE TRIGGER count_{event} AFTER {event.upper()} ON campaigns_delivery "
        f"REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION campaigns_count_deliveries()"
    )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION campaigns_count_deliveries"),
        *(
            migrations.RunSQL(
                _trigger(event, tables), f"DROP TRIGGER count_{event} ON campaigns_delivery"
            )
            for event, tables in TRIGGERS.items()
        ),
        # A delivery changes three or four times; its state is in no index, so the new version
        # of the row stays on its page while there is room (HOT).
        migrations.RunSQL(
            "ALTER TABLE campaigns_delivery SET (fillfactor = 70)",
            "ALTER TABLE campaigns_delivery RESET (fillfactor)",
        ),
    ]
