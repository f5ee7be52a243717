"""After a refused token: one question a minute, and sending goes on when it is answered."""

from datetime import timedelta

import pytest

from campaigns import connections, probing, stopping
from campaigns.models import Channel
from campaigns.reasons import StopReason
from tests.factories import NOW

pytestmark = pytest.mark.django_db(databases="__all__")

MINUTE = timedelta(minutes=1)


def probe(now):
    probing.probe(client=connections.cloud_client(), now=now)


def stands():
    return Channel.objects.get().stop_reason


def test_when_whatsapp_takes_the_token_again_sending_goes_on(simulator):
    stopping.stop_channel(StopReason.TOKEN, now=NOW)

    probe(NOW + MINUTE)

    assert stands() == ""


def test_a_token_that_is_refused_still_is_asked_about_once_a_minute(simulator, settings):
    settings.WHATSAPP_ACCESS_TOKEN = "revoked"
    connections.forget()
    stopping.stop_channel(StopReason.TOKEN, now=NOW)

    for seconds in range(0, 180, 15):
        probe(NOW + timedelta(seconds=seconds))

    assert stands() == StopReason.TOKEN
    assert Channel.objects.get().probed_at == NOW + 2 * MINUTE


@pytest.mark.parametrize("reason", [StopReason.ACCOUNT, StopReason.KILL_SWITCH])
def test_what_a_token_does_not_prove_waits_for_a_human(simulator, reason):
    stopping.stop_channel(reason, now=NOW)

    probe(NOW + MINUTE)

    assert stands() == reason
    assert Channel.objects.get().probed_at is None


def test_a_kill_switch_that_was_pressed_meanwhile_stays(simulator):
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)

    stopping.release_channel(StopReason.TOKEN, now=NOW)

    assert stands() == StopReason.KILL_SWITCH
