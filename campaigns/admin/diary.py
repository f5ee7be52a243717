"""The diary of a broadcast in whole sentences: what happened, why, and who did it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.admin import figures
from campaigns.admin.pages import moment
from campaigns.models import Broadcast, BroadcastEvent
from campaigns.reasons import PauseReason, StopReason
from campaigns.states import BroadcastState

What = BroadcastEvent.What
BY_HAND = PauseReason.OPERATOR


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: when, in words, by whom (empty: by itself), and what they said about it."""

    at: datetime
    words: str
    actor: str
    note: str


def of(broadcast: Broadcast) -> Iterator[Line]:
    """Yield the diary, oldest first. Numbers are exact until the broadcast is closed."""
    exact = broadcast.closed_at is None
    for event in broadcast.events.order_by("at", "pk"):
        yield Line(event.at, _words(event, exact=exact), event.actor, event.note)


def returned(broadcast: Broadcast | None) -> BroadcastEvent | None:
    """Return with what words a draft was sent back; None once it has been submitted anew."""
    if broadcast is None or broadcast.state != BroadcastState.DRAFT:
        return None
    turns = broadcast.events.filter(what__in=[What.SUBMITTED, What.RETURNED])
    last = turns.order_by("at", "pk").last()
    return last if last and last.what == What.RETURNED else None


def _words(event: BroadcastEvent, *, exact: bool) -> str:
    facts = event.facts or {}
    if "n" in facts and event.what in _COUNTED:
        return _counted(What(event.what), figures.number(facts["n"], exact=exact))
    if event.what in (What.SCHEDULED, What.MOVED) and "at" in facts:
        label = event.get_what_display()
        return f"{label}: {moment(datetime.fromisoformat(facts['at']))}"
    if event.what == What.STARTED and "late" in facts:
        return _late(facts["late"])
    reason = facts.get("reason", "")
    if reason in PauseReason.values and reason != BY_HAND:
        why = PauseReason(reason).label
        if event.what == What.PAUSED:
            return _("paused by itself: %(why)s") % {"why": why}
        if event.what == What.RESUMED:
            return _("resumed by itself; this is over: %(why)s") % {"why": why}
        if event.what == What.CANCELLED:
            return _("cancelled by itself: %(why)s") % {"why": why}
    if reason in StopReason.values and event.what in _OF_THE_NUMBER:
        return _of_the_number(What(event.what), str(StopReason(reason).label))
    return event.get_what_display()


_OF_THE_NUMBER = {What.STOPPED, What.RELEASED}


def _of_the_number(what: BroadcastEvent.What, why: str) -> str:
    """Say why all sending stood still, or goes on."""
    sentences = {
        What.STOPPED: _("all sending was stopped: %(why)s"),
        What.RELEASED: _("sending was allowed again; this is over: %(why)s"),
    }
    return sentences[what] % {"why": why}


_COUNTED = {What.EXPIRED, What.WAVE, What.UNCLEAR, What.RESENT, What.GIVEN_UP}


def _counted(what: BroadcastEvent.What, n: str) -> str:
    """Say how many were concerned."""
    sentences = {
        What.EXPIRED: _("too late to be useful, so not sent: %(n)s"),
        What.WAVE: _("let go within WhatsApp’s daily limit: %(n)s"),
        What.UNCLEAR: _("unclear, because nobody heard WhatsApp’s answer: %(n)s"),
        What.RESENT: _("sent once more, because it was unclear: %(n)s"),
        What.GIVEN_UP: _("closed as not delivered, because it was unclear: %(n)s"),
    }
    return sentences[what] % {"n": n}


def _late(minutes: int) -> str:
    if minutes < 2 * 60:
        sentence = ngettext(
            "started %(n)s minute later than planned",
            "started %(n)s minutes later than planned",
            minutes,
        )
        return sentence % {"n": minutes}
    hours = minutes // 60
    sentence = ngettext(
        "started more than %(n)s hour later than planned",
        "started more than %(n)s hours later than planned",
        hours,
    )
    return sentence % {"n": hours}
