"""What must be true before a broadcast may leave. Asked at every step towards it."""

from datetime import datetime

from django.utils.translation import gettext as _

from campaigns import audiences, composing, cost
from campaigns.models import Broadcast, Channel, Message, MessageTemplate


def problems(broadcast: Broadcast, *, now: datetime) -> list[str]:
    """Return, in the reader's language, everything that stands in the way; empty if nothing."""
    message = broadcast.message
    found = [*_template(message), *_values(message), *_header(message)]
    if broadcast.approved_hash and broadcast.approved_hash != message.content_hash():
        found.append(_("The message has been changed since it was approved."))
    found += _audience(broadcast, now=now)
    if broadcast.expires_at and broadcast.expires_at <= now:
        found.append(_("It is too late: this message was only useful until its time passed."))
    if not cost.fits_the_budget(broadcast, now=now):
        found.append(_("The monthly budget does not cover this any more."))
    return found


def _audience(broadcast: Broadcast, *, now: datetime) -> list[str]:
    if broadcast.corrects and audiences.is_forgotten(broadcast.corrects, now=now):
        return [_("It is too late for a correction: it is forgotten who got the original.")]
    if people := audiences.of(broadcast):
        return [] if broadcast.corrects else _too_few(people)
    if broadcast.corrects:
        return [_("Nobody would get this: nobody has got the original.")]
    return [_("Nobody would get this: there are no subscribers for it yet.")]


def _too_few(people: int) -> list[str]:
    """Nobody is written to among a few: it would be about them. A correction follows its error."""
    smallest = Channel.objects.values_list("smallest_audience", flat=True).get(pk=Channel.ONLY)
    if people >= smallest:
        return []
    return [
        _("Fewer than %(n)s people would get this. So small a group is not written to.")
        % {"n": smallest}
    ]


def _template(message: Message) -> list[str]:
    if message.template.status == MessageTemplate.Status.APPROVED:
        return []
    return [
        _("WhatsApp has not approved the template “%(name)s” (%(status)s).")
        % {"name": message.template.name, "status": message.template.get_status_display()}
    ]


def _values(message: Message) -> list[str]:
    by_name = composing.value_problems(message.template, message.values)
    labels = composing.labels(message.template)
    found = [f"{labels[name]}: {problem}" for name, problem in by_name.items()]
    too_long = composing.length_problem(message.template, message.values)
    if problem := composing.full_text_problem(message.full_text):
        found.append(f"{_('Full text')}: {problem}")
    return [*found, too_long] if too_long else found


def _header(message: Message) -> list[str]:
    kind = message.template.header
    if not kind:
        return []
    if message.media is None:
        kind_name = message.template.get_header_display()
        return [_("The header is missing. Please add: %(kind)s.") % {"kind": kind_name}]
    if message.media.kind != kind:
        return [_("The header does not fit the template.")]
    return []
