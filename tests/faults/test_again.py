"""Second attempts that nobody orders: only with proof, once, and never while WhatsApp is silent.

For categories that rather send twice than not at all.
"""

from datetime import timedelta

import pytest

from campaigns import echoes, watch
from campaigns.models import Delivery, Doubt, InboxEntry
from campaigns.states import BroadcastState
from tests.faults import invariants

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

MINUTE = timedelta(minutes=1)
TEN_SECONDS = timedelta(seconds=10)


def tick(town, *, minutes, hear=True):
    """Let so many minutes pass; pumps and ticks go on."""
    for _ in range(minutes):
        town.pump()
        if hear:
            town.hear()
        town.sweep(after=MINUTE)


def resent():
    return Doubt.objects.filter(resends__gt=0).count()


def test_what_provably_never_left_is_sent_once_more_and_what_arrived_is_not(town):
    """F31, for a category that rather sends twice: 503 and reset tell nothing, the echo does."""
    town.prefer_twice().simulator.add_fault("reset", accept=True, next=3)
    town.simulator.add_fault("answer", http=503, body="html", next=3)
    town.start(people=30, batches=2, apart=TEN_SECONDS)

    tick(town, minutes=8)

    assert resent() == 3
    assert town.states()["delivered"] == 30
    invariants.check(town)


def test_what_is_doubtful_twice_is_left_to_a_human(town):
    """F31: the second attempt tells nothing either, and there is proof enough for a third."""
    town.prefer_twice().simulator.add_fault("answer", http=503, body="html", next=1)
    town.start(people=30, batches=3, apart=10 * MINUTE)
    tick(town, minutes=11)
    town.simulator.add_fault("answer", http=503, body="html", next=1)

    tick(town, minutes=29)

    assert [doubt.resends for doubt in Doubt.objects.all()] == [1]
    assert (town.states()["delivered"], town.states()["in_doubt"]) == (29, 1)
    invariants.check(town)


def wait_in(state):
    """A body in our inbox that is not read, and may hold an echo."""

    def stage(*, now):
        InboxEntry.objects.create(body_hash=b"unread", received_at=now, not_before=now, state=state)

    return stage


UNHEARD = {
    "waits": wait_in(InboxEntry.State.RECEIVED),
    "fails": wait_in(InboxEntry.State.FAILING),
    "lies aside": wait_in(InboxEntry.State.QUARANTINED),
    "was refused": echoes.note_refusal,
}


@pytest.mark.parametrize("happens", UNHEARD)
def test_while_a_webhook_may_hold_an_echo_nothing_is_sent_again(town, happens):
    """F31: all else that was sent is heard of, and lives."""
    town.prefer_twice().simulator.add_fault("reset", accept=True, next=1)
    town.start(people=2, batches=2, apart=TEN_SECONDS)
    town.pump()
    late = town.news()
    UNHEARD[happens](now=town.now)

    tick(town, minutes=10)

    assert (resent(), town.states()["in_doubt"]) == (0, 1)
    InboxEntry.objects.filter(body_hash=b"unread").delete()
    town.take_in(late)
    town.settle()
    invariants.check(town)


def test_while_the_inbox_lags_nothing_is_sent_again(town):
    """F04: the watermark. What is known of a third lies unread, and nobody is messaged twice."""
    town.prefer_twice().simulator.add_fault("answer", http=503, body="html", next=3)
    town.simulator.add_fault("reset", accept=True, share=0.3)
    town.weather(webhook_batch_size=1)
    town.start(people=40, batches=2, apart=TEN_SECONDS)
    town.pump()
    town.sweep(after=TEN_SECONDS)
    town.pump()
    town.simulator.clear_faults()
    slow = some(town, Delivery.objects.exclude(state="queued"), 40 // 3)
    late = []
    for _ in range(10):
        news = town.news()
        late += [raw for raw in news if tells_of(slow, raw)]
        town.take_in([raw for raw in news if not tells_of(slow, raw)])
        town.sweep(after=MINUTE)
        town.pump()
        assert resent() == 0

    town.take_in(late)
    tick(town, minutes=40)  # longer than twice the slowest news so far, see doubt.settle_time

    assert resent() == 3
    assert town.states()["delivered"] == 40
    invariants.check(town)


@pytest.mark.thorough
def test_what_whatsapp_loses_for_ever_is_the_only_thing_that_doubles(town):
    """F05, at least once: two copies where a doubt meets a report that never comes; no others."""
    town.prefer_twice().simulator.add_fault("reset", accept=True, share=0.1)
    town.weather(webhook_batch_size=1)
    town.start(people=240, batches=4, apart=TEN_SECONDS)
    town.pump()
    accepted, doubtful = (Delivery.objects.filter(state=it) for it in ("accepted", "in_doubt"))
    unlucky = [*some(town, doubtful, 2), *some(town, accepted, 1)]
    town.may_get_two = {entry["phone"] for entry in town.ledger() if entry["token"] in unlucky}
    for _ in range(4):
        heard = [raw for raw in town.news() if not tells_of(unlucky, raw)]
        town.take_in(heard)
        town.sweep(after=TEN_SECONDS)
        town.pump()
    town.simulator.clear_faults()

    tick(town, minutes=8)

    assert resent() == 2
    assert len(town.ledger()) == 240 + 2
    invariants.check(town)


def some(town, deliveries, n):
    """The tokens of so many of them."""
    tokens = deliveries.order_by("pk").values_list("attempt__token", flat=True)
    return [str(token) for token in town.dice.sample(list(tokens), n)]


def tells_of(tokens, raw):
    return any(token.encode() in raw for token in tokens)


def test_what_was_sent_while_our_web_server_was_down_is_never_sent_again_by_itself(town):
    """The only doubtful message was: nothing else is unheard, and what was sent later is heard."""
    town.prefer_twice().simulator.add_fault("reset", accept=True, next=1)
    town.start(people=2, batches=2, apart=MINUTE)
    town.is_listening = False
    town.pump()
    refused = town.news()  # Meta will come again with it, and has hours for that
    town.sweep(after=MINUTE)
    town.listen_again()

    tick(town, minutes=10)
    assert (resent(), town.states()["in_doubt"]) == (0, 1)

    town.take_in(refused)
    town.settle()
    assert town.states()["delivered"] == 2
    invariants.check(town)


def test_when_nothing_was_sent_later_a_human_decides(town):
    """F06: nothing else is unheard, and nothing proves that the channel lives."""
    town.prefer_twice().simulator.add_fault("reset", accept=True, next=1)
    town.start(people=1)
    town.pump()
    late = town.news()

    tick(town, minutes=10, hear=False)

    assert (resent(), town.states()["in_doubt"]) == (0, 1)
    town.take_in(late)
    town.settle()
    invariants.check(town)


def test_an_echo_that_takes_two_minutes_is_waited_for(town):
    """What was sent later is heard long before; the settle time alone keeps it from a copy."""
    town.prefer_twice().simulator.add_fault("reset", accept=True, next=1)
    town.start(people=2, batches=2, apart=TEN_SECONDS)
    town.pump()
    slow = town.news()
    town.sweep(after=TEN_SECONDS)
    for _ in range(14):  # until two and a half minutes after it was armed
        town.pump()
        town.hear()
        town.sweep(after=TEN_SECONDS)

    town.take_in(slow)
    tick(town, minutes=8)

    assert resent() == 0
    assert town.states()["delivered"] == 2
    invariants.check(town)


def test_while_our_web_server_is_down_nothing_is_sent_again(town):
    """What had come in before it went away would be proof enough."""
    town.prefer_twice().simulator.add_fault("reset", accept=True, next=1)
    town.start(people=2, batches=2, apart=MINUTE)
    town.pump()
    late = town.news()
    town.sweep(after=MINUTE)
    town.pump()
    town.hear()
    town.is_listening = False

    tick(town, minutes=10, hear=False)

    assert (resent(), town.states()["in_doubt"]) == (0, 1)
    town.listen_again()
    town.take_in(late)
    town.settle()
    invariants.check(town)


def test_a_dead_webhook_pauses_the_broadcast_and_nothing_is_sent_again_until_it_returns(town):
    """F06."""
    town.prefer_twice().simulator.add_fault("reset", accept=True, next=4)
    town.start(people=75, batches=3, apart=MINUTE)
    town.pump()
    town.sweep(after=timedelta(seconds=40))
    town.sweep(after=timedelta(seconds=15))
    assert (town.state(), town.broadcast.pause_reason) == (BroadcastState.PAUSED, "webhook_stale")

    reached = len(town.ledger())
    tick(town, minutes=20, hear=False)
    assert (len(town.ledger()), resent()) == (reached, 0)

    tick(town, minutes=8)
    assert town.states()["delivered"] == 75
    invariants.check(town)


def test_too_many_errors_pause_the_broadcast_until_somebody_has_looked(town):
    """Nobody loses more than what is on the wire, and nobody gets anything twice."""
    town.simulator.add_fault("reset", accept=True)
    town.start(people=90, batches=3, apart=MINUTE)
    town.pump()
    town.sweep(after=timedelta(seconds=15))
    town.sweep(after=timedelta(seconds=15))
    assert (town.state(), town.broadcast.pause_reason) == (BroadcastState.PAUSED, "error_rate")

    town.simulator.clear_faults()
    tick(town, minutes=10)
    assert len(town.ledger()) == 30  # it does not go on by itself
    town.resume()
    town.settle()

    assert town.states()["delivered"] == 90
    invariants.check(town)


def test_a_storm_of_refusals_pauses_the_broadcast_until_it_has_rested(town):
    """F26: whoever is too fast for WhatsApp for a minute burns no more attempts."""
    town.simulator.add_fault("refuse", code=130429)
    town.start(people=40)
    for _ in range(3):
        town.pump()
        town.sweep(after=timedelta(seconds=15))
    assert (town.state(), town.broadcast.pause_reason) == (BroadcastState.PAUSED, "rate_storm")

    town.simulator.clear_faults()
    town.sweep(after=watch.REST)
    town.settle()

    assert town.states()["delivered"] == 40
    invariants.check(town)
