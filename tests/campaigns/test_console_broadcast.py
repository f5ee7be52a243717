"""`manage.py broadcast`: the verbs of the desk in one line, with the rules of the desk."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import doubt, stopping
from campaigns.models import Broadcast, Delivery, Heartbeat, Media, MessageTemplate
from campaigns.reasons import StopReason
from tests.campaigns.console import facts, refused, words
from tests.campaigns.pictures import picture
from tests.factories import (
    NOW,
    AttemptFactory,
    BroadcastFactory,
    DeliveryFactory,
    SubscriberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(databases="__all__")

STATUS = {"id", "state", "pause_reason", "planned", "accepted", "delivered", "failed"} | {
    "skipped",
    "in_doubt",
    "unknown",
    "open",
    "adds_up",
}


@pytest.fixture(autouse=True)
def _never_quiet(settings):
    settings.QUIET_HOURS = "off"


@pytest.fixture
def desk(approved_templates):
    """A writer, an approver, and somebody who gets everything."""
    SubscriberFactory(tier="maxi")
    UserFactory(username="anna", group="Redaktion")
    UserFactory(username="ben", group="Freigabe")


def creating(*more, slug="presseschau", writer="anna", approver="ben", **values):
    """The arguments that create a broadcast with its template's examples as values."""
    template = MessageTemplate.objects.get(name=slug)
    examples = {value["name"]: value["example"] for value in template.values} | values
    pairs = [part for name in examples for part in ("--value", f"{name}={examples[name]}")]
    people = ("--as", writer, "--approve-as", approver)
    return ("broadcast", "create", "--category", slug, *pairs, *people, *more)


def test_a_broadcast_is_written_approved_and_scheduled_in_one_line(desk):
    made = facts(*creating(schlagzeile_1="A = B"))

    broadcast = Broadcast.objects.get(pk=made["id"])
    assert made.keys() == STATUS
    assert (made["state"], broadcast.state) == ("scheduled", "scheduled")
    assert broadcast.message.values["schlagzeile_1"] == "A = B"
    assert broadcast.approved_by.username == "ben"


def test_a_broadcast_may_have_a_time_of_its_own(desk):
    at = (timezone.localtime() + timedelta(days=1)).replace(microsecond=0)

    with_offset = facts(*creating("--at", at.isoformat()))
    local = facts(*creating("--at", at.replace(tzinfo=None).isoformat()))

    due = Broadcast.objects.filter(pk__in=[with_offset["id"], local["id"]])
    assert set(due.values_list("due_at", flat=True)) == {at}


def test_a_broadcast_may_have_a_header(desk, tmp_path):
    file = tmp_path / "weiche.png"
    file.write_bytes(picture("PNG"))

    made = facts(*creating("--media", file, slug="bilder"))

    media = Broadcast.objects.get(pk=made["id"]).message.media
    assert (media.filename, media.mime_type) == ("weiche.png", "image/png")


def test_a_broadcast_may_have_a_full_text(desk, tmp_path):
    file = tmp_path / "text.txt"
    file.write_bytes("*Linie 3*\r\n- ab Montag 🚋\n".encode())

    made = facts(*creating("--full-text", file))

    message = Broadcast.objects.get(pk=made["id"]).message
    assert message.full_text == "*Linie 3*\n- ab Montag 🚋"
    assert message.template.name == "presseschau_lesen"


@pytest.mark.parametrize(
    ("content", "slug", "because"),
    [
        (b"Text", "gewinnspiel", "The category “gewinnspiel” has no full text."),
        (b"\xff\xfe", "presseschau", "is not a text in UTF-8."),
        (b"a" * 4097, "presseschau", "Full text: Too long: WhatsApp allows 4096 characters."),
    ],
    ids=["no full text", "not UTF-8", "too long"],
)
def test_a_full_text_that_cannot_be_sent_is_refused(desk, tmp_path, content, slug, because):
    file = tmp_path / "text.txt"
    file.write_bytes(content)

    refused(*creating("--full-text", file, slug=slug), because=because)

    assert not Broadcast.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "because"),
    [
        ({"writer": "nobody"}, "There is no active user “nobody”."),
        ({"approver": "anna"}, "You do not have the right to do this."),
        ({"writer": "ben"}, "You do not have the right to do this."),
        ({"schlagzeile_1": ""}, "Erste Schlagzeile: Please fill this in"),
        ({"wetter": "schön"}, "“wetter=schön” is not a value of “presseschau”."),
    ],
)
def test_what_the_desk_would_refuse_the_console_refuses(desk, arguments, because):
    refused(*creating(**arguments), because=because)

    assert not Broadcast.objects.exists()


@pytest.mark.parametrize(
    ("more", "because"),
    [
        (["--value", "datum"], "Write NAME=TEXT; the names are: datum, schlagzeile_1"),
        (["--at", "morgen"], "“morgen” is not a time. Write 2026-11-24T07:30 or now."),
        (["--at", "2020-01-01T08:00"], "This time has passed."),
        (["--media", "weiche.png"], "The template of “presseschau” has no header for a file."),
        (["--full-text", "fehlt.txt"], "fehlt.txt cannot be read: No such file"),
        (["--category", "wetter"], "There is no category “wetter”. There are: presseschau, "),
    ],
)
def test_bad_arguments_are_answered_with_a_plain_sentence(desk, more, because):
    refused(*creating(*more), because=because)

    assert not Broadcast.objects.exists()


def test_a_file_that_is_not_there_is_said_so(desk, tmp_path):
    file = tmp_path / "fehlt.jpg"

    refused(*creating("--media", file, slug="bilder"), because=f"{file} cannot be read: No such")


def test_a_file_that_whatsapp_does_not_take_leaves_nothing_behind(desk, tmp_path):
    file = tmp_path / "bild.gif"
    file.write_bytes(picture("GIF"))

    refused(*creating("--media", file, slug="bilder"), because="JPEG or PNG only")

    assert not Media.objects.exists()


def test_quiet_hours_count_at_the_console_too(desk, settings):
    settings.QUIET_HOURS = "mon-sun 07:00-18:00"
    tonight = (timezone.localtime() + timedelta(days=1)).replace(hour=22)

    refused(*creating("--at", tonight.isoformat()), because="quiet hours")


def test_the_status_of_a_broadcast_is_its_balance():
    broadcast = BroadcastFactory(state="sending")
    DeliveryFactory(broadcast=broadcast, state="delivered")
    DeliveryFactory(broadcast=broadcast, state="skipped", reason="withdrawn")

    assert facts("broadcast", "status", broadcast.pk) == {
        "id": broadcast.pk,
        "state": "sending",
        "pause_reason": "",
        "planned": 2,
        "accepted": 1,
        "delivered": 1,
        "failed": {},
        "skipped": {"withdrawn": 1},
        "in_doubt": 0,
        "unknown": 0,
        "open": 0,
        "adds_up": True,
    }


def at_work(*names):
    now = timezone.now()
    Heartbeat.objects.bulk_create(Heartbeat(name=name, at=now) for name in names)


@pytest.mark.usefixtures("english")
def test_for_a_human_the_status_says_what_holds_a_broadcast():
    broadcast = DeliveryFactory().broadcast
    stopping.stop_channel(StopReason.TOKEN, now=NOW)

    *_balance, last = words("broadcast", "status", broadcast.pk).splitlines()

    token = StopReason.TOKEN
    assert last == f"All sending is stopped. {token.label} {token.advice}"


def test_for_a_human_the_status_is_one_fact_a_line():
    at_work(*Heartbeat.WORKERS)
    broadcast = BroadcastFactory(state="sending")
    DeliveryFactory(broadcast=broadcast, state="skipped", reason="withdrawn")

    lines = words("broadcast", "status", broadcast.pk).splitlines()

    assert [line.split(maxsplit=1) for line in lines[1:]] == [
        ["state", "sending"],
        ["pause_reason", "-"],
        ["planned", "1"],
        ["accepted", "0"],
        ["delivered", "0"],
        ["failed", "-"],
        ["skipped", "withdrawn: 1"],
        ["in_doubt", "0"],
        ["unknown", "0"],
        ["open", "0"],
        ["adds_up", "yes"],
    ]


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        ("pause", "sending", "pausing"),
        ("resume", "paused", "sending"),
        ("cancel", "sending", "cancelled"),
        ("cancel", "scheduled", "cancelled"),
    ],
)
def test_a_broadcast_is_stopped_and_goes_on(verb, before, after):
    broadcast = BroadcastFactory(state=before)

    stopped = facts("broadcast", verb, broadcast.pk)

    assert stopped.keys() == STATUS
    assert stopped["state"] == after


def test_stopping_in_somebodys_name_asks_for_their_right():
    broadcast = BroadcastFactory(state="sending")
    UserFactory(username="hr", group="Personal")

    refused("broadcast", "pause", broadcast.pk, "--as", "hr", because="You do not have the right")


def test_what_is_over_is_not_paused():
    broadcast = BroadcastFactory(state="done")

    refused("broadcast", "pause", broadcast.pk, because="not possible now: the broadcast is “done”")


@pytest.mark.parametrize("verb", ["status", "pause", "resume", "cancel"])
def test_a_broadcast_that_does_not_exist_is_said_so(verb):
    refused("broadcast", verb, 4711, because="There is no broadcast 4711.")


def test_the_newest_broadcasts_come_first():
    older, newer = BroadcastFactory(), BroadcastFactory(state="scheduled")

    listed = facts("broadcast", "list")["broadcasts"]

    assert [line["id"] for line in listed] == [newer.pk, older.pk]
    assert listed[0].keys() == {"id", "state", "due_at", "title"}
    assert "presseschau" in words("broadcast", "list")


def test_an_empty_list_is_said_so():
    assert words("broadcast", "list") == "There are no broadcasts yet.\n"


@pytest.fixture
def doubtful():
    """A broadcast with two messages whose answer nobody heard, ten minutes ago."""
    armed_at = timezone.now() - timedelta(minutes=10)
    broadcast = BroadcastFactory(
        state="sending",
        slug="eilmeldung",
        started_at=armed_at,
        expires_at=timezone.now() + timedelta(hours=1),
    )
    for _ in range(2):
        delivery = DeliveryFactory(broadcast=broadcast, state="armed", attempts=1)
        AttemptFactory(delivery=delivery, armed_at=armed_at)
    Delivery.objects.all().move("in_doubt")
    doubt.look_up_times(now=timezone.now())
    return broadcast


def test_what_is_unclear_is_counted(doubtful):
    assert facts("broadcast", "doubts", doubtful.pk) == {
        "id": doubtful.pk,
        "in_doubt": 2,
        "unknown": 0,
    }


def test_what_is_unclear_is_sent_again_at_the_console(doubtful):
    told = facts("broadcast", "send-again", doubtful.pk)

    assert (told["in_doubt"], told["open"]) == (0, 2)
    assert doubtful.events.get().facts == {"n": 2}


def test_what_is_unclear_is_given_up_at_the_console(doubtful):
    facts("broadcast", "give-up", doubtful.pk)

    assert facts("broadcast", "doubts", doubtful.pk)["unknown"] == 2
    refused("broadcast", "give-up", doubtful.pk, because="Nothing is unclear any more.")


def test_an_end_of_its_own_is_kept(desk):
    made = facts(*creating("--not-after", "2099-01-01T12:00+00:00"))

    assert Broadcast.objects.get(pk=made["id"]).not_after.isoformat() == "2099-01-01T12:00:00+00:00"
