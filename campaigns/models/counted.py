"""Which broadcasts have been counted for unreached.py."""

from django.db import models

from campaigns.models.broadcasts import Broadcast


class CountedBroadcast(models.Model):
    """Its failures have been added to the counters; never twice."""

    broadcast = models.OneToOneField(Broadcast, models.CASCADE, primary_key=True)

    personal_fields: frozenset[str] = frozenset()
