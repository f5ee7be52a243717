"""The pump: one worker's shift at one broadcast. Claim a batch, arm, send, record, again.

A shift is bounded in time, so that no worker is away for long; whatever it leaves, the next
bell picks up.
"""

import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from campaigns import composing, media, stopping
from campaigns.models import Batch, Broadcast, Category
from campaigns.reasons import PauseReason, StopReason
from campaigns.sender import Sender
from campaigns.sending.arm import Armed, Halted, arm, claim, release
from campaigns.sending.record import Sent, record
from whatsapp import answers, errors
from whatsapp.answers import Outcome
from whatsapp.limits import InvalidPayload
from whatsapp.payloads import Content
from whatsapp.pipeline import Answer, Pipeline

logger = logging.getLogger(__name__)

IN_FLIGHT = 64  # requests at once; at 100 ms an answer that is 640 messages per second
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
    with Pipeline[Armed](sender.client, IN_FLIGHT) as pipeline:
        while batch := claim(broadcast_id, owner=owner, now=sender.clock()):
            shift = _Shift(broadcast, batch, content, sender, pipeline, until)
            armed += shift.work()
            if shift.is_over:
                break
    return armed


def _prepare(broadcast: Broadcast, *, sender: Sender) -> Content | None:
    """Return what everybody gets; None if it cannot be had now, or never: then it is paused."""
    now = sender.clock()
    try:
        media_id = media.upload_once(broadcast.message, client=sender.client, now=now)
        return composing.content(broadcast.message, media_id=media_id)
    except errors.StopAccount:
        stopping.stop_channel(StopReason.ACCOUNT, now=now)
    except errors.Refused as refusal:
        stopping.pause(broadcast.pk, PauseReason.MEDIA, now=now, note=str(refusal.code))
    except InvalidPayload as refusal:
        stopping.pause(broadcast.pk, PauseReason.MISTAKES, now=now, note=refusal.field)
    except errors.WhatsAppError:  # not reachable, or busy: the next tick asks again
        logger.warning("medium could not be uploaded", extra={"broadcast_id": broadcast.pk})
    return None


@dataclass(slots=True)
class _Shift:
    """The work at one batch."""

    broadcast: Broadcast
    batch: Batch
    content: Content
    sender: Sender
    pipeline: Pipeline[Armed]
    until: datetime
    is_over: bool = False  # nothing more for this worker, also not from another batch
    mistakes: int = 0

    def work(self) -> int:
        """Arm and send what waits in the batch, record every answer, give the batch back."""
        total = 0
        try:
            while self._may_go_on():
                grant = self.sender.pace.take(self.pipeline.room, urgent=self._is_urgent)
                if grant.permits:
                    armed = self._send(grant.permits)
                    if armed is None:
                        break
                    total += armed
                self._record(self.pipeline.collect(seconds=min(grant.wait, LOOK_AROUND)))
        finally:  # whatever happens to us, answers that come are worth keeping
            self._record(self.pipeline.drain())
        release(self.batch)
        return total

    @property
    def _is_urgent(self) -> bool:
        return self.broadcast.message.category.lane == Category.Lane.URGENT

    def _may_go_on(self) -> bool:
        now = self.sender.clock()
        exempt = self.broadcast.message.category.ignores_quiet_hours
        if now >= self.until or not (exempt or self.sender.hours.are_open(now)):
            self.is_over = True
        return not self.is_over

    def _send(self, permits: int) -> int | None:
        """Arm as many as the rate permits and put them on the wire; None if none waits."""
        try:
            armed = arm(
                self.batch,
                level=self.broadcast.message.category.tier.level,
                limit=permits,
                vault=self.sender.vault,
                now=self.sender.clock(),
            )
        except Halted:
            self.is_over = True
            return None
        for one in armed or []:
            to = composing.recipient(one.to)
            self.pipeline.send(self.content, to=to, token=str(one.token), tag=one)
        return None if armed is None else len(armed)

    def _record(self, came: Iterable[Answer[Armed]]) -> None:
        sent = [Sent(answer.tag, answer.outcome) for answer in came]
        if not sent:
            return
        now = self.sender.clock()
        record(self.batch, sent, vault=self.sender.vault, now=now)
        for one in sent:
            self._take_in(one.outcome, now=now)

    def _take_in(self, outcome: Outcome, *, now: datetime) -> None:
        """End the shift when going on would only burn attempts."""
        match outcome:
            case answers.OurMistake(code):
                self.mistakes += 1
                if self.mistakes >= MISTAKES_IN_A_ROW:
                    reason = PauseReason.MISTAKES
                    stopping.pause(self.broadcast.pk, reason, now=now, note=str(code))
            case answers.SlowDown(scope="number"):
                self.sender.pace.slow_down()
            case answers.NotSent() | answers.SlowDown(scope="account"):
                self.is_over = True
            case _:
                self.mistakes = 0
