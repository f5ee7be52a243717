"""Doubts as rows of their own, written by the database itself; and how long echoes take."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

FUNCTION = """
CREATE FUNCTION campaigns_note_doubt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaigns_doubt (delivery_id, broadcast_id, armed_at, resends)
    VALUES (NEW.id, NEW.broadcast_id, NULL, 0)
        ON CONFLICT (delivery_id) DO UPDATE SET armed_at = NULL, proved_at = NULL;
    RETURN NULL;
END $$
"""
# WHEN is asked before anything is queued: a row that is not in doubt costs next to nothing.
TRIGGER = """
CREATE TRIGGER note_doubt AFTER INSERT OR UPDATE ON campaigns_delivery
FOR EACH ROW WHEN (NEW.state = 'in_doubt') EXECUTE FUNCTION campaigns_note_doubt()
"""
FORMER = """
INSERT INTO campaigns_doubt (delivery_id, broadcast_id, armed_at, resends)
SELECT id, broadcast_id, NULL, 0 FROM campaigns_delivery WHERE state = 'in_doubt'
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_tally")]
    operations = [
        migrations.CreateModel(
            name="EchoDelay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("seconds", models.PositiveIntegerField()),
                ("n", models.BigIntegerField()),
            ],
            options={"verbose_name": "delay of echoes", "verbose_name_plural": "delays of echoes"},
        ),
        migrations.CreateModel(
            name="Doubt",
            fields=[
                ("delivery", models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name="doubt", serialize=False, to="campaigns.delivery")),
                ("armed_at", models.DateTimeField(null=True)),
                ("proved_at", models.DateTimeField(null=True)),
                ("resends", models.PositiveSmallIntegerField(default=0)),
                ("broadcast", models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="doubts", to="campaigns.broadcast")),
            ],
            options={"verbose_name": "doubt", "verbose_name_plural": "doubts"},
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=["armed_at"], name="attempt_time"),
        ),
        migrations.AlterField(
            model_name="broadcastevent",
            name="what",
            field=models.CharField(choices=[('written', 'written'), ('changed', 'changed'), ('submitted', 'submitted for approval'), ('approved', 'approved'), ('returned', 'sent back'), ('scheduled', 'scheduled'), ('unscheduled', 'taken off the schedule'), ('started', 'started'), ('paused', 'paused'), ('resumed', 'resumed'), ('cancelled', 'cancelled'), ('missed', 'missed its time'), ('expired', 'the rest was too late to be useful'), ('resent', 'what was unclear is sent once more'), ('given_up', 'what was unclear is closed as not delivered'), ('closed', 'closed; everything adds up')], max_length=12, verbose_name='what'),
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION campaigns_note_doubt"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER note_doubt ON campaigns_delivery"),
        migrations.RunSQL(FORMER, migrations.RunSQL.noop),
    ]
