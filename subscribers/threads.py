"""Replies to the desk: taken in without what betrays somebody, answered, forgotten.

A thread has an alias, and nothing beside it: no tier, no language, no date of joining. After 30
days of silence the same person is a new alias, so that no dossier grows. With fewer than 20
subscribers nothing is kept, because colleagues would guess who it is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from subscribers import aliases, promises
from subscribers.figures import HIDDEN_BELOW
from subscribers.models import Letterbox, Subscriber, Thread, ThreadMessage, Told
from subscribers.redaction import redact
from subscribers.vault import Vault

NEW_ALIAS_AFTER = timedelta(days=30)  # of silence
CLOSED_AFTER = promises.THREAD_CLOSES  # of silence
ERASED_AFTER = CLOSED_AFTER + timedelta(days=30)
KEEP_AT_MOST = promises.REPLIES  # a message of a thread that goes on and on
# WhatsApp accepts an answer for 24 hours; one of them is for a line that is down.
WINDOW = timedelta(hours=23)
ANEW_AFTER = timedelta(days=1)  # until somebody is told the same again

D = ThreadMessage.Direction


class Fate(StrEnum):
    """What becomes of a letter; the value is the name of the text that says so."""

    TAKEN = "letter_taken"
    DISCARDED = "letters_off"
    TOO_FEW = "letters_too_few"
    ONLY_TEXT = "letters_only_text"


class NotAnswerable(Exception):
    """The 24 hours are over, or there is nobody any more. Wait until they write again."""


class Overtaken(Exception):
    """Somebody has written since the page was opened. Look again, then answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Free text of a subscriber; None for a voice message, a picture, a contact, a place."""

    text: str | None
    about: str  # headline of the broadcast that it answers, or ""
    at: datetime  # Meta's clock


def is_discarding() -> bool:
    """Tell whether the installation keeps no replies."""
    return Letterbox.objects.filter(is_discarding=True).exists()


def are_too_few() -> bool:
    """Tell whether so few subscribe that anybody's reply would give them away."""
    subscribed = Subscriber.objects.filter(tier__isnull=False)
    return len(subscribed.values_list("pk")[:HIDDEN_BELOW]) < HIDDEN_BELOW


@transaction.atomic
def take_in(subscriber: Subscriber, letter: Letter, *, vault: Vault, now: datetime) -> Fate:
    """Store what may be stored of a letter, and return what became of it.

    Two letters at once wait for each other and meet in one thread.
    """
    Subscriber.objects.select_for_update(of=("self",)).get(pk=subscriber.pk)
    if is_discarding():
        return Fate.DISCARDED
    if are_too_few():
        return Fate.TOO_FEW
    if letter.text is None:
        return Fate.ONLY_TEXT
    shown = redact(letter.text)
    thread = _thread_of(subscriber, at=letter.at, vault=vault, now=now)
    ThreadMessage.objects.create(
        thread=thread,
        direction=D.HEARD,
        text=shown.text,
        is_shortened=shown.is_shortened,
        about=letter.about,
        at=letter.at,
    )
    return Fate.TAKEN


def is_news(subscriber: Subscriber, fate: Fate, *, now: datetime) -> bool:
    """Tell whether somebody has to be told this now: once a day, that replies are off once."""
    told, is_first = Told.objects.get_or_create(
        subscriber=subscriber, what=fate, defaults={"at": now}
    )
    if is_first:
        return True
    if fate is Fate.DISCARDED or told.at > now - ANEW_AFTER:
        return False
    told.at = now
    told.save(update_fields=["at"])
    return True


def open_ones(*, now: datetime) -> QuerySet[Thread]:
    """Return the threads that are not closed, those that wait for an answer first."""
    rows = Thread.objects.filter(heard_at__gt=now - CLOSED_AFTER)
    return rows.order_by("-is_waiting", "-heard_at")


def waiting(*, now: datetime) -> int:
    """Count the threads that wait for an answer."""
    return open_ones(now=now).filter(is_waiting=True).count()


def can_answer(thread: Thread, *, now: datetime) -> bool:
    """Tell whether WhatsApp still accepts an answer, to somebody who is still there."""
    return bool(thread.heard_at > now - WINDOW and thread.subscriber.tier_id)


@transaction.atomic
def answer(thread_id: UUID, text: str, *, seen: int, now: datetime) -> ThreadMessage:
    """Add an answer of the desk. `seen` is the newest message that whoever answers has read.

    So a second click, or a colleague who was faster, sends nothing twice. Raises Overtaken and
    NotAnswerable.
    """
    thread = Thread.objects.select_for_update().get(pk=thread_id)
    if thread.messages.latest("pk").pk != seen:
        raise Overtaken
    if not can_answer(thread, now=now):
        raise NotAnswerable
    said = ThreadMessage.objects.create(thread=thread, direction=D.SAID, text=text, at=now)
    _settle(thread)
    return said


@transaction.atomic
def set_aside(thread_id: UUID, *, seen: int) -> None:
    """Note that a thread needs no answer. Raises Overtaken."""
    thread = Thread.objects.select_for_update().get(pk=thread_id)
    if thread.messages.latest("pk").pk != seen:
        raise Overtaken
    _settle(thread)


@transaction.atomic
def discard_from_now_on(*, is_discarding: bool) -> None:
    """Switch the keeping of replies off or on; everybody is told once after each change."""
    Letterbox.objects.update_or_create(pk=Letterbox.ONLY, defaults={"is_discarding": is_discarding})
    Told.objects.filter(what=Fate.DISCARDED).delete()


def _settle(thread: Thread) -> None:
    thread.is_waiting = False
    thread.save(update_fields=["is_waiting"])


def _thread_of(subscriber: Subscriber, *, at: datetime, vault: Vault, now: datetime) -> Thread:
    """Return the thread that somebody writes in, a new one after a long silence."""
    known = Thread.objects.select_for_update().filter(
        subscriber=subscriber, heard_at__gt=now - NEW_ALIAS_AFTER
    )
    thread = known.order_by("-heard_at").first()
    if thread is None:
        return _begin(Thread(subscriber=subscriber, heard_at=at), key=vault.alias_key)
    thread.heard_at, thread.is_waiting = max(at, thread.heard_at), True
    thread.save(update_fields=["heard_at", "is_waiting"])
    return thread


def _begin(thread: Thread, *, key: bytes) -> Thread:
    """Store a thread under the first alias that nobody has."""
    for alias in aliases.candidates(thread.pk, key=key):
        _row, is_new = Thread.objects.get_or_create(
            alias=alias,
            defaults={
                "id": thread.pk,
                "subscriber": thread.subscriber,
                "heard_at": thread.heard_at,
            },
        )
        if is_new:
            break
    return thread
