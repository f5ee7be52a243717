"""Two more reasons why a broadcast stands still."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0003_doubt'),
    ]

    operations = [
        migrations.AlterField(
            model_name='broadcast',
            name='pause_reason',
            field=models.CharField(blank=True, choices=[('operator', 'Paused by the desk.'), ('template', 'WhatsApp no longer accepts the template. See Templates.'), ('spam_limit', 'WhatsApp slows us down after complaints. Wait a few hours.'), ('media', 'WhatsApp could not process the picture or file. Use another one.'), ('mistakes', 'WhatsApp refuses our requests as wrong. Please tell IT.'), ('silence', 'WhatsApp no longer reports what arrives, so nobody would notice if it went wrong. It goes on by itself when reports come in; after ten minutes please tell IT.'), ('errors', 'Too many messages fail or stay unclear. Please tell IT, and resume when the cause is found.')], max_length=12, verbose_name='reason'),
        ),
    ]
