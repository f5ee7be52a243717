"""Recording: from Meta's answer to the rows."""

from datetime import timedelta

import pytest

from campaigns.models import Attempt, Batch, Broadcast, Channel, Delivery
from campaigns.sending.arm import Armed
from campaigns.sending.record import MAX_ATTEMPTS, Sent, record
from subscribers.identities import Address
from subscribers.models import SubscriberState
from tests.factories import NOW, AttemptFactory
from whatsapp import answers

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def attempt():
    return AttemptFactory()


def take(attempt, outcome, *, vault, number=1):
    armed = Armed(attempt.delivery_id, number, attempt.token, Address(phone="+49151"))
    batch = Batch.objects.get(broadcast=attempt.delivery.broadcast_id, number=0)
    record(batch, [Sent(armed, outcome)], vault=vault, now=NOW)
    attempt.delivery.refresh_from_db()
    return attempt.delivery


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        (answers.Accepted(wamid="wamid.1"), "accepted", ""),
        (answers.InDoubt("timeout"), "in_doubt", ""),
        (answers.RecipientRefused(131026), "failed", "unreachable"),
        (answers.RecipientRefused(130472), "failed", "withheld"),
        (answers.OurMistake(100), "failed", "request"),
        (answers.TryAgain(131000), "queued", ""),
        (answers.NotSent("refused"), "queued", ""),
        (answers.SlowDown(130429, "number"), "queued", ""),
        (answers.SlowDown(131056, "recipient"), "queued", ""),
        (answers.BroadcastStopped(132001), "queued", ""),
        (answers.AccountStopped(190), "queued", ""),
    ],
)
def test_each_answer_proves_one_state(attempt, vault, outcome, state, reason):
    delivery = take(attempt, outcome, vault=vault)

    assert (delivery.state, delivery.reason) == (state, reason)


def test_what_is_tried_again_waits_in_a_batch_of_its_own(attempt, vault):
    take(attempt, answers.TryAgain(131000), vault=vault)

    batch = Batch.objects.latest("number")
    assert batch.number == 1
    assert batch.not_before == NOW + timedelta(seconds=2)
    assert list(Delivery.objects.of_batch(batch)) == [attempt.delivery]


def test_after_five_attempts_it_has_failed(attempt, vault):
    Delivery.objects.update(attempts=MAX_ATTEMPTS)

    delivery = take(attempt, answers.TryAgain(131000), vault=vault, number=MAX_ATTEMPTS)

    assert (delivery.state, delivery.reason) == ("failed", "other")


def test_a_status_that_was_faster_than_the_answer_stays(attempt, vault):
    Delivery.objects.all().move("delivered")

    assert take(attempt, answers.Accepted(wamid="wamid.1"), vault=vault).state == "delivered"


def test_the_message_id_is_kept_as_a_keyed_hash_only(attempt, vault):
    take(attempt, answers.Accepted(wamid="wamid.SECRET"), vault=vault)

    assert bytes(Attempt.objects.get().message_hash) == vault.message_hash("wamid.SECRET")


def test_a_refused_template_pauses_the_broadcast(attempt, vault):
    take(attempt, answers.BroadcastStopped(132015), vault=vault)

    broadcast = Broadcast.objects.get()
    assert (broadcast.state, broadcast.pause_reason) == ("pausing", "template")


def test_a_refused_token_stops_the_whole_number(attempt, vault):
    take(attempt, answers.AccountStopped(190), vault=vault)

    assert Channel.objects.get().stop_reason == "token"


def test_an_opt_out_at_whatsapp_ends_the_subscription(attempt, vault):
    delivery = take(attempt, answers.RecipientRefused(131050), vault=vault)

    assert (delivery.state, delivery.reason) == ("failed", "opted_out")
    assert delivery.subscriber.state == SubscriberState.WITHDRAWN


@pytest.mark.parametrize(
    "outcome",
    [answers.NotSent("refused"), answers.InDoubt("timeout"), answers.RecipientRefused(131026)],
)
def test_the_late_answer_to_an_earlier_attempt_says_nothing_of_the_newest(attempt, vault, outcome):
    Delivery.objects.update(attempts=2)

    delivery = take(attempt, outcome, vault=vault, number=1)

    assert delivery.state == "armed"


def test_that_an_earlier_attempt_was_accepted_stops_the_next_before_it_is_armed(attempt, vault):
    Delivery.objects.update(attempts=1, state="queued")

    delivery = take(attempt, answers.Accepted(wamid="wamid.1"), vault=vault, number=1)

    assert delivery.state == "accepted"


@pytest.mark.parametrize(("number", "seconds"), [(1, 6), (2, 24), (3, 96), (9, 96)])
def test_one_person_is_spared_for_longer_with_every_refusal(attempt, vault, number, seconds):
    Delivery.objects.update(attempts=number)

    take(attempt, answers.SlowDown(131056, "recipient"), vault=vault, number=number)

    assert Batch.objects.latest("number").not_before == NOW + timedelta(seconds=seconds)


def test_each_of_many_answers_goes_to_its_own_attempt(vault):
    attempts = AttemptFactory.create_batch(3)
    batch = Batch.objects.first()
    sent = [
        Sent(
            Armed(one.delivery_id, 1, one.token, Address(phone="+49151")),
            answers.Accepted(wamid=f"wamid.{one.token}"),
        )
        for one in attempts
    ]

    record(batch, sent, vault=vault, now=NOW)

    kept = {one.token: bytes(one.message_hash) for one in Attempt.objects.all()}
    assert kept == {one.token: vault.message_hash(f"wamid.{one.token}") for one in attempts}
    assert set(Delivery.objects.values_list("state", flat=True)) == {"accepted"}
