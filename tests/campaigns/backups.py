"""A backup is put back: rolling back stands for it.

The rows are those of before, the journal and what the simulated WhatsApp has delivered are not.
"""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import transaction

from campaigns import reconciliation, restore, sending, stopping
from campaigns.models import Channel, Delivery
from campaigns.reasons import PauseReason
from campaigns.states import BroadcastState
from subscribers.consent import Act
from subscribers.models import ConsentEvent
from tests.factories import NOW, BroadcastFactory, SubscriberFactory

SOON = NOW + timedelta(seconds=30)
ACT = Act(by=ConsentEvent.Act.WORD, at=NOW)


@pytest.fixture
def people(own_journal):
    """Five subscribers, in a system that has been working for a while."""
    assert restore.is_sound(own_journal, now=NOW)
    return SubscriberFactory.create_batch(5, tier="maxi")


@pytest.fixture
def put_back(django_capture_on_commit_callbacks):
    """What happens inside the block is missing in the backup that is put back at its end."""

    @contextmanager
    def forgotten():
        with transaction.atomic():
            with django_capture_on_commit_callbacks(execute=True):
                yield
            transaction.set_rollback(True)

    return forgotten


def due():
    return BroadcastFactory(state=BroadcastState.SCHEDULED)


def send(broadcast, sender):
    return sending.pump(broadcast.pk, sender=sender, until=SOON)


def copies(simulator):
    """How many messages each phone has got."""
    return sorted(simulator.ledger_counts()["by_phone"].values())


def reason():
    return Channel.objects.get().stop_reason


def look(own_journal):
    return reconciliation.look(own_journal, now=SOON)


def release(own_journal):
    return reconciliation.release(own_journal, now=SOON)


def resume(broadcast):
    """What the editor does who has looked at the numbers."""
    sending.sweep(now=SOON)
    stopping.resume(broadcast.pk, PauseReason.RESTORED, now=SOON)


def states():
    return sorted(Delivery.objects.values_list("state", flat=True))
