"""The page of a broadcast explains every fault that docs/faults.md lists, in both languages."""

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from campaigns import connections, stopping
from campaigns.admin import standing
from campaigns.models import Batch, BroadcastEvent, Heartbeat, Message
from campaigns.reasons import FailureReason, PauseReason, SkipReason, StopReason
from campaigns.states import BroadcastState
from subscribers import incidents
from tests.campaigns.admin.addresses import page
from tests.campaigns.pictures import medium
from tests.factories import BroadcastFactory, DeliveryFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("approved_templates"),
]

LIST = Path(__file__).parents[3] / "docs" / "faults.md"
S, What = BroadcastState, BroadcastEvent.What
MINUTES = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _all_at_work():
    now = timezone.now()
    Heartbeat.objects.bulk_create(Heartbeat(name=name, at=now) for name in Heartbeat.WORKERS)


def running(*states, minutes=1, reason="", **broadcast):
    """A broadcast that began some minutes ago, with a delivery in each of the states."""
    began = timezone.now() - minutes * MINUTES
    times = {"due_at": began, "started_at": began, "expires_at": began + timedelta(days=1)}
    made = BroadcastFactory(**{"state": S.SENDING, **times, **broadcast})
    for state in states or ["queued"]:
        why = reason if state in ("failed", "skipped") else ""
        DeliveryFactory(broadcast=made, state=state, reason=why)
    Batch.objects.update(not_before=began)
    return made


def paused(reason):
    made = running()
    stopping.pause(made.pk, reason, now=timezone.now())
    return made


def stopped(reason):
    made = running(minutes=20)
    stopping.stop_channel(reason, now=timezone.now() - 19 * MINUTES, by="it")
    return made


def noted(what, *states, **facts):
    made = running(*states or ["accepted"])
    BroadcastEvent.objects.create(broadcast=made, at=timezone.now(), what=what, facts=facts)
    return made


def dead(worker):
    made = running(minutes=20)
    Heartbeat.objects.filter(name=worker).update(at=timezone.now() - 2 * MINUTES)
    return made


def waiting_on_disk():
    connections.spool().add(b"sealed", body_hash=b"x" * 32, now=timezone.now() - 3 * MINUTES)
    return running()


def with_a_file(*, minutes):
    made = running(minutes=minutes)
    Message.objects.update(media=medium())
    began = timezone.now() - minutes * MINUTES
    BroadcastEvent.objects.create(broadcast=made, at=began, what=What.STARTED)
    return made


def held_for_the_limit():
    made = running("accepted", "queued")
    later = timezone.now() + timedelta(hours=1)
    Batch.objects.update(is_held=True, not_before=later)
    return made


def asked_to_wait():
    made = running()
    Batch.objects.update(not_before=timezone.now() + MINUTES)
    return made


def incident():
    now = timezone.now()
    incidents.declare("Ein Laptop fehlt.", known_at=now, by="it", now=now)
    return stopped(StopReason.INCIDENT)


def reason(of):
    """What the page says about a pause or a reason of the balance."""
    return [str(of.label), of.advice]


def stop(of):
    return [_("All sending is stopped. %(reason)s") % {"reason": of.label}, of.advice]


UNCLEAR = (
    "Nothing of it is sent again by itself, so that nobody gets it twice. Most cases clear up "
)
UNCLEAR += "within minutes; what is left is for you to decide."
WORKER_GONE = "The part of the system that sends this does not answer."
BACK = "Nothing is lost: it goes on by itself when that part is back. Please tell IT."
UP = "It adds up: nobody is forgotten, nobody counted twice."
ON_A_PHONE = "%(share)s of the accepted messages are known to be on a phone."
WAITS = "WhatsApp has asked us to wait with those who are left."
LIMIT = "WhatsApp’s daily limit: %(today)s of %(all)s people get it now, the rest from %(time)s."
ONE_LATE = "started %(n)s minute later than planned"
MANY_LATE = "started %(n)s minutes later than planned"
RESENT = "sent once more, because it was unclear: %(n)s"

# The fault, what it leaves in the database, and what the page then says in the active language.
FAULTS = [
    ("F01", lambda: dead("send_bulk"), lambda: [_(WORKER_GONE), _(BACK)]),
    (
        "F01",
        lambda: dead("ops"),
        lambda: [
            _("The part of the system that starts and repairs everything does not answer."),
            _(BACK),
        ],
    ),
    ("F01 F13 F31", lambda: running("in_doubt"), lambda: [_(UNCLEAR)]),
    (
        "F02 F20 F37 F38",
        lambda: running("delivered", "failed", reason="other"),
        lambda: [_(UP), *reason(FailureReason.OTHER)],
    ),
    (
        "F04 F07 F08 F09 F15 F32 F39",
        lambda: running("accepted", "delivered"),
        lambda: [_(UP), _(ON_A_PHONE) % {"share": _("%(n)s %%") % {"n": 50}}],
    ),
    (
        "F05",
        lambda: running("unknown"),
        lambda: [_("Some messages were closed without an answer: they may have arrived or not.")],
    ),
    ("F05", lambda: noted(What.RESENT, n=1), lambda: [_(RESENT) % {"n": 1}]),
    ("F06", lambda: paused(PauseReason.WEBHOOK_STALE), lambda: reason(PauseReason.WEBHOOK_STALE)),
    ("F10 F12 F17 F30 F35", lambda: running(minutes=1), lambda: [_("It has just begun.")]),
    (
        "F13 F14",
        waiting_on_disk,
        lambda: [
            _("First it is read what has come in meanwhile, perhaps with a STOP among it."),
            _("It takes longer than it should. Please tell IT."),
        ],
    ),
    (
        "F16",
        lambda: running("skipped", reason="unreadable"),
        lambda: [str(SkipReason.UNREADABLE.label)],
    ),
    (
        "F18",
        lambda: BroadcastFactory(state=S.MISSED),
        lambda: [_("Nobody got it. Please decide: send it now, choose another time, or drop it.")],
    ),
    (
        "F11 F18 F19",
        lambda: noted(What.STARTED, late=7),
        lambda: (
            [_("started %(n)s minutes later than planned").replace("%(n)s", "7")]
            if translation.get_language() == "en"
            else ["7 Minuten später"]
        ),
    ),
    ("F21 F23", lambda: paused(PauseReason.OPERATOR), lambda: reason(PauseReason.OPERATOR)),
    (
        "F22",
        lambda: running("skipped", reason="cancelled", state=S.CANCELLED, planned=0),
        lambda: [_("Nothing more of it is sent."), str(SkipReason.CANCELLED.label)],
    ),
    (
        "F24 F25",
        lambda: running("skipped", reason="withdrawn"),
        lambda: [str(SkipReason.WITHDRAWN.label)],
    ),
    ("F26", lambda: paused(PauseReason.RATE_STORM), lambda: reason(PauseReason.RATE_STORM)),
    (
        "F26 F27",
        asked_to_wait,
        lambda: [_(WAITS), _("Nothing to do: it goes on by itself within a few minutes.")],
    ),
    ("F28", lambda: stopped(StopReason.TOKEN), lambda: stop(StopReason.TOKEN)),
    ("F29", lambda: paused(PauseReason.TEMPLATE), lambda: reason(PauseReason.TEMPLATE)),
    ("F33", lambda: stopped(StopReason.JOURNAL), lambda: stop(StopReason.JOURNAL)),
    ("F36", lambda: stopped(StopReason.RESTORE_HOLD), lambda: stop(StopReason.RESTORE_HOLD)),
    ("F36", lambda: paused(PauseReason.RESTORED), lambda: reason(PauseReason.RESTORED)),
    ("errors", lambda: paused(PauseReason.ERROR_RATE), lambda: reason(PauseReason.ERROR_RATE)),
    (
        "limit",
        held_for_the_limit,
        lambda: [_(LIMIT).split("%(time)s")[0] % {"today": 1, "all": 2}],
    ),
    (
        "limit used up",
        lambda: paused(PauseReason.LIMIT_REACHED),
        lambda: reason(PauseReason.LIMIT_REACHED),
    ),
    ("kill switch", lambda: stopped(StopReason.KILL_SWITCH), lambda: stop(StopReason.KILL_SWITCH)),
    ("papers", lambda: stopped(StopReason.PAPERS), lambda: stop(StopReason.PAPERS)),
    ("incident", incident, lambda: stop(StopReason.INCIDENT)),
    ("account", lambda: stopped(StopReason.ACCOUNT), lambda: stop(StopReason.ACCOUNT)),
    (
        "file",
        lambda: with_a_file(minutes=1),
        lambda: [
            _("Its picture or file is being handed to WhatsApp."),
            _("Nothing to do: then it begins by itself."),
        ],
    ),
    (
        "file refuses to go",
        lambda: with_a_file(minutes=20),
        lambda: [
            _("WhatsApp has not taken its picture or file yet."),
            _("It is tried again and again by itself; after ten minutes please tell IT."),
        ],
    ),
    (
        "nobody knows",
        lambda: running(minutes=20),
        lambda: [
            _("Nothing of it has left for some minutes, although nothing known holds it."),
            _("Please tell IT."),
        ],
    ),
]


def read(broadcast, language):
    client = Client(headers={"accept-language": language})
    client.force_login(UserFactory(group="Redaktion"))
    answer = client.get(page(broadcast)).content.decode()
    return re.sub(r"\s+", " ", html.unescape(answer))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    ("arrange", "expected"),
    [pytest.param(arrange, expected, id=name) for name, arrange, expected in FAULTS],
)
def test_the_page_says_what_happened_and_what_to_do(arrange, expected, language):
    broadcast = arrange()

    text = read(broadcast, language)

    with translation.override(language):
        assert [sentence for sentence in expected() if sentence not in text] == []


def test_every_fault_of_the_list_is_among_them():
    listed = set(re.findall(r"^\| (F\d\d) ", LIST.read_text(), re.MULTILINE))

    assert listed <= {fault for name, _arrange, _expected in FAULTS for fault in name.split()}
    assert len(listed) > 30


def test_twenty_minutes_after_a_stop_no_page_says_that_it_has_just_begun():
    assert "It has just begun." not in read(stopped(StopReason.TOKEN), "en")


def test_the_diary_says_when_all_sending_stopped_and_who_let_it_go_on():
    broadcast = stopped(StopReason.KILL_SWITCH)
    stopping.release_channel(now=timezone.now(), by="console")

    text = read(broadcast, "de")

    assert "gesamter Versand angehalten: " in text
    assert re.search("Versand wieder freigegeben; das ist vorbei: .*, an der Konsole", text)


@pytest.mark.parametrize(
    ("arrange", "address"),
    [
        (lambda: stopped(StopReason.TOKEN), "campaigns/channel/"),
        (lambda: dead("send_bulk"), "campaigns/channel/"),
        (asked_to_wait, None),
    ],
)
def test_the_repair_is_one_click_away_for_those_who_may(it, editor, arrange, address):
    broadcast = arrange()

    urls = [one.get(page(broadcast)).context["standing"].url for one in (it, editor)]

    assert urls == [f"/admin/{address}" if address else "", ""]


@pytest.mark.parametrize(
    ("reason", "address"),
    [
        (StopReason.PAPERS, "/admin/subscribers/clearance/"),
        (StopReason.INCIDENT, "/admin/subscribers/incident/"),
        (StopReason.TOKEN, ""),
    ],
)
def test_the_papers_and_an_incident_are_ended_on_their_own_pages(reason, address):
    officer = UserFactory(group="Datenschutz")

    assert standing.place(reason, officer) == address


def test_the_line_of_the_start_page_says_why_in_short(editor):
    stopped(StopReason.KILL_SWITCH)

    (row,) = editor.get("/admin/").context["running"]

    assert row.standing.words == "All sending is stopped. The kill switch is on."


def test_what_should_have_left_says_why_it_has_not(editor):
    broadcast = BroadcastFactory(state=S.SCHEDULED, due_at=timezone.now() - MINUTES)
    Heartbeat.objects.filter(name="ops").delete()

    assert WORKER_GONE.replace("sends this", "starts and repairs everything") in read(
        broadcast, "en"
    )


def test_the_page_is_shown_anew_when_all_sending_stops(editor):
    broadcast = running()
    stage = editor.get(page(broadcast)).context["stage"]

    stopping.stop_channel(StopReason.KILL_SWITCH, now=timezone.now())

    assert editor.get(page(broadcast)).context["stage"] != stage
