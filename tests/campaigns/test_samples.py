"""Samples: written while a broadcast runs, gone when it is closed."""

from datetime import timedelta

import pytest

from campaigns import samples
from campaigns.models import Broadcast, Sample
from campaigns.states import BroadcastState
from tests.factories import NOW, BroadcastFactory, DeliveryFactory

pytestmark = pytest.mark.django_db(databases="__all__")


def test_each_look_notes_what_whatsapp_has_accepted_so_far():
    delivery = DeliveryFactory()
    samples.sweep(now=NOW)
    DeliveryFactory(broadcast=delivery.broadcast, state="delivered")

    samples.sweep(now=NOW + timedelta(seconds=15))

    assert samples.of(delivery.broadcast_id) == [(NOW, 0), (NOW + timedelta(seconds=15), 1)]


def test_two_looks_at_the_same_moment_are_one():
    DeliveryFactory()

    for _ in range(2):
        samples.sweep(now=NOW)

    assert Sample.objects.count() == 1


def test_what_has_not_begun_is_not_read():
    BroadcastFactory(state=BroadcastState.SCHEDULED)

    samples.sweep(now=NOW)

    assert not Sample.objects.exists()


def test_exact_figures_go_when_the_broadcast_is_closed():
    DeliveryFactory(state="delivered")
    samples.sweep(now=NOW)
    Broadcast.objects.update(state=BroadcastState.DONE, closed_at=NOW)

    samples.sweep(now=NOW + timedelta(seconds=15))

    assert not Sample.objects.exists()
