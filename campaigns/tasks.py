"""What Celery runs. A message is a bell: the rows are the work, and the tick rings again.

Lost, late or doubled messages change nothing. Hence no result, no retry, nothing planned in
the broker, and messages that expire before the next tick.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import redis
from celery import Task, shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from campaigns import (
    account,
    alarms,
    allowance,
    asking,
    checking,
    connections,
    doubt,
    duties,
    feeds,
    golive,
    housekeeping,
    inbox,
    letters,
    lookout,
    media,
    outage,
    phone_tests,
    probing,
    reading,
    replies,
    resting,
    restore,
    samples,
    sending,
    series,
    stopping,
    templates_sync,
    watch,
    waves,
)
from campaigns.bells import Bell
from campaigns.fetching import Fetcher
from campaigns.models import Batch, Broadcast, Heartbeat
from campaigns.reasons import StopReason
from campaigns.states import BroadcastState
from subscribers import checkpoints, environment, journal, snapshot, verification

logger = logging.getLogger(__name__)

SHIFT = timedelta(seconds=30)  # a task ends by itself after that; the bell rings again
BODIES_A_SHIFT = 500  # webhook bodies applied by one task
BELL_REST = 0.2  # seconds between two bells that one web process rings for webhooks
UNHEARD = "swe:bell:apply_inbox"  # at the broker, while a bell for statuses is on its way
BELLS_ENOUGH = 50  # waiting in one queue; one more would tell its worker nothing new
QUEUES = Heartbeat.WORKERS


@shared_task
def tick() -> None:
    """The metronome: repair, start what is due, ring every bell. Any number may run."""
    now = timezone.now()
    hours = connections.sending_hours()
    steps = (
        doubt.sweep,
        series.sweep,
        sending.sweep,
        watch.sweep,
        replies.sweep,
        phone_tests.sweep,
        reading.follow,
        samples.sweep,
        partial(sending.start_due, hours=hours),
        partial(waves.release, hours=hours),
        partial(resting.sweep, hours=hours),
    )
    _do(_look_whether_live, now=now)
    if _may_send():
        for step in steps:
            _do(step, now=now)
        duties.do(ring_pumps, now=now)
    _do(lookout.sweep, now=now)
    duties.do(_ring_for_spool, now=now)
    ring(apply_inbox, queue="inbound")
    ring(answer, queue="inbound")
    ring(tell, queue="ops")
    ring(keep_house, queue="ops")
    ring(fetch_feed, queue="ops")
    for queue in QUEUES:
        ring(beat, queue=queue, name=queue)


@shared_task
def pump(*, broadcast_id: int) -> None:
    """Send a broadcast for one shift."""
    if not _may_send():
        return
    sending.pump(broadcast_id, sender=connections.sender(), until=timezone.now() + SHIFT)


@shared_task
def read_spool() -> None:
    """Bring in what waited on the disk while the database could not take it."""
    outage.drain(
        desk=connections.desk(),
        spool=connections.spool(),
        clock=timezone.now,
        until=timezone.now() + SHIFT,
    )
    ring(apply_inbox, queue="inbound")
    ring(answer, queue="inbound")


@shared_task
def apply_inbox() -> None:
    """Apply what webhooks brought."""
    _note_heard()  # first: whatever is stored from now on rings again
    applied = inbox.apply_pending(desk=connections.desk(), clock=timezone.now, limit=BODIES_A_SHIFT)
    if applied >= BODIES_A_SHIFT:  # more may wait, and perhaps no webhook comes that would ring
        _ring_unless_unheard()
    ring(answer, queue="inbound")


@shared_task
def answer() -> None:
    """Send the replies that wait, and tests to phones of the desk."""
    if not _may_send():
        return
    now = timezone.now()
    for send_due in (replies.send_due, phone_tests.send_due):
        duties.do(partial(send_due, sender=connections.sender(), until=now + SHIFT), now=now)


@shared_task
def tell() -> None:
    """Tell the person on duty, and those who approve, what they have not been told yet."""
    _do(partial(alarms.tell, connections.ways_of_telling()), now=timezone.now())
    _do(partial(asking.ask, connections.asking()), now=timezone.now())


@shared_task
def keep_house() -> None:
    """Look at what leaves soon, forget whoever is to be forgotten, ask Meta about us."""
    client = connections.cloud_client()
    for look in (
        partial(checking.look, client=client, workers=QUEUES),
        partial(probing.probe, client=client),
        partial(allowance.refresh, client=client),
        partial(media.hand_over, client=client),
        partial(templates_sync.compare_if_due, client=client),
        partial(account.check_if_due, client=client),
        partial(letters.write_due, hours=connections.sending_hours()),
        partial(environment.note, _environment()),
    ):
        _do(look, now=timezone.now())
    keeps_proof = settings.PROOF_MODE != "none"
    steps = housekeeping.steps(connections.erasures(), keeps_proof=keeps_proof)
    for step in (*steps, _sign_figures, _take_checkpoint, _anchor, _verify_ledger):
        _do(step, now=timezone.localtime())


def _environment() -> dict[str, str]:
    """Return what no page of the desk changes, and a works council may want to follow."""
    names = ("QUIET_HOURS", "PROOF_MODE", "SMALLEST_AUDIENCE")
    return {name: str(getattr(settings, name)) for name in names}


@shared_task
def fetch_feed() -> None:
    """Ask one paper for its headlines; the next tick asks the next one."""
    feeds.fetch_next(get=Fetcher().get, now=timezone.now())


@shared_task
def beat(*, name: str) -> None:
    """Note that the worker of a queue does its work."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def ring(bell: Task, *, queue: str, **ids: object) -> None:
    """Send a message that may be lost. Without its broker the next tick makes up for it.

    A queue whose worker is gone does not fill up: every webhook would ring, for days.
    """
    try:
        if connections.broker().llen(queue) >= BELLS_ENOUGH:
            return
        bell.apply_async(kwargs=ids, queue=queue, expires=settings.TICK_SECONDS, retry=False)
    except (OperationalError, redis.RedisError):
        logger.warning("broker not reachable; the next tick rings again")


def ring_soon(bell: Task, *, queue: str) -> None:
    """Ring as soon as the present transaction is committed."""
    transaction.on_commit(lambda: ring(bell, queue=queue))


def ring_for_statuses() -> None:
    """Let a worker apply what webhooks have brought, as soon as this transaction is committed."""
    transaction.on_commit(_statuses_bell.ask)


def ring_for_replies() -> None:
    """Let a worker send the replies that wait, as soon as this transaction is committed."""
    transaction.on_commit(_replies_bell.ask)


def ring_tick() -> None:
    """Let what has just been approved or resumed begin now, not at the next tick."""
    ring_soon(tick, queue="ops")


def ring_pumps() -> None:
    """Ring for every broadcast that has a batch to be claimed."""
    waiting = Batch.objects.waiting(now=timezone.now()).values("broadcast")
    sendable = Broadcast.objects.filter(state=BroadcastState.SENDING, pk__in=waiting)
    for pk, lane in sendable.values_list("pk", "message__category__lane"):
        ring(pump, queue=lane, broadcast_id=pk)


def _ring_unless_unheard() -> None:
    """Ring for statuses, unless a bell for them is still on its way to a worker."""
    try:
        if not connections.broker().set(UNHEARD, 1, nx=True, ex=settings.TICK_SECONDS):
            return
    except redis.RedisError:
        logger.warning("broker not reachable; the next tick rings again")
        return
    ring(apply_inbox, queue="inbound")


def _note_heard() -> None:
    with suppress(redis.RedisError):  # it fades by itself, and the tick rings in any case
        connections.broker().delete(UNHEARD)


# Webhooks come by the hundred a second, and Meta shall not wait for our broker.
_statuses_bell = Bell(_ring_unless_unheard, rest=BELL_REST)
_replies_bell = Bell(partial(ring, answer, queue="inbound"), rest=BELL_REST)


def _may_send() -> bool:
    """Tell whether this database is the one that we have been sending with, and no backup."""
    answers: list[bool] = []

    def ask_journal() -> None:
        try:
            answers.append(restore.is_sound(journal.current(), now=timezone.now()))
        except OSError:
            logger.exception("journal cannot be read")
            stopping.stop_channel(StopReason.JOURNAL, now=timezone.now())

    return duties.do(ask_journal, now=timezone.now()) and any(answers)


def _ring_for_spool() -> None:
    if connections.spool().is_waiting():
        ring(read_spool, queue="inbound")


def _look_whether_live(*, now: datetime) -> None:
    golive.look(
        is_real=settings.IS_REAL_NUMBER, smallest_audience=settings.SMALLEST_AUDIENCE, now=now
    )


def _sign_figures(*, now: datetime) -> None:
    snapshot.sign_missing(signer=connections.ledger_signer(), now=now)


def _take_checkpoint(*, now: datetime) -> None:
    checkpoints.take_if_due(signer=connections.ledger_signer(), now=now)


def _anchor(*, now: datetime) -> None:
    checkpoints.anchor(connections.anchor_places(), now=now)


def _verify_ledger(*, now: datetime) -> None:
    verification.verify_if_due(keys=connections.ledger_keys(), now=now)


def _do(step: Callable[..., object], *, now: datetime) -> None:
    duties.do(partial(step, now=now), now=now)
