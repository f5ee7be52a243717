"""Our side of the conversation: replies wait as rows, and each is sent once.

A reply goes the way of a delivery (token committed before the first byte, guarded moves, doubt
kept), but neither a pause nor the kill switch holds it back: a STOP is always confirmed.
Somebody's replies leave one after the other, so that the question never overtakes the notice.
The exception is what is ours: full texts of broadcasts (reading.py), letters (letters.py) and
what the desk answers (answering.py) wait while the channel is stopped.
"""

import logging
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from campaigns import composing, stopping
from campaigns.models import Channel, MessageTemplate, Reply
from campaigns.models.channel import OURS
from campaigns.reasons import StopReason
from campaigns.sender import Sender
from campaigns.states import OPEN, TAKEN, BroadcastState, DeliveryState
from subscribers import audience, consent, identities, threads
from subscribers.identities import Address
from subscribers.models import Subscriber, ThreadMessage
from subscribers.wording import Say
from whatsapp import answers
from whatsapp.answers import Outcome
from whatsapp.payloads import Button, Buttons, Template, Text
from whatsapp.pipeline import Answer, Pipeline

logger = logging.getLogger(__name__)

D = DeliveryState
AT_ONCE = 32  # replies armed together, and on the wire together
LOOK_AROUND = 0.25  # seconds to wait for an answer before looking again
MAX_ATTEMPTS = 6  # of one reply while Meta says “try again”, or that this person gets too much
LONGEST_WAIT = timedelta(minutes=5)
ANSWERED_BY = timedelta(seconds=90)  # an answer to a POST comes within 20 seconds, or never
USEFUL_FOR = timedelta(hours=23)  # after 24 hours WhatsApp accepts no free-form message


@dataclass(frozen=True, slots=True)
class Armed:
    """A reply that may, and must, be sent now."""

    reply: Reply
    to: Address


def queue(
    subscriber: Subscriber,
    says: Iterable[Say],
    *,
    now: datetime,
    answer: ThreadMessage | None = None,
) -> None:
    """Let these be said to somebody, in this order; `answer` is what the desk shows of it."""
    Reply.objects.bulk_create(
        Reply(
            subscriber=subscriber,
            purpose=say.purpose,
            text=say.text,
            buttons=say.buttons,
            notice=subscriber.notice if say.purpose == "notice" else None,
            answer=answer,
            not_before=now,
            created_at=now,
        )
        for say in says
    )


def queue_template(
    subscriber_id: UUID,
    template: MessageTemplate,
    *,
    values: Mapping[str, str],
    purpose: str,
    now: datetime,
) -> None:
    """Let a template be said to somebody who may not have written for long."""
    Reply.objects.create(
        subscriber_id=subscriber_id,
        purpose=purpose,
        template=template,
        values=dict(values),
        not_before=now,
        created_at=now,
    )


def is_waiting_for(subscriber_id: UUID) -> bool:
    """Tell whether something is still to be said to somebody; what a stop holds does not count."""
    waiting = Reply.objects.filter(subscriber=subscriber_id, state__in=OPEN)
    if Channel.objects.exclude(stop_reason="").exists():
        waiting = waiting.exclude(OURS)
    return waiting.exists()


def send_due(*, sender: Sender, until: datetime) -> int:
    """Send what waits until `until`, or until nothing does; return how many were sent."""
    sent = 0
    with Pipeline[Armed](sender.client, AT_ONCE, sender.pace.turns) as pipeline:
        while sender.clock() < until:
            wanted = min(_how_many_wait(now=sender.clock()), pipeline.room)
            if not wanted and not pipeline.is_busy:
                break
            grant = sender.pace.take(wanted, urgent=True)  # somebody waits for it
            decided = pipeline.clock()  # before a freeze after which it must not leave
            for one in _arm(grant.permits, sender=sender):
                to = composing.recipient(one.to)
                token = str(one.reply.token)
                pipeline.send(_content(one.reply), to=to, token=token, tag=one, since=decided)
                sent += 1
            came = pipeline.collect(seconds=min(grant.wait, LOOK_AROUND))
            _record(came, now=sender.clock())
            if any(_is_too_fast(answer.outcome) for answer in came):
                sender.pace.slow_down()
            if any(_is_no_use_to_go_on(answer.outcome) for answer in came):
                break
        _record(pipeline.drain(), now=sender.clock())
    return sent


@transaction.atomic
def settle(news: Mapping[UUID, DeliveryState], *, now: datetime) -> set[UUID]:
    """Apply statuses, by token; return the tokens that belong to a reply."""
    rows = Reply.objects.filter(token__in=news).select_for_update().order_by("pk")
    known = {reply.token: reply for reply in rows if reply.token}
    for token, reply in known.items():
        _move(reply, news[token], now=now)
    return set(known)


def sweep(*, now: datetime) -> None:
    """Repair what a lost worker left, and give up what is too late."""
    lost = Reply.objects.filter(armed_at__lt=now - ANSWERED_BY, state=D.ARMED)
    lost.move(D.IN_DOUBT)
    spoken = Reply.objects.filter(template=None)  # a template may come at any time
    spoken.filter(created_at__lt=now - USEFUL_FOR).move(D.SKIPPED)
    # The window of an answer began before it was written.
    spoken.filter(answer__thread__heard_at__lte=now - threads.WINDOW).move(D.SKIPPED)
    Reply.objects.filter(full_text_of__state=BroadcastState.CANCELLED).move(D.SKIPPED)


@transaction.atomic
def _arm(permits: int, *, sender: Sender) -> list[Armed]:
    """Take up to so many due replies and commit that they are being sent."""
    now = sender.clock()
    due = Reply.objects.due(now=now).select_for_update(of=("self",), skip_locked=True)
    replies = list(due.select_related("notice", "template")[:permits])
    if any(one.is_ours for one in replies) and not stopping.may_send():
        replies = [one for one in replies if not one.is_ours]  # stopped at this moment
    # A full text is news, so it does not follow a withdrawal that came after it was asked for.
    news = {one.subscriber_id: one.created_at for one in replies if one.full_text_of_id}
    left = audience.lock_leavers(news)
    left |= audience.departed(
        one.subscriber_id for one in replies if one.answer_id or one.template_id
    )
    to = identities.addresses({one.subscriber_id for one in replies}, vault=sender.vault)
    armed = []
    for reply in replies:
        row = Reply.objects.filter(pk=reply.pk)
        is_reachable = composing.is_reachable(to.get(reply.subscriber_id, Address()))
        if not is_reachable or (reply.is_ours and reply.subscriber_id in left):
            row.move(D.SKIPPED)  # erased in the meantime, or damaged, or left
            continue
        reply.token, reply.attempts = UUID(bytes=secrets.token_bytes(16)), reply.attempts + 1
        row.move(D.ARMED, token=reply.token, armed_at=now, attempts=reply.attempts)
        armed.append(Armed(reply, to[reply.subscriber_id]))
    return armed


def _how_many_wait(*, now: datetime) -> int:
    return len(Reply.objects.due(now=now).values_list("pk")[:AT_ONCE])


def _content(reply: Reply) -> Text | Buttons | Template:
    if reply.template is not None:
        return Template(
            name=reply.template.name,
            language=reply.template.language,
            values=reply.values,
            payloads={n: button_id for n, (button_id, _) in enumerate(reply.template.buttons)},
        )
    if not reply.buttons:
        return Text(body=reply.text)
    return Buttons(
        body=reply.text,
        buttons=tuple(Button(id=button_id, title=title) for button_id, title in reply.buttons),
    )


def _record(came: Iterable[Answer[Armed]], *, now: datetime) -> None:
    for answer in came:
        with transaction.atomic():
            _record_one(answer.tag.reply, answer.outcome, now=now)


def _record_one(reply: Reply, outcome: Outcome, *, now: datetime) -> None:
    """Store what became of one reply; whatever was certainly not sent is tried again."""
    match outcome:
        case answers.Accepted():
            _move(reply, D.ACCEPTED, now=now)
        case answers.InDoubt():
            _move(reply, D.IN_DOUBT, now=now)
        case answers.RecipientRefused() | answers.BroadcastStopped():
            _move(reply, D.FAILED, now=now)
        case answers.OurMistake(code):
            logger.error("reply was refused as wrong", extra={"reply_id": reply.pk, "code": code})
            _move(reply, D.FAILED, now=now)
        case answers.TryAgain() | answers.SlowDown(scope="recipient") if (
            reply.attempts >= MAX_ATTEMPTS
        ):
            _move(reply, D.FAILED, now=now)
        case _:  # also what says nothing about this reply: we are too slow, too fast, or stopped
            wait = min(timedelta(seconds=2 ** min(reply.attempts, 9)), LONGEST_WAIT)
            Reply.objects.filter(pk=reply.pk).move(D.QUEUED, not_before=now + wait)
    if isinstance(outcome, answers.AccountStopped):
        stopping.stop_channel(StopReason.of_code(outcome.code), now=now)


def _is_no_use_to_go_on(outcome: Outcome) -> bool:
    """Tell whether the next reply would fare no better now; the tick rings again."""
    match outcome:
        case answers.NotSent() | answers.AccountStopped() | answers.SlowDown(scope="account"):
            return True
    return False


def _is_too_fast(outcome: Outcome) -> bool:
    return isinstance(outcome, answers.SlowDown) and outcome.scope == "number"


def _move(reply: Reply, to: DeliveryState, *, now: datetime) -> None:
    """Move one reply. The first time that WhatsApp is known to have a notice, it was shown."""
    row = Reply.objects.filter(pk=reply.pk)
    before = row.values_list("state", flat=True).get()
    if not row.move(to) or reply.notice is None:
        return
    if to in TAKEN and before not in TAKEN:
        consent.notice_sent(reply.subscriber_id, notice=reply.notice, now=now)
    elif to == D.FAILED:
        _ask_nothing_behind(reply)


def _ask_nothing_behind(notice: Reply) -> None:
    """Drop the question of a notice that nobody saw; whoever writes again is shown both."""
    following = Reply.objects.filter(subscriber=notice.subscriber_id, pk__gt=notice.pk)
    behind = following.order_by("pk").first()
    if behind is not None and behind.purpose == "question":
        Reply.objects.filter(pk=behind.pk).move(D.SKIPPED)
