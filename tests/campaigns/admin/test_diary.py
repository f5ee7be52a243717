"""The diary of a broadcast: what happened in each fault, without reading a log."""

import pytest

from campaigns import stopping
from campaigns.admin import diary
from campaigns.models import Broadcast, BroadcastEvent
from campaigns.reasons import PauseReason, StopReason
from tests.campaigns.admin.addresses import do, page
from tests.factories import NOW, BroadcastFactory

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("english")]


def words(broadcast):
    broadcast.refresh_from_db()
    return [line.words for line in diary.of(broadcast)]


def note(broadcast, what, **facts):
    BroadcastEvent.objects.create(broadcast=broadcast, at=NOW, what=what, facts=facts)


@pytest.mark.parametrize("reason", sorted(set(PauseReason) - {PauseReason.OPERATOR}))
def test_a_pause_by_itself_says_why_and_so_does_its_end(reason):
    broadcast = BroadcastFactory(state="sending")

    stopping.pause(broadcast.pk, reason, now=NOW)
    stopping.resume(broadcast.pk, reason, now=NOW)

    assert words(broadcast) == [
        f"paused by itself: {reason.label}",
        f"resumed by itself; this is over: {reason.label}",
    ]


@pytest.mark.parametrize("reason", sorted(StopReason))
def test_a_stop_of_all_sending_and_its_end_say_why(reason):
    broadcast = BroadcastFactory(state="sending")

    note(broadcast, "stopped", reason=reason)
    note(broadcast, "released", reason=reason)

    assert words(broadcast) == [
        f"all sending was stopped: {reason.label}",
        f"sending was allowed again; this is over: {reason.label}",
    ]


@pytest.mark.parametrize(
    ("what", "facts", "line"),
    [
        ("expired", {"n": 31}, "too late to be useful, so not sent: 31"),
        ("wave", {"n": 250}, "let go within WhatsApp’s daily limit: 250"),
        ("unclear", {"n": 3}, "unclear, because nobody heard WhatsApp’s answer: 3"),
        ("settled", {"n": 0}, "nothing is unclear any more"),
        ("resent", {"n": 3}, "sent once more, because it was unclear: 3"),
        ("given_up", {"n": 3}, "closed as not delivered, because it was unclear: 3"),
        ("started", {}, "started"),
        ("started", {"late": 7}, "started 7 minutes later than planned"),
        ("started", {"late": 185}, "started more than 3 hours later than planned"),
        ("scheduled", {"at": "2026-11-24T05:30:00+00:00"}, "scheduled: Tue, 24 Nov, 06:30"),
        (
            "moved",
            {"at": "2026-11-24T05:30:00+00:00"},
            "moved with its place in the plan: Tue, 24 Nov, 06:30",
        ),
        ("missed", {}, "missed its time"),
        ("paused", {"reason": "operator"}, "paused"),
    ],
)
def test_every_event_is_a_line_that_an_editor_understands(what, facts, line):
    broadcast = BroadcastFactory(state="sending")

    note(broadcast, what, **facts)

    assert words(broadcast) == [line]


def test_a_broadcast_that_a_restore_has_cancelled_says_why():
    broadcast = BroadcastFactory(state="cancelled")

    note(broadcast, "cancelled", reason=PauseReason.RESTORED)

    assert words(broadcast) == [f"cancelled by itself: {PauseReason.RESTORED.label}"]


def test_once_closed_numbers_are_rounded():
    broadcast = BroadcastFactory(state="done", closed_at=NOW)

    note(broadcast, "expired", n=34)
    note(broadcast, "wave", n=3)

    assert words(broadcast) == [
        "too late to be useful, so not sent: about 30",
        "let go within WhatsApp’s daily limit: fewer than 20",
    ]


@pytest.mark.parametrize("reason", PauseReason)
def test_the_page_of_a_paused_broadcast_says_why_and_what_to_do(it, reason):
    broadcast = BroadcastFactory(state="paused", pause_reason=reason)

    shown = it.get(page(broadcast))

    assert (shown.context["pause"].label, shown.context["pause"].advice) != ("", "")
    assert ("resume" in shown.context["verbs"]) is not reason.ends_by_itself


@pytest.mark.parametrize("reason", [PauseReason.MISTAKES, PauseReason.ERROR_RATE])
def test_what_it_must_look_into_only_it_resumes(editor, it, reason):
    broadcast = BroadcastFactory(state="paused", pause_reason=reason)
    assert "resume" not in editor.get(page(broadcast)).context["verbs"]

    editor.post(do(broadcast, "resume"))
    assert Broadcast.objects.get().state == "paused"
    it.post(do(broadcast, "resume"))

    assert Broadcast.objects.get().state == "sending"


@pytest.mark.parametrize("reason", PauseReason)
def test_what_would_go_on_by_itself_is_kept_paused_by_one_act(editor, reason):
    broadcast = BroadcastFactory(state="paused", pause_reason=reason)
    verbs = editor.get(page(broadcast)).context["verbs"]
    assert ("keep_paused" in verbs) is reason.resumes_alone

    editor.post(do(broadcast, "keep_paused"))

    broadcast.refresh_from_db()
    assert not PauseReason(broadcast.pause_reason).resumes_alone


@pytest.mark.usefixtures("audience", "approved_templates")
def test_what_missed_its_time_is_sent_by_one_act(editor):
    broadcast = BroadcastFactory(state="missed")
    assert {"send_now", "drop"} <= set(editor.get(page(broadcast)).context["verbs"])

    editor.post(do(broadcast, "send_now"))

    assert Broadcast.objects.get().state == "scheduled"


def test_what_missed_its_time_is_dropped_by_one_act(editor):
    broadcast = BroadcastFactory(state="missed")

    editor.post(do(broadcast, "drop"))

    assert Broadcast.objects.get().state == "cancelled"


@pytest.mark.usefixtures("audience", "approved_templates")
def test_what_has_passed_for_good_is_not_sent_by_any_act(editor):
    broadcast = BroadcastFactory(state="missed", not_after=NOW)

    answer = editor.post(do(broadcast, "send_now"))

    assert "too late" in answer.content.decode()
    assert Broadcast.objects.get().state == "missed"
