"""The consent register as evidence: one consent from its first word to its last.

It answers “what did this person see, and what did they do?” and never “who is it?”: nothing
here opens an identity or mentions the subscriber's id.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import cached_property

from subscribers.consent import RECEIPT_ALPHABET
from subscribers.ledger import entries
from subscribers.models import ConsentEvent, LedgerLeaf, Notice

RECEIPT_LENGTH = 8


@dataclass(frozen=True)
class Shown:
    """A notice that was shown, with the hash that was stored when that happened."""

    notice: Notice
    stored: str

    @cached_property
    def computed(self) -> str:
        """The hash of the words as they are stored today."""
        return self.notice.words.sha256()

    @property
    def is_unchanged(self) -> bool:
        """Tell whether these are still exactly the words that were shown."""
        return self.stored == self.computed


@dataclass(frozen=True, slots=True)
class Line:
    """One event, and what the ledger says about it."""

    event: ConsentEvent
    number: int | None  # in the ledger, from 0
    is_unchanged: bool


@dataclass(frozen=True, slots=True)
class Record:
    """All events of one consent, oldest first, and every notice shown in the course of it."""

    events: tuple[ConsentEvent, ...]
    shown: tuple[Shown, ...]

    @property
    def lines(self) -> list[Line]:
        """Every event with its place in the ledger, and whether it is what was sealed there."""
        return [_line(event) for event in self.events]


def record_of(event: ConsentEvent) -> Record:
    """Return the record that an event belongs to, in one query; some events stand alone."""
    same_consent = ConsentEvent.objects.filter(pk=event.pk)
    if event.subscriber_id is not None:
        same_consent = ConsentEvent.objects.filter(subscriber_id=event.subscriber_id)
    events = tuple(same_consent.select_related("notice", "leaf").order_by("happened_at", "pk"))
    return Record(events=events, shown=_shown(events))


def receipt_code(typed: str) -> str | None:
    """Return the code that somebody means; None if no receipt can have it.

    Case, blanks and dashes do not matter. Nothing is guessed beyond that: a code contains
    none of the characters that are taken for one another, so an O or a 1 is a mistake.
    """
    code = "".join(typed.split()).replace("-", "").replace("–", "").upper()
    if len(code) != RECEIPT_LENGTH or not set(code) <= set(RECEIPT_ALPHABET):
        return None
    return f"{code[:4]}-{code[4:]}"


def _shown(events: Iterable[ConsentEvent]) -> tuple[Shown, ...]:
    """Collect the notices once each; a hash that differs between two events shows twice."""
    distinct = {
        (event.notice_id, event.notice_sha256): Shown(event.notice, event.notice_sha256)
        for event in events
        if event.notice is not None
    }
    return tuple(distinct.values())


def _line(event: ConsentEvent) -> Line:
    leaf: LedgerLeaf | None = getattr(event, "leaf", None)
    if leaf is None:  # somebody has written past the ledger
        return Line(event, None, is_unchanged=False)
    sealed = entries.commitment(event.body(), salt=bytes(event.salt))
    return Line(event, leaf.seq, is_unchanged=sealed == bytes(leaf.commitment))
