"""Every consent event gets a leaf in a ledger that nobody can rewrite unnoticed.

The database adds the leaf itself, at the end of the transaction that adds the event: whoever
writes an event, in whatever way, writes a leaf. Only there, when nothing else is left to do but
to commit, does a transaction wait for the one before it; so leaves follow one another without
gaps, no conversation waits for another's, and this lock is the last one that anybody takes.

Events may be erased, leaves may not. A DELETE of events passes only if the setting
`swe_broadcast.erasure` holds, for the transaction, the id of an event of the kind
`erasure_executed` whose details list the leaf of every event that goes, and such an event can never
be erased itself. `swe_broadcast.ledger_maintenance` (migration 0002) is for emptying a database.
"""

import secrets

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from subscribers.ledger import entries

CHUNK = 1_000  # events a statement

APPEND = """
CREATE FUNCTION subscribers_append_leaf() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
    previous bytea;
    leaf bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('subscribers_ledgerleaf'));
    SELECT seq + 1, link INTO place, previous
      FROM subscribers_ledgerleaf ORDER BY seq DESC LIMIT 1;
    place := coalesce(place, 0);
    leaf := sha256('\\x00'::bytea || convert_to(
        format('{"commit":"%s","seq":%s,"v":1}', encode(NEW.commitment, 'hex'), place), 'UTF8'));
    INSERT INTO subscribers_ledgerleaf
           (seq, event_id, version, commitment, leaf_hash, link, appended_at)
    VALUES (place, NEW.id, 1, NEW.commitment, leaf,
            sha256('\\x02'::bytea || coalesce(previous, decode(repeat('00', 32), 'hex')) || leaf),
            NEW.recorded_at);
    RETURN NULL;
END $$
"""
APPEND_TRIGGER = """
CREATE CONSTRAINT TRIGGER append_leaf AFTER INSERT ON subscribers_consentevent
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION subscribers_append_leaf()
"""
ERASE = """
CREATE FUNCTION subscribers_refuse_unrecorded_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    record_id bigint := nullif(current_setting('swe_broadcast.erasure', true), '')::bigint;
BEGIN
    IF current_setting('swe_broadcast.ledger_maintenance', true) IS NOT DISTINCT FROM 'on' THEN
        RETURN NULL;
    END IF;
    IF record_id IS NULL OR EXISTS (
        SELECT FROM gone LEFT JOIN subscribers_ledgerleaf leaf ON leaf.event_id = gone.id
         WHERE gone.kind = 'erasure_executed' OR leaf.seq IS NULL OR leaf.seq NOT IN (
               SELECT named.seq::bigint
                 FROM subscribers_consentevent record,
                      jsonb_array_elements_text(record.details -> 'leaves') named (seq)
                WHERE record.id = record_id AND record.kind = 'erasure_executed'))
    THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$
"""
ERASE_TRIGGER = """
CREATE TRIGGER recorded_erasure AFTER DELETE ON subscribers_consentevent
REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION subscribers_refuse_unrecorded_erasure()
"""
APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE {events} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION subscribers_refuse_change()
"""
ANYTHING = "UPDATE OR DELETE OR TRUNCATE"


def fill(apps, schema_editor):
    """Give the events of an older release their salts, commitments and leaves, in their order."""
    ConsentEvent = apps.get_model("subscribers", "ConsentEvent")
    LedgerLeaf = apps.get_model("subscribers", "LedgerLeaf")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET LOCAL swe_broadcast.ledger_maintenance = 'on'")
        seq, link, done = 0, entries.NO_LINK, 0
        rows = ConsentEvent.objects.select_related("notice").order_by("pk")
        while events := list(rows.filter(pk__gt=done)[:CHUNK]):
            leaves = []
            for event in events:
                event.salt = secrets.token_bytes(entries.SALT_BYTES)
                event.commitment = entries.commitment(body(event), salt=event.salt)
                leaf = entries.leaf_hash(seq, event.commitment)
                link = entries.link(link, leaf)
                leaves.append(
                    LedgerLeaf(
                        seq=seq,
                        event_id=event.pk,
                        version=entries.VERSION,
                        commitment=event.commitment,
                        leaf_hash=leaf,
                        link=link,
                        appended_at=event.recorded_at,
                    )
                )
                seq += 1
            ConsentEvent.objects.bulk_update(events, ["salt", "commitment"])
            LedgerLeaf.objects.bulk_create(leaves)
            done = events[-1].pk
        cursor.execute("SET LOCAL swe_broadcast.ledger_maintenance = ''")


def body(event):
    notice = f"{event.notice.language}/{event.notice.version}" if event.notice else None
    return entries.body(
        kind=event.kind,
        act=event.act,
        subject=event.subscriber_id,
        tier=event.tier,
        notice=notice,
        notice_sha256=event.notice_sha256,
        happened_at=event.happened_at,
        recorded_at=event.recorded_at,
        message_hash=event.message_hash,
        receipt_code=event.receipt_code,
        details=event.details,
    )


def triggers(table, events):
    return migrations.RunSQL(
        APPEND_ONLY.format(table=table, events=events), f"DROP TRIGGER append_only ON {table}"
    )


class Migration(migrations.Migration):

    dependencies = [
        ('subscribers', '0002_append_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.BigIntegerField(verbose_name='number of leaves')),
                ('frontier', models.BinaryField()),
                ('note', models.TextField(verbose_name='signed note')),
                ('taken_at', models.DateTimeField(verbose_name='taken at')),
            ],
            options={
                'verbose_name': 'checkpoint',
                'verbose_name_plural': 'checkpoints',
            },
        ),
        migrations.CreateModel(
            name='LedgerCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('checked_at', models.DateTimeField(db_index=True, verbose_name='checked at')),
                ('size', models.BigIntegerField(verbose_name='number of leaves')),
                ('erased', models.BigIntegerField(verbose_name='lawfully erased')),
                ('checkpoints', models.PositiveIntegerField(verbose_name='checkpoints')),
                ('findings', models.JSONField(default=list, verbose_name='findings')),
            ],
            options={
                'verbose_name': 'verification of the ledger',
                'verbose_name_plural': 'verifications of the ledger',
            },
        ),
        migrations.AddField(
            model_name='consentevent',
            name='commitment',
            field=models.BinaryField(max_length=32, null=True),
        ),
        migrations.AddField(
            model_name='consentevent',
            name='details',
            field=models.JSONField(default=dict, verbose_name='details'),
        ),
        migrations.AddField(
            model_name='consentevent',
            name='salt',
            field=models.BinaryField(max_length=32, null=True),
        ),
        migrations.AlterField(
            model_name='consentevent',
            name='kind',
            field=models.CharField(choices=[('requested', 'wrote to us'), ('notice_sent', 'notice sent'), ('given', 'consent given'), ('tier_changed', 'tier changed'), ('refused', 'consent refused'), ('withdrawn', 'consent withdrawn'), ('erasure_executed', 'events erased')], max_length=24, verbose_name='event'),
        ),
        migrations.AlterField(
            model_name='consentevent',
            name='subscriber',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='consent_events', to='subscribers.subscriber', verbose_name='subscriber'),
        ),
        migrations.CreateModel(
            name='Anchor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(max_length=20, verbose_name='place')),
                ('tried_at', models.DateTimeField(verbose_name='tried at')),
                ('is_sent', models.BooleanField(verbose_name='sent')),
                ('checkpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='anchors', to='subscribers.checkpoint')),
            ],
            options={
                'verbose_name': 'anchor',
                'verbose_name_plural': 'anchors',
            },
        ),
        migrations.CreateModel(
            name='LedgerLeaf',
            fields=[
                ('seq', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='number')),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('commitment', models.BinaryField(max_length=32)),
                ('leaf_hash', models.BinaryField(max_length=32)),
                ('link', models.BinaryField(max_length=32)),
                ('appended_at', models.DateTimeField(verbose_name='appended at')),
                ('event', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='leaf', to='subscribers.consentevent')),
            ],
            options={
                'verbose_name': 'leaf of the ledger',
                'verbose_name_plural': 'leaves of the ledger',
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='consentevent',
            name='salt',
            field=models.BinaryField(max_length=32),
        ),
        migrations.AlterField(
            model_name='consentevent',
            name='commitment',
            field=models.BinaryField(max_length=32),
        ),
        migrations.AddConstraint(
            model_name='consentevent',
            constraint=models.CheckConstraint(
                condition=models.Q(Exact(Length('salt'), 32), Exact(Length('commitment'), 32)),
                name='consent_event_sealed',
            ),
        ),
        migrations.RunSQL(APPEND, "DROP FUNCTION subscribers_append_leaf"),
        migrations.RunSQL(APPEND_TRIGGER, "DROP TRIGGER append_leaf ON subscribers_consentevent"),
        migrations.RunSQL(
            "DROP TRIGGER append_only ON subscribers_consentevent",
            APPEND_ONLY.format(table="subscribers_consentevent", events=ANYTHING),
        ),
        triggers("subscribers_consentevent", "UPDATE OR TRUNCATE"),
        migrations.RunSQL(ERASE, "DROP FUNCTION subscribers_refuse_unrecorded_erasure"),
        migrations.RunSQL(
            ERASE_TRIGGER, "DROP TRIGGER recorded_erasure ON subscribers_consentevent"
        ),
        triggers("subscribers_ledgerleaf", ANYTHING),
        triggers("subscribers_checkpoint", ANYTHING),
    ]
