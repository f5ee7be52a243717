"""The pump: one worker's shift at one broadcast. Claim a batch, arm, send, record, again.

A shift is bounded in time, so that no worker is away for long; whatever it leaves, the next
bell picks up.
"""

import logging
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns import composing, failpoints, media, stopping
from campaigns.models import Batch, Broadcast, Category
from campaigns.pace import Grant
from campaigns.reasons import PauseReason, StopReason
from campaigns.sender import Sender
from campaigns.sending import witness
from campaigns.sending.arm import Armed, Halted, arm, claim, release
from campaigns.sending.record import Sent, record
from whatsapp import answers, errors
from whatsapp.answers import Outcome
from whatsapp.limits import InvalidPayload
from whatsapp.payloads import Content
from whatsapp.pipeline import Answer, Pipeline

logger = logging.getLogger(__name__)

IN_FLIGHT = 128  # requests at once; at 100 ms an answer that is 1,280 messages per second
FEW = 16  # at once until something was accepted: a template that is refused burns no more
GROUP = IN_FLIGHT // 2  # answers worth a transaction, while the wire is the limit
TURN = 0.02  # seconds between two looks at the pace, which lets through 0.025 seconds' worth
LOOK_AROUND = 0.25  # seconds to wait for an answer before looking again
MISTAKES_IN_A_ROW = 3  # refused as wrong: then it is us, not one recipient


def pump(broadcast_id: int, *, sender: Sender, until: datetime) -> int:
    """Send one broadcast until `until`, or until there is nothing to do; count the sends.

    Any number of pumps may work at the same broadcast.
    """
    broadcast = Broadcast.objects.with_message().get(pk=broadcast_id)
    content = _prepare(broadcast, sender=sender)
    if content is None:
        return 0
    owner = f"{sender.name[:20]} {secrets.token_hex(8)}"  # of this shift alone
    armed = 0
    with Pipeline[Armed](sender.client, IN_FLIGHT, sender.pace.turns) as pipeline:
        shift = _Shift(broadcast, content, sender, pipeline, until)
        while not shift.is_over and (batch := claim(broadcast_id, owner=owner, now=sender.clock())):
            failpoints.reach(failpoints.AFTER_CLAIM)
            armed += shift.work(batch)
    return armed


def _prepare(broadcast: Broadcast, *, sender: Sender) -> Content | None:
    """Return what everybody gets; None if it cannot be had now, or never: then it is paused."""
    now = sender.clock()
    try:
        media_id = media.upload_once(broadcast.message, client=sender.client, now=now)
        return composing.content(broadcast.message, media_id=media_id)
    except errors.StopAccount as stop:
        stopping.stop_channel(StopReason.of_code(stop.code), now=now)
    except errors.Refused as refusal:
        stopping.pause(broadcast.pk, PauseReason.MEDIA, now=now, code=refusal.code)
    except InvalidPayload:
        stopping.pause(broadcast.pk, PauseReason.MISTAKES, now=now)
    except errors.WhatsAppError:  # not reachable, or busy: the next tick asks again
        logger.warning("medium could not be uploaded", extra={"broadcast_id": broadcast.pk})
    return None


@dataclass(slots=True)
class _Shift:
    """The work of one worker at one batch after the other."""

    broadcast: Broadcast
    content: Content
    sender: Sender
    pipeline: Pipeline[Armed]
    until: datetime
    is_over: bool = False  # nothing more for this worker, also not from another batch
    mistakes: int = 0
    allowed: int = FEW  # on the wire at once; grows as messages are accepted

    def work(self, batch: Batch) -> int:
        """Arm and send what waits in the batch, record every answer, give the batch back."""
        total = 0
        try:
            while self._may_go_on():
                began = time.monotonic()  # a stopwatch, not a clock
                room = self._room()
                grant = self.sender.pace.take(room, urgent=self._is_urgent)
                if grant.permits:
                    armed = self._send(batch, grant.permits)
                    if armed is None:
                        break
                    total += armed
                is_slow = grant.permits < room  # the rate is the limit, and not the wire
                self._record(batch, self._collect(grant, began) if is_slow else self._group())
        finally:  # whatever happens to us, answers that come are worth keeping
            self._record(batch, self.pipeline.drain())
        release(batch)
        return total

    def _room(self) -> int:
        """How many messages may be armed now: as many as can be on the wire very soon."""
        on_the_wire = self.pipeline.room - IN_FLIGHT + self.allowed
        return max(0, min(on_the_wire, self.sender.pace.queue - self.pipeline.waiting))

    @property
    def _is_urgent(self) -> bool:
        return self.broadcast.message.category.lane == Category.Lane.URGENT

    def _collect(self, grant: Grant, began: float) -> list[Answer[Armed]]:
        """Wait until the next permits are worth asking for, or everything is answered."""
        rest = TURN - (time.monotonic() - began)
        seconds = min(max(grant.wait, rest, 0.0), LOOK_AROUND)
        return self.pipeline.collect(seconds=seconds, at_least=IN_FLIGHT)

    def _group(self) -> list[Answer[Armed]]:
        """Wait until there is room for a group: few transactions, each of many messages."""
        return self.pipeline.collect(seconds=LOOK_AROUND, at_least=GROUP)

    def _may_go_on(self) -> bool:
        now = self.sender.clock()
        hours = self.broadcast.message.category.hours(self.sender.hours)
        if now >= self.until or not hours.are_open(now):
            self.is_over = True
        if self.sender.spool.is_waiting():
            self.is_over = True
        return not self.is_over

    def _send(self, batch: Batch, permits: int) -> int | None:
        """Arm as many as the rate permits and put them on the wire; None if none waits."""
        # The age of a message counts from here: a worker that freezes with armed rows, and
        # wakes up when others have given them up, must not send them.
        decided = self.pipeline.clock()
        try:
            armed = arm(
                batch,
                level=self.broadcast.message.category.tier.level,
                limit=permits,
                vault=self.sender.vault,
                now=self.sender.clock(),
            )
        except Halted:
            self.is_over = True
            return None
        failpoints.reach(failpoints.AFTER_ARM_COMMIT)
        if armed and not self._may_leave(armed):
            self._record(batch, [Answer(one, answers.NotSent("held")) for one in armed])
            return None
        for one in armed or []:
            to = composing.recipient(one.to)
            self.pipeline.send(self.content, to=to, token=str(one.token), tag=one, since=decided)
        failpoints.reach(failpoints.ON_THE_WIRE)
        return None if armed is None else len(armed)

    def _may_leave(self, armed: Sequence[Armed]) -> bool:
        spool, now = self.sender.spool, self.sender.clock()
        return witness.may_leave(self.broadcast.pk, armed, spool=spool, now=now)

    def _record(self, batch: Batch, came: Iterable[Answer[Armed]]) -> None:
        sent = [Sent(answer.tag, answer.outcome) for answer in came]
        if not sent:
            return
        failpoints.reach(failpoints.BEFORE_RECORD)
        now = self.sender.clock()
        record(batch, sent, vault=self.sender.vault, now=now)
        failpoints.reach(failpoints.AFTER_RECORD)
        for one in sent:
            self._take_in(one.outcome, now=now)

    def _take_in(self, outcome: Outcome, *, now: datetime) -> None:
        """End the shift when going on would only burn attempts."""
        match outcome:
            case answers.OurMistake(code):
                self.mistakes += 1
                if self.mistakes >= MISTAKES_IN_A_ROW:
                    reason = PauseReason.MISTAKES
                    stopping.pause(self.broadcast.pk, reason, now=now, code=code)
            case answers.SlowDown(scope="number"):
                self.sender.pace.slow_down()
            case answers.NotSent() | answers.SlowDown(scope="account"):
                self.is_over = True
            case answers.Accepted():
                self.mistakes = 0
                self.allowed = min(self.allowed + 1, IN_FLIGHT)
            case _:
                self.mistakes = 0
