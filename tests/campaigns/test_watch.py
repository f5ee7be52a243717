"""Automatic pauses: a silent webhook channel, too many errors, and going on."""

from datetime import timedelta
from uuid import uuid4

import pytest

from campaigns import scheduling, stopping, watch
from campaigns.models import Attempt, Broadcast, Delivery, MessageTemplate
from campaigns.reasons import PauseReason
from campaigns.watch import ENOUGH, LATELY, REPORTS_TAKE, REST, SILENT_FOR
from tests.campaigns.doubts import SECOND
from tests.factories import NOW, BroadcastFactory, DeliveryFactory

pytestmark = pytest.mark.django_db(databases="__all__")

QUIET = NOW + REPORTS_TAKE  # the latest moment at which everything armed at NOW is silent


@pytest.fixture
def broadcast():
    """One that has something left to send, to one person of many."""
    made = BroadcastFactory(state="sending")
    DeliveryFactory(broadcast=made)
    return made


def sent(broadcast, state, n=ENOUGH, *, at=NOW, reason="", was_taken=True):
    """Attempts whose deliveries are in this state by now; who the people are does not matter."""
    deliveries = Delivery.objects.bulk_create(
        Delivery(
            broadcast=broadcast,
            subscriber_id=uuid4(),
            batch_number=0,
            state=state,
            reason=reason,
            attempts=1,
        )
        for _ in range(n)
    )
    Attempt.objects.bulk_create(
        Attempt(
            token=uuid4(),
            delivery=one,
            number=1,
            armed_at=at,
            message_hash=b"taken" if was_taken else None,
        )
        for one in deliveries
    )


def standing(broadcast):
    broadcast.refresh_from_db()
    return broadcast.state, broadcast.pause_reason


def test_a_silent_channel_pauses_the_broadcast_and_the_diary_says_so(broadcast):
    sent(broadcast, "accepted")

    watch.sweep(now=QUIET)

    assert standing(broadcast) == ("pausing", PauseReason.WEBHOOK_STALE)
    event = broadcast.events.get()
    assert (event.what, event.actor, event.at) == ("paused", "", QUIET)


@pytest.mark.parametrize(
    ("n", "now"),
    [(ENOUGH - 1, QUIET), (ENOUGH, QUIET - SECOND), (ENOUGH, QUIET + SILENT_FOR)],
    ids=["too few to tell", "reports may still come", "too long ago"],
)
def test_nothing_is_concluded_from_too_little(broadcast, n, now):
    sent(broadcast, "accepted", n)

    watch.sweep(now=now)

    assert standing(broadcast) == ("sending", "")


@pytest.mark.parametrize(("state", "reason"), [("sent", ""), ("failed", "withheld")])
def test_one_report_is_enough_to_go_on(broadcast, state, reason):
    sent(broadcast, "accepted")
    sent(broadcast, state, 1, reason=reason)

    watch.sweep(now=QUIET)

    assert standing(broadcast) == ("sending", "")


def test_a_refusal_in_the_answer_is_no_report(broadcast):
    sent(broadcast, "accepted")
    sent(broadcast, "failed", 1, reason="unreachable", was_taken=False)

    watch.sweep(now=QUIET)

    assert standing(broadcast) == ("pausing", PauseReason.WEBHOOK_STALE)


def test_where_nothing_is_left_to_send_nothing_is_paused(broadcast):
    Delivery.objects.all().move("skipped", reason="cancelled")
    sent(broadcast, "accepted")

    watch.sweep(now=QUIET)

    assert standing(broadcast) == ("sending", "")


@pytest.fixture
def silent(broadcast):
    sent(broadcast, "accepted")
    watch.sweep(now=QUIET)
    return broadcast


def hear(n):
    ids = Delivery.objects.filter(state="accepted").values_list("pk", flat=True)[:n]
    Delivery.objects.filter(pk__in=list(ids)).move("sent")


def test_it_goes_on_by_itself_when_reports_come_in(silent):
    hear(ENOUGH // 2)

    watch.sweep(now=QUIET + timedelta(minutes=20))

    assert standing(silent) == ("sending", "")
    assert [event.what for event in silent.events.order_by("pk")] == ["paused", "resumed"]


def test_a_single_late_report_does_not_start_it_again(silent):
    hear(ENOUGH // 2 - 1)

    watch.sweep(now=QUIET + SECOND)

    assert standing(silent) == ("pausing", PauseReason.WEBHOOK_STALE)


def test_whoever_resumes_it_is_not_overruled_by_old_silence(silent):
    scheduling.resume(silent, by=None, now=QUIET + SECOND)

    watch.sweep(now=QUIET + 2 * SECOND)

    assert standing(silent) == ("sending", "")


def test_what_the_desk_has_paused_stays_paused(broadcast):
    sent(broadcast, "sent")
    Broadcast.objects.update(state="paused", pause_reason=PauseReason.OPERATOR)

    watch.sweep(now=QUIET)
    stopping.resume(broadcast.pk, PauseReason.WEBHOOK_STALE, now=QUIET)

    assert standing(broadcast) == ("paused", PauseReason.OPERATOR)


@pytest.mark.parametrize(("state", "reason"), [("in_doubt", ""), ("failed", "request")])
def test_too_many_errors_pause_the_broadcast(broadcast, state, reason):
    sent(broadcast, state, reason=reason, was_taken=False)
    sent(broadcast, "sent", 3 * ENOUGH)

    watch.sweep(now=NOW)

    assert standing(broadcast) == ("pausing", PauseReason.ERROR_RATE)


@pytest.mark.parametrize(
    ("bad", "good", "now"),
    [
        (ENOUGH, 3 * ENOUGH + 1, NOW),
        (ENOUGH - 1, 0, NOW),
        (ENOUGH, 0, NOW + LATELY),
    ],
    ids=["a small share", "too few to tell", "a lost worker, found later"],
)
def test_some_errors_are_normal(broadcast, bad, good, now):
    sent(broadcast, "in_doubt", bad, was_taken=False)
    sent(broadcast, "sent", good)

    watch.sweep(now=now)

    assert standing(broadcast) == ("sending", "")


def test_where_whatsapp_takes_hardly_anything_a_broadcast_rests_for_two_minutes(broadcast):
    sent(broadcast, "queued", was_taken=False)
    watch.sweep(now=NOW)
    assert standing(broadcast) == ("pausing", PauseReason.RATE_STORM)

    watch.sweep(now=NOW + REST - SECOND)
    assert standing(broadcast) == ("pausing", PauseReason.RATE_STORM)
    watch.sweep(now=NOW + REST)

    assert standing(broadcast) == ("sending", "")


def test_some_that_are_put_back_are_normal(broadcast):
    sent(broadcast, "queued", was_taken=False)
    sent(broadcast, "sent", ENOUGH + 1)

    watch.sweep(now=NOW)

    assert standing(broadcast) == ("sending", "")


@pytest.mark.parametrize("code", stopping.TEMPLATE_STATUS)
def test_when_meta_approves_the_template_again_it_goes_on_by_itself(broadcast, code):
    templates = MessageTemplate.objects.filter(pk=broadcast.message.template_id)
    templates.update(status="APPROVED")
    stopping.pause_for_code(broadcast.pk, code, now=NOW)

    watch.sweep(now=NOW + SECOND)
    assert standing(broadcast) == ("pausing", PauseReason.TEMPLATE)
    templates.update(status="APPROVED")
    watch.sweep(now=NOW + 2 * SECOND)

    assert standing(broadcast) == ("sending", "")


def test_values_that_an_approved_template_refuses_wait_for_a_human(broadcast):
    MessageTemplate.objects.update(status="APPROVED")
    stopping.pause_for_code(broadcast.pk, 132012, now=NOW)

    watch.sweep(now=NOW + timedelta(hours=1))

    assert standing(broadcast) == ("pausing", PauseReason.TEMPLATE)


def test_what_concerns_the_person_is_not_our_error(broadcast):
    sent(broadcast, "failed", 3 * ENOUGH, reason="unreachable")

    watch.sweep(now=NOW)

    assert standing(broadcast) == ("sending", "")


def test_too_many_errors_wait_for_a_human(broadcast):
    sent(broadcast, "in_doubt", was_taken=False)
    watch.sweep(now=NOW)

    watch.sweep(now=NOW + timedelta(hours=1))
    assert standing(broadcast) == ("pausing", PauseReason.ERROR_RATE)
    scheduling.resume(broadcast, by=None, now=NOW + SECOND)
    watch.sweep(now=NOW + SECOND)

    assert standing(broadcast) == ("sending", "")
