"""The look before a broadcast leaves: every fault is found, kept, told, and gone when repaired."""

from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns import allowance, checking, connections, lookout, scheduling, stopping
from campaigns.models import (
    Alarm,
    Broadcast,
    Budget,
    Check,
    Heartbeat,
    MessageTemplate,
)
from campaigns.models.checks import Light
from campaigns.reasons import StopReason
from campaigns.states import BroadcastState as S
from subscribers.models import Subscriber
from tests.campaigns.desk import HOURS
from tests.campaigns.pictures import medium
from tests.factories import NOW, BroadcastFactory, MessageFactory, SubscriberFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("templates", "english"),
]

WORKERS = ("ops", "inbound")
AT = NOW + timedelta(hours=2)  # when the broadcast leaves
SOON = AT - timedelta(minutes=45)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _somebody_to_write_to():
    SubscriberFactory(tier="maxi")


def beat(now):
    """Every worker has just done something."""
    for name in WORKERS:
        Heartbeat.objects.update_or_create(name=name, defaults={"at": now})


def look(now=SOON):
    checking.look(client=connections.cloud_client(), workers=WORKERS, now=now)


def looked_at(now=SOON):
    """Look, with every worker at work; return what is wrong."""
    beat(now)
    look(now)
    return wrong()


def wrong():
    return set(Check.objects.exclude(fault="").values_list("fault", flat=True))


@pytest.fixture
def planned(templates):
    """On the schedule, and everything is as it should be."""
    broadcast = BroadcastFactory(state=S.IN_REVIEW, due_at=AT)
    scheduling.approve(
        broadcast,
        seen_hash=broadcast.message.content_hash(),
        by=UserFactory(group="Freigabe"),
        hours=HOURS,
        now=NOW,
    )
    return broadcast


@pytest.mark.usefixtures("planned")
def test_it_is_looked_at_three_quarters_of_an_hour_before():
    looked_at(SOON - SECOND)
    early = Check.objects.count()
    looked_at(SOON)

    assert (early, Check.objects.count()) == (0, 9)


@pytest.mark.usefixtures("planned")
def test_when_all_is_well_every_light_is_green():
    assert looked_at() == set()
    assert set(Check.objects.values_list("light", flat=True)) == {Light.GREEN}


@pytest.mark.parametrize(
    ("now", "is_again"),
    [
        (SOON + checking.AGAIN - SECOND, False),
        (SOON + checking.AGAIN, True),
    ],
)
@pytest.mark.usefixtures("planned")
def test_it_is_looked_at_again_every_two_minutes(now, is_again):
    looked_at()

    looked_at(now)

    assert (Check.objects.filter(at=now).count() == 9) is is_again


@pytest.mark.usefixtures("planned")
def test_it_is_looked_at_once_more_at_the_moment_itself():
    looked_at(AT - SECOND)

    looked_at(AT)

    assert set(Check.objects.values_list("at", flat=True)) == {AT}


def test_what_waits_for_approval_shortly_before_its_time_is_red():
    BroadcastFactory(state=S.IN_REVIEW, due_at=AT)

    assert looked_at() == {"unapproved"}


@pytest.mark.usefixtures("planned")
def test_a_token_that_whatsapp_refuses_is_found(settings):
    settings.WHATSAPP_ACCESS_TOKEN = "revoked"
    connections.forget()

    assert looked_at() == {"token"}


@pytest.mark.usefixtures("planned")
def test_while_whatsapp_does_not_answer_the_light_is_amber(settings):
    settings.WHATSAPP_API_URL = "http://127.0.0.1:9"  # discard: nobody listens
    connections.forget()

    assert looked_at() == {"no_answer"}
    assert Check.objects.get(fault="no_answer").light == Light.AMBER


@pytest.mark.usefixtures("planned")
def test_our_number_is_asked_about_once_whatever_leaves_soon(simulator):
    BroadcastFactory(state=S.SCHEDULED, due_at=AT)
    simulator.add_fault("refuse", code=190, http=401, endpoint="account", next=1)

    looked_at()

    assert Check.objects.filter(fault="token").count() == 2


def test_without_a_broadcast_nobody_asks_about_our_number(simulator):
    simulator.add_fault("refuse", endpoint="account", next=1)

    looked_at()

    assert [fault["hits"] for fault in simulator.faults()] == [0]


@pytest.mark.usefixtures("planned")
def test_the_kill_switch_is_found():
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)

    assert looked_at() == {"stopped"}


def test_a_template_that_whatsapp_no_longer_has_is_found(planned, simulator):
    simulator.reset()

    assert looked_at() == {"template"}
    assert MessageTemplate.objects.get(pk=planned.message.template_id).status == "DELETED"


def test_a_template_that_has_become_dearer_is_found(planned):
    planned.events.filter(what="approved").update(facts={"purpose": "UTILITY"})

    assert looked_at() == {"dearer"}


def test_words_that_are_not_finished_are_found(planned):
    planned.message.values = {}
    planned.message.save(update_fields=["values"])

    assert looked_at() == {"words", "changed"}


def test_a_picture_is_renewed_so_that_whatsapp_is_known_to_have_it(templates):
    picture = medium("image")
    message = MessageFactory(slug="bilder", media=picture)
    BroadcastFactory(state=S.SCHEDULED, due_at=AT, message=message)

    looked_at()

    picture.refresh_from_db()
    assert (picture.meta_id != "", picture.meta_id_at) == (True, SOON)


def test_a_picture_that_is_missing_is_found():
    broadcast = BroadcastFactory(state=S.SCHEDULED, due_at=AT, slug="bilder")
    assert broadcast.message.media is None

    assert "media" in looked_at()


@pytest.mark.usefixtures("planned")
def test_a_daily_limit_that_is_too_low_is_found():
    allowance.note(0, now=NOW)

    assert looked_at() == {"limit"}


@pytest.mark.usefixtures("planned")
def test_a_budget_that_is_used_up_is_found():
    Budget.objects.create(valid_from=NOW.date(), warn_at=Decimal(0), stop_at=Decimal(0))

    assert looked_at() == {"budget"}


@pytest.mark.usefixtures("planned")
def test_that_nobody_would_get_it_is_found():
    Subscriber.objects.update(state="withdrawn", tier=None)

    assert looked_at() == {"nobody"}


def test_that_its_time_would_be_over_is_found(planned):
    Broadcast.objects.filter(pk=planned.pk).update(expires_at=AT)

    assert looked_at() == {"too_late"}


@pytest.mark.usefixtures("planned")
def test_a_silent_worker_is_found():
    beat(SOON - timedelta(hours=1))

    look()

    assert wrong() == {"silent"}


def open_alarms():
    rows = Alarm.objects.filter(kind="not_ready", cleared_at__isnull=True)
    return list(rows.values_list("subject", flat=True))


def test_red_raises_an_alarm_which_goes_with_its_cause(planned):
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)
    looked_at()
    lookout.sweep(now=SOON)
    raised = open_alarms()

    stopping.release_channel(now=NOW)
    looked_at(SOON + checking.AGAIN)
    lookout.sweep(now=SOON + checking.AGAIN)

    assert raised == [f"broadcast {planned.pk}"]
    assert open_alarms() == []


@pytest.mark.usefixtures("planned")
def test_amber_raises_none():
    allowance.note(0, now=NOW)
    looked_at()

    lookout.sweep(now=SOON)

    assert open_alarms() == []


def test_whoever_changes_the_words_begins_with_no_checks(planned):
    looked_at()
    message = planned.message

    scheduling.change(
        planned,
        revision=message.revision,
        values=message.values,
        media=None,
        due_at=AT,
        by=message.created_by,
        now=SOON,
    )

    assert not Check.objects.exists()
