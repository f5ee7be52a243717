"""A planned second attempt and the echo of the first: whoever comes first, nobody gets two."""

import pytest
from django.db import transaction

from campaigns import batches, doubt, reports, statuses
from campaigns.doubt import CALM, SHORTEST
from campaigns.models import Attempt, Batch, Broadcast, BroadcastEvent, Delivery, Doubt
from campaigns.sending.arm import arm, claim
from tests.campaigns.doubts import SECOND, attempt, urgent, web_listens
from tests.campaigns.test_races import at_once
from tests.campaigns.webhooks import body, status
from tests.factories import NOW
from whatsapp.events import parse

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

SETTLED = NOW + SHORTEST
PEOPLE = 24


@pytest.fixture
def first(approved_templates):
    """The doubtful first attempts of an urgent broadcast; one sent later was heard of."""
    broadcast = urgent()
    attempts = [attempt(broadcast, "in_doubt") for _ in range(PEOPLE)]
    attempt(broadcast, "sent", at=NOW + SECOND)
    web_listens(at=SETTLED)
    doubt.sweep(now=SETTLED - CALM)  # proved, but not settled yet
    return attempts


def echo(attempts, vault):
    for one in attempts:
        told = parse(body(status("sent", token=one.token))).events
        statuses.apply(told, vault=vault, now=SETTLED)


def test_an_echo_and_the_arming_of_the_second_attempt_exclude_each_other(first, vault):
    doubt.sweep(now=SETTLED)
    batch = Batch.objects.latest("number")
    Batch.objects.exclude(pk=batch.pk).update(is_finished=True)
    batch = claim(batch.broadcast_id, owner="me", now=SETTLED)
    echoed, armed_after_echo = set(), []

    def hear():
        for one in first:
            echo([one], vault)
            echoed.add(one.delivery_id)

    def arm_all():
        armed = []
        while armed is not None:
            before = set(echoed)
            armed = arm(batch, level=1, limit=2, vault=vault, now=SETTLED)
            armed_after_echo.extend(
                one.delivery_id for one in armed or [] if one.delivery_id in before
            )

    at_once(hear, arm_all)

    assert armed_after_echo == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    second = set(Attempt.objects.filter(number=2).values_list("delivery", flat=True))
    assert second == set(Delivery.objects.filter(attempts=2).values_list("pk", flat=True))


def test_an_echo_and_the_sweep_exclude_each_other(first, vault):
    broadcast_id = first[0].delivery.broadcast_id

    at_once(lambda: echo(first, vault), lambda: doubt.sweep(now=SETTLED))

    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert reports.tally_is_right(broadcast_id)


def test_many_sweeps_and_a_human_plan_one_attempt_each(first):
    broadcast_id = first[0].delivery.broadcast_id

    at_once(
        *[lambda: doubt.sweep(now=SETTLED)] * 3,
        lambda: doubt.send_again(broadcast_id, by="anna", now=SETTLED),
    )

    assert set(Doubt.objects.values_list("resends", flat=True)) == {1}
    assert BroadcastEvent.objects.filter(what="resent").count() == 1
    assert Delivery.objects.filter(state="queued").count() == PEOPLE


def test_giving_up_and_sending_again_exclude_each_other(first):
    broadcast_id = first[0].delivery.broadcast_id

    given_up, planned = at_once(
        lambda: doubt.give_up(broadcast_id),
        lambda: doubt.send_again(broadcast_id, by="anna", now=SETTLED),
    )

    assert sorted([given_up, planned]) == [0, PEOPLE]
    assert reports.balance(broadcast_id).adds_up


def test_two_that_queue_again_make_two_batches(first):
    ids = [one.delivery_id for one in first]
    broadcast = Broadcast.objects.get()

    at_once(
        lambda: queue_again(broadcast.pk, ids[:10]),
        lambda: queue_again(broadcast.pk, ids[10:]),
    )

    assert Batch.objects.count() == 3


def queue_again(broadcast_id, ids):
    with transaction.atomic():
        return batches.queue_again(broadcast_id, ids, not_before=SETTLED)
