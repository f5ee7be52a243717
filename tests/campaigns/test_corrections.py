"""Korrektur: it reaches exactly those who got the original, and nobody else gets that any more."""

from datetime import timedelta

import pytest

from campaigns import audiences, corrections, preflight, scheduling, sending
from campaigns.models import Batch, Broadcast, BroadcastEvent, Delivery, Message
from campaigns.reasons import SkipReason
from campaigns.refusals import NotPossible
from campaigns.sending.arm import arm, claim
from campaigns.states import TAKEN, BroadcastState, DeliveryState
from subscribers import consent
from subscribers.consent import Act
from subscribers.models import Subscriber
from tests.campaigns.desk import approve, diary, submit
from tests.factories import (
    BY_WORD,
    NOW,
    BroadcastFactory,
    DeliveryFactory,
    SubscriberFactory,
    UserFactory,
)

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("approved_templates", "english"),
]

S, D = BroadcastState, DeliveryState
REASONS = {D.FAILED: "unreachable", D.SKIPPED: "withdrawn"}


@pytest.fixture
def writer():
    return UserFactory(group="Redaktion")


def original(*states, **values):
    """A broadcast that is being sent, with one delivery in each of the states."""
    made = BroadcastFactory(**{"state": S.SENDING, **values})
    for state in states:
        DeliveryFactory(broadcast=made, state=state, reason=REASONS.get(state, ""))
    return made


def correct(wrong, by, **values):
    """A draft that corrects a broadcast."""
    return scheduling.write(
        category=wrong.message.category,
        values=wrong.message.values | values,
        media=None,
        due_at=None,
        by=by,
        now=NOW,
        corrects_id=wrong.pk,
    )


def approved(wrong, by):
    """A correction that is to be sent at once."""
    correction = correct(wrong, by)
    submit(correction, by)
    approve(correction, UserFactory(group="Freigabe"))
    return correction


def people_of(broadcast):
    return set(Delivery.objects.filter(broadcast=broadcast).values_list("subscriber", flat=True))


def test_it_goes_to_exactly_those_who_got_the_original(writer):
    wrong = original(*D)
    SubscriberFactory()  # has come since
    got_it = Delivery.objects.filter(broadcast=wrong, state__in=TAKEN)
    got_it = set(got_it.values_list("subscriber", flat=True))
    Delivery.objects.filter(state=D.ARMED).update(state=D.IN_DOUBT)

    correction = approved(wrong, writer)

    assert sending.start(correction.pk, now=NOW)
    assert people_of(correction) == got_it
    assert len(got_it) == 3


def test_it_waits_until_nothing_of_the_original_is_on_the_wire(writer):
    wrong = original(D.DELIVERED, D.ARMED)
    correction = approved(wrong, writer)

    waited = not sending.start(correction.pk, now=NOW)
    Delivery.objects.filter(state=D.ARMED).move(D.ACCEPTED)

    assert waited
    assert sending.start(correction.pk, now=NOW)
    assert len(people_of(correction)) == 2


def test_whoever_has_left_in_the_meantime_is_skipped_when_it_is_armed(writer, vault):
    wrong = original(D.DELIVERED, D.DELIVERED)
    correction = approved(wrong, writer)
    leaver = Subscriber.objects.first()
    consent.withdraw(leaver.pk, act=Act(by=BY_WORD, at=NOW), now=NOW)
    sending.start(correction.pk, now=NOW)

    batch = claim(correction.pk, owner="w", now=NOW)
    armed = arm(batch, level=1, limit=10, vault=vault, now=NOW)

    assert len(armed) == 1
    skipped = Delivery.objects.get(broadcast=correction, subscriber=leaver.pk)
    assert (skipped.state, skipped.reason) == (D.SKIPPED, SkipReason.WITHDRAWN)


def test_its_first_words_say_what_it_is_once(writer):
    correction = correct(original(D.DELIVERED), writer)
    again = correction.message.values

    scheduling.change(
        correction, revision=1, values=again, media=None, due_at=None, by=writer, now=NOW
    )

    values = Message.objects.get(pk=correction.message_id).values
    assert values["datum"] == "23. November"  # after “vom”
    assert values["schlagzeile_1"].startswith("Korrektur: TA: Neue")


def test_where_nothing_runs_into_the_first_value_that_one_says_it(writer):
    correction = correct(original(D.DELIVERED, slug="unternehmen"), writer)

    assert correction.message.values["betreff"].startswith("Korrektur: ")


def test_the_rest_of_the_original_is_stopped_when_it_is_submitted(writer):
    wrong = original(D.DELIVERED, D.QUEUED)
    correction = correct(wrong, writer)
    before = Broadcast.objects.get(pk=wrong.pk).state

    submit(correction, writer)
    sending.sweep(now=NOW)

    wrong.refresh_from_db()
    assert (before, wrong.state) == (S.SENDING, S.CANCELLED)
    assert Delivery.objects.get(reason=SkipReason.CANCELLED).broadcast == wrong
    assert ("corrected", writer.username) in diary(wrong)


def test_a_closed_original_keeps_its_state_and_says_in_its_diary_that_it_was_wrong(writer):
    wrong = original(D.DELIVERED, state=S.DONE, closed_at=NOW)

    submit(correct(wrong, writer), writer)

    wrong.refresh_from_db()
    assert wrong.state == S.DONE
    assert wrong.events.get().what == BroadcastEvent.What.CORRECTED


def test_a_message_is_corrected_once_and_its_correction_in_turn(writer):
    wrong = original(D.DELIVERED)
    correction = correct(wrong, writer)

    with pytest.raises(NotPossible, match="a correction of this message already"):
        correct(wrong, writer)

    assert corrections.of(wrong) == correction


def test_a_cancelled_correction_makes_room_for_another(writer):
    wrong = original(D.DELIVERED)
    scheduling.cancel(correct(wrong, writer), by=writer, now=NOW)

    assert correct(wrong, writer).corrects == wrong


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"state": S.SCHEDULED}, "change the message itself"),
        ({"state": S.DONE, "closed_at": NOW - timedelta(days=7)}, "no longer possible"),
        ({"state": S.DONE, "closed_at": NOW, "leads_to_people": False}, "no longer possible"),
        ({"state": S.DONE, "closed_at": NOW}, "Nobody has got this message"),
    ],
)
def test_what_cannot_be_corrected_says_why(writer, values, why):
    wrong = BroadcastFactory(**values)

    with pytest.raises(NotPossible, match=why):
        correct(wrong, writer)


def test_a_correction_belongs_to_the_category_of_its_original(writer):
    wrong = original(D.DELIVERED, slug="neues")

    with pytest.raises(corrections.Refused, match="category of the original"):
        corrections.take(wrong.pk, category=BroadcastFactory().message.category, now=NOW)


def test_a_correction_that_waits_too_long_is_not_sent_to_a_part_of_its_readers(writer):
    wrong = original(D.DELIVERED, state=S.DONE, closed_at=NOW)
    correction = correct(wrong, writer)
    too_late = audiences.known_until(wrong)

    assert preflight.problems(correction, now=too_late)[0].startswith("It is too late")
    assert not preflight.problems(correction, now=too_late - timedelta(minutes=1))


def test_a_correction_of_what_nobody_got_reaches_nobody_and_says_so(writer):
    correction = correct(original(D.QUEUED), writer)

    assert preflight.problems(correction, now=NOW) == [
        "Nobody would get this: nobody has got the original."
    ]


def test_the_batches_of_a_correction_hold_all_of_it(writer):
    correction = approved(original(D.DELIVERED, D.SENT), writer)

    sending.start(correction.pk, now=NOW)

    assert Delivery.objects.of_batch(Batch.objects.get(broadcast=correction)).count() == 2
