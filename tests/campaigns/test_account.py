"""The settings of our account at Meta that data protection depends on, asked for every day."""

from datetime import timedelta

import pytest

from campaigns import account, connections
from campaigns.models import AccountCheck, Alarm
from tests.factories import NOW

pytestmark = pytest.mark.django_db(databases="__all__")

DAY = timedelta(days=1)


def check(now=NOW):
    account.check_if_due(client=connections.cloud_client(), now=now)


def alarms():
    return Alarm.objects.filter(kind=Alarm.Kind.ACCOUNT_SET, cleared_at__isnull=True).count()


def test_an_account_that_is_set_as_promised_raises_nothing(simulator):
    check()

    newest = account.newest()
    assert (newest.region, newest.has_insights, newest.trouble) == ("DE", False, "")
    assert not list(account.problems(newest))
    assert alarms() == 0


@pytest.mark.parametrize(
    "settings_at_meta", [{"insights": True}, {"storage_region": "US"}, {"storage_region": ""}]
)
def test_a_setting_that_breaks_a_promise_raises_an_alarm(simulator, settings_at_meta):
    simulator.change_settings(**settings_at_meta)

    check()

    assert len(list(account.problems(account.newest()))) == 1
    assert alarms() == 1


def test_meta_is_asked_once_a_day_and_an_alarm_goes_with_its_cause(simulator):
    simulator.change_settings(storage_region="US")
    check()
    simulator.change_settings(storage_region="DE")

    check(NOW + DAY / 2)
    assert alarms() == 1

    check(NOW + DAY)
    assert alarms() == 0
    assert AccountCheck.objects.count() == 2


def test_without_an_answer_what_we_knew_counts_and_we_ask_again_within_the_hour(
    simulator, settings
):
    simulator.change_settings(insights=True)
    check()
    settings.WHATSAPP_ACCESS_TOKEN = "revoked"
    connections.forget()

    check(NOW + DAY)

    assert account.newest().trouble == "StopAccount"
    assert alarms() == 1
    check(NOW + DAY + account.ASK_AGAIN)
    assert AccountCheck.objects.count() == 3
