"""The sign of a web process that it listens for webhooks."""

import pytest
from django.utils import timezone

from campaigns import echoes
from campaigns.models import Heartbeat
from swe_broadcast import listening
from tests.campaigns.outages import no_database

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_web_process_notes_that_it_listens():
    before = timezone.now()

    listening.note_once()

    assert Heartbeat.objects.get(name=echoes.LISTENING).at >= before


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_without_the_database_nothing_is_noted_and_the_next_sign_follows():
    with no_database():
        listening.note_once()
    assert not Heartbeat.objects.exists()

    listening.note_once()

    assert echoes.inbox_was_healthy(since=timezone.now(), now=timezone.now())
