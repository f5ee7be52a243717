"""A test of a message, sent to the own phone of whoever writes it or decides about it.

It leaves as the real thing: the same template, the same values, the same file, by the worker
that sends replies. But it is part of no broadcast, appears in no balance, and makes nobody a
subscriber. Whatever stops everything stops it as well; quiet hours do not, because nobody is
disturbed but the one who asks.
"""

import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import composing, gate, media, stopping
from campaigns.models import Category, Channel, Media, MessageTemplate, PhoneTest
from campaigns.reasons import FailureReason, SkipReason, StopReason, of_code
from campaigns.refusals import NotPossible
from campaigns.sender import Sender
from campaigns.states import DeliveryState
from subscribers import phones
from subscribers.identities import Address
from subscribers.models import DeskPhone
from whatsapp import answers, errors
from whatsapp.limits import InvalidPayload

logger = logging.getLogger(__name__)

D = DeliveryState
AT_MOST = 6  # tests an hour and person
AN_HOUR = timedelta(hours=1)
USEFUL_FOR = timedelta(minutes=10)  # nobody looks at the phone for longer
ANSWERED_BY = timedelta(seconds=90)  # an answer to a POST comes within 20 seconds, or never
MAX_ATTEMPTS = 3
LOOK_AROUND = 0.25  # seconds, while others have the pace

Fate = tuple[DeliveryState, str]  # what became of it, and for what reason


class NoPhone(NotPossible):
    """Whoever asks has connected no phone yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is tried out: a message as it stands, saved or not."""

    category: Category
    template: MessageTemplate
    values: Mapping[str, str]
    media: Media | None = None
    full_text: str = ""

    @property
    def problem(self) -> str:
        """Why WhatsApp would not take it, in the reader's language; "" if it would."""
        labels = composing.labels(self.template)
        for name, problem in composing.value_problems(self.template, self.values).items():
            return f"{labels[name]}: {problem}"
        if self.template.header and self.media is None:
            return _("Please add: %(kind)s.") % {"kind": self.template.get_header_display()}
        if self.template.status != MessageTemplate.Status.APPROVED:
            return _("WhatsApp has not approved the template yet.")
        too_long = composing.length_problem(self.template, self.values)
        return too_long or composing.full_text_problem(self.full_text)


@dataclass(frozen=True, slots=True)
class _Armed:
    """A test that may, and must, be sent now."""

    test: PhoneTest
    to: Address = field(repr=False)


@transaction.atomic
def ask(words: Words, *, by: User, now: datetime) -> PhoneTest:
    """Let a message be sent to the phone of whoever asks. Raises NotPossible, and NoPhone."""
    phone = DeskPhone.objects.select_for_update().filter(user=by).first()
    if phone is None:
        raise NoPhone(_("You have not connected a phone yet."))
    if problem := words.problem:
        raise NotPossible(problem)
    if PhoneTest.objects.filter(phone=phone, created_at__gt=now - AN_HOUR).count() >= AT_MOST:
        raise NotPossible(_("That was the sixth test within an hour. Please wait a little."))
    channel = Channel.objects.get(pk=Channel.ONLY)
    if channel.stop_reason:
        raise NotPossible(
            _("Nothing is sent at the moment, no test either. %(reason)s")
            % {"reason": channel.get_stop_reason_display()}
        )
    phone.used_at = now
    phone.save(update_fields=["used_at"])
    return PhoneTest.objects.create(
        phone=phone,
        category=words.category,
        template=words.template,
        values=dict(words.values),
        media=words.media,
        full_text=words.full_text,
        created_at=now,
    )


def read(test_id: UUID, *, now: datetime) -> bool:
    """Send the full text of a test whose button was tapped, once; False if there is none."""
    test = PhoneTest.objects.filter(pk=test_id).exclude(full_text="").first()
    if test is None or test.text_of_id:
        return False
    _text, is_new = PhoneTest.objects.get_or_create(
        text_of=test,
        defaults={
            "phone_id": test.phone_id,
            "category_id": test.category_id,
            "full_text": test.full_text,
            "created_at": now,
        },
    )
    return is_new


def newest(user: User, category: Category, *, since: datetime) -> list[PhoneTest]:
    """Return the tests of somebody in a category since a moment, the newest first."""
    tests = PhoneTest.objects.filter(phone__user=user, category=category, text_of=None)
    return list(tests.filter(created_at__gte=since).order_by("-created_at"))


def send_due(*, sender: Sender, until: datetime) -> int:
    """Send what waits until `until`, or until nothing does; return how many were tried."""
    tried = 0
    while sender.clock() < until and PhoneTest.objects.waiting().exists():
        grant = sender.pace.take(1, urgent=True)  # somebody waits for it
        if not grant.permits:
            time.sleep(min(grant.wait, LOOK_AROUND))
            continue
        armed = _arm(sender=sender)
        if armed is None:
            break
        tried += 1
        fate = _send(armed, sender=sender)
        _record(armed.test, fate)
        if fate[0] == D.QUEUED:  # it would fare no better now; the tick rings again
            break
    return tried


def sweep(*, now: datetime) -> None:
    """Repair what a lost worker left, and give up what nobody waits for any more."""
    PhoneTest.objects.filter(armed_at__lt=now - ANSWERED_BY, state=D.ARMED).move(D.IN_DOUBT)
    late = PhoneTest.objects.filter(created_at__lt=now - USEFUL_FOR)
    late.move(D.SKIPPED, reason=SkipReason.EXPIRED)


@transaction.atomic
def _arm(*, sender: Sender) -> _Armed | None:
    """Take the next test and commit that it is being sent; None while everything stands still."""
    waiting = PhoneTest.objects.waiting().select_for_update(of=("self",), skip_locked=True)
    gate.enter()
    test = waiting.select_related("phone", "template").first()
    if test is None or not stopping.may_send():
        return None
    to = phones.address(test.phone, vault=sender.vault)
    test.token, test.attempts = UUID(bytes=secrets.token_bytes(16)), test.attempts + 1
    changes = {"token": test.token, "attempts": test.attempts, "armed_at": sender.clock()}
    PhoneTest.objects.filter(pk=test.pk).move(D.ARMED, **changes)
    return _Armed(test, to)


def _send(armed: _Armed, *, sender: Sender) -> Fate:
    """Send one test, its file first; return what became of it."""
    test, now = armed.test, sender.clock()
    if not composing.is_reachable(armed.to):
        return D.FAILED, SkipReason.UNREADABLE
    try:
        media_id = media.upload_once(test, client=sender.client, now=now)
        content = composing.content_of_test(test, media_id=media_id)
        outcome = sender.client.send(
            content, to=composing.recipient(armed.to), token=str(test.token)
        )
    except errors.StopAccount as stop:
        stopping.stop_channel(StopReason.of_code(stop.code), now=now)
        return D.QUEUED, ""
    except (errors.Refused, InvalidPayload):
        return D.FAILED, FailureReason.MEDIA
    except errors.WhatsAppError:  # the file could not be uploaded now
        return D.QUEUED, ""
    if isinstance(outcome, answers.AccountStopped):
        stopping.stop_channel(StopReason.of_code(outcome.code), now=now)
    return _fate(outcome)


def _fate(outcome: answers.Outcome) -> Fate:
    match outcome:
        case answers.Accepted():
            return D.ACCEPTED, ""
        case answers.InDoubt():
            return D.IN_DOUBT, ""
        case answers.RecipientRefused(code) | answers.BroadcastStopped(code):
            return D.FAILED, of_code(code)
        case answers.OurMistake(code):
            logger.error("a test was refused as wrong", extra={"code": code})
            return D.FAILED, FailureReason.REQUEST
    return D.QUEUED, ""


def _record(test: PhoneTest, fate: Fate) -> None:
    """Store what became of a test; whatever was certainly not sent is tried again, a few times."""
    state, reason = fate
    if state == D.QUEUED and test.attempts >= MAX_ATTEMPTS:
        state, reason = D.FAILED, FailureReason.RATE
    PhoneTest.objects.filter(pk=test.pk).move(state, reason=reason)
