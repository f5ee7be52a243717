"""What must be true before a broadcast may leave. Asked at every step towards it.

These are the questions that rows can answer; campaigns/checking.py asks WhatsApp as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from campaigns import audiences, composing, cost
from campaigns.models import Broadcast, Channel, Fault, Message, MessageTemplate

AHEAD = timedelta(minutes=45)  # how long before its time a broadcast is looked at


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that stands in the way; `words` say it in detail, in the reader's language."""

    fault: Fault
    words: str


def problems(broadcast: Broadcast, *, now: datetime) -> list[str]:
    """Return, in the reader's language, everything that stands in the way; empty if nothing."""
    return [finding.words for finding in findings(broadcast, now=now)]


def findings(broadcast: Broadcast, *, now: datetime) -> Iterator[Finding]:
    """Yield everything that stands in the way of what its writer has finished."""
    message = broadcast.message
    yield from _template(message)
    yield from _values(message)
    yield from _header(message)
    if message.category.stands_elsewhere and not message.also_at:
        words = _("Please say where this also stands: nobody shall need WhatsApp for it.")
        yield Finding(Fault.WORDS, words)
    if broadcast.approved_hash and broadcast.approved_hash != message.content_hash():
        words = _("The message has been changed since it was approved.")
        yield Finding(Fault.CHANGED, words)
    yield from _audience(broadcast, now=now)
    if broadcast.expires_at and broadcast.expires_at <= now:
        words = _("It is too late: this message was only useful until its time passed.")
        yield Finding(Fault.TOO_LATE, words)
    if not cost.fits_the_budget(broadcast, now=now):
        words = _("The monthly budget does not cover this any more.")
        yield Finding(Fault.BUDGET, words)


def _audience(broadcast: Broadcast, *, now: datetime) -> Iterator[Finding]:
    if broadcast.corrects and audiences.is_forgotten(broadcast.corrects, now=now):
        words = _("It is too late for a correction: it is forgotten who got the original.")
        yield Finding(Fault.TOO_LATE, words)
    elif people := audiences.of(broadcast):
        if not broadcast.corrects:
            yield from _too_few(people)
    elif broadcast.corrects:
        yield Finding(Fault.NOBODY, _("Nobody would get this: nobody has got the original."))
    else:
        words = _("Nobody would get this: there are no subscribers for it yet.")
        yield Finding(Fault.NOBODY, words)


def _too_few(people: int) -> Iterator[Finding]:
    """Nobody is written to among a few: it would be about them. A correction follows its error."""
    smallest = Channel.objects.values_list("smallest_audience", flat=True).get(pk=Channel.ONLY)
    if people < smallest:
        words = _("Fewer than %(n)s people would get this. So small a group is not written to.")
        yield Finding(Fault.TOO_FEW, words % {"n": smallest})


def _template(message: Message) -> Iterator[Finding]:
    if message.template.status == MessageTemplate.Status.APPROVED:
        return
    words = _("WhatsApp has not approved the template “%(name)s” (%(status)s).") % {
        "name": message.template.name,
        "status": message.template.get_status_display(),
    }
    yield Finding(Fault.TEMPLATE, words)


def _values(message: Message) -> Iterator[Finding]:
    by_name = composing.value_problems(message.template, message.values)
    labels = composing.labels(message.template)
    for name, problem in by_name.items():
        yield Finding(Fault.WORDS, f"{labels[name]}: {problem}")
    if too_long := composing.length_problem(message.template, message.values):
        yield Finding(Fault.WORDS, too_long)
    if problem := composing.full_text_problem(message.full_text):
        yield Finding(Fault.WORDS, f"{_('Full text')}: {problem}")


def _header(message: Message) -> Iterator[Finding]:
    kind = message.template.header
    if kind and message.media is None:
        kind_name = message.template.get_header_display()
        words = _("The header is missing. Please add: %(kind)s.") % {"kind": kind_name}
        yield Finding(Fault.MEDIA, words)
    elif kind and message.media is not None and message.media.kind != kind:
        yield Finding(Fault.MEDIA, _("The header does not fit the template."))
