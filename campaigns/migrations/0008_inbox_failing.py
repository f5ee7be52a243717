from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # webhooks are stored while the indexes are built

    dependencies = [
        ('campaigns', '0007_forget'),
    ]

    operations = [
        migrations.AlterField(
            model_name='inboxentry',
            name='state',
            field=models.CharField(choices=[('received', 'Received'), ('failing', 'Failing'), ('applied', 'Applied'), ('quarantined', 'Quarantined')], default='received', max_length=12),
        ),
        AddIndexConcurrently(
            model_name='inboxentry',
            index=models.Index(condition=models.Q(('state__in', ['received', 'failing'])), fields=['not_before', 'id'], name='inbox_waiting'),
        ),
        AddIndexConcurrently(
            model_name='inboxentry',
            index=models.Index(condition=models.Q(('state', 'quarantined')), fields=['received_at'], name='inbox_put_aside'),
        ),
        AddIndexConcurrently(
            model_name='inboxentry',
            index=BrinIndex(fields=['received_at'], name='inbox_age_range'),
        ),
        RemoveIndexConcurrently(
            model_name='inboxentry',
            name='inbox_pending',
        ),
        RemoveIndexConcurrently(
            model_name='inboxentry',
            name='inbox_age',
        ),
    ]
