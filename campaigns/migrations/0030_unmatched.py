from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # webhooks are stored while the index is built

    dependencies = [
        ('campaigns', '0029_broken_duty'),
    ]

    operations = [
        migrations.AddField(
            model_name='inboxentry',
            name='unmatched',
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='alarm',
            name='kind',
            field=models.CharField(choices=[('stopped', 'All sending is stopped.'), ('stands_still', 'A broadcast stands still.'), ('missed', 'A broadcast missed its time and has reached nobody.'), ('expired', 'A broadcast was too late for some, who did not get it.'), ('late', 'An urgent broadcast left later than planned.'), ('slot_empty', 'A place in the plan has no approved message yet.'), ('slot_missed', 'A place in the plan stayed empty.'), ('not_ready', 'A broadcast that leaves soon is not ready.'), ('dearer', 'WhatsApp counts a template as marketing now, which costs more.'), ('budget', 'This month has passed the warning line of its budget.'), ('unmatched', 'WhatsApp reports messages that we do not know.'), ('review_due', 'A contract with a processor of our data is to be reviewed.'), ('broken', 'A regular duty of the system fails. IT finds the cause in the log.'), ('account_set', 'Our account at WhatsApp is not set as we promise.')], max_length=20, verbose_name='what'),
        ),
        AddIndexConcurrently(
            model_name='inboxentry',
            index=models.Index(condition=models.Q(('unmatched__gt', 0)), fields=['received_at'], name='inbox_unmatched'),
        ),
    ]
