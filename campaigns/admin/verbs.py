"""The buttons of a broadcast: who sees which one when, and what it does.

Whether something is possible is decided by `scheduling`; this table only keeps buttons away
that would be refused anyway.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import connections, doubt, scheduling, tasks
from campaigns.admin import reach
from campaigns.admin.forms import TimeForm
from campaigns.models import Broadcast
from campaigns.reasons import PauseReason
from campaigns.refusals import NotPossible
from campaigns.states import BROADCAST_SOURCES, EDITABLE, RUNNING, BroadcastState

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

S = BroadcastState


class Act(Protocol):
    """Does what a button says. Raises NotPossible."""

    def __call__(
        self, broadcast: Broadcast, data: QueryDict, /, *, by: User, now: datetime
    ) -> None:
        """`data` is what the button's form posted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A button."""

    label: "StrPromise"
    right: str
    states: frozenset[BroadcastState]
    act: Act
    done: "StrPromise"  # what the desk says afterwards
    warning: "StrPromise | None" = None  # asked before, where nothing leads back
    needs_doubt: bool = False  # only while there is something unclear


def _submit(broadcast: Broadcast, _data: QueryDict, *, by: User, now: datetime) -> None:
    media = broadcast.message.media
    if media and media.wants_words:
        raise NotPossible(_("Please say first, in a sentence, what is to be seen in the picture."))
    scheduling.submit(broadcast, by=by, hours=connections.sending_hours(), now=now)


def _approve(broadcast: Broadcast, data: QueryDict, *, by: User, now: datetime) -> None:
    if reach.is_large(broadcast, now=now) and "confirmed" not in data:
        raise NotPossible(_("Please confirm with the tick that so many people shall get it."))
    seen_hash = data.get("seen_hash", "")
    hours = connections.sending_hours()
    scheduling.approve(broadcast, seen_hash=seen_hash, by=by, hours=hours, now=now)
    tasks.ring_tick()


def _send_back(broadcast: Broadcast, data: QueryDict, *, by: User, now: datetime) -> None:
    scheduling.send_back(broadcast, note=data.get("note", ""), by=by, now=now)


def _schedule(broadcast: Broadcast, data: QueryDict, *, by: User, now: datetime) -> None:
    form = TimeForm(data)
    if not form.is_valid():
        raise NotPossible(_("Please choose a day and a time."))
    hours = connections.sending_hours()
    scheduling.schedule(broadcast, at=form.due_at, by=by, hours=hours, now=now)
    tasks.ring_tick()


def _send_now(broadcast: Broadcast, _data: QueryDict, *, by: User, now: datetime) -> None:
    hours = connections.sending_hours()
    scheduling.schedule(broadcast, at=None, by=by, hours=hours, now=now)
    tasks.ring_tick()


def _resume(broadcast: Broadcast, _data: QueryDict, *, by: User, now: datetime) -> None:
    scheduling.resume(broadcast, by=by, now=now)
    tasks.ring_tick()


def _send_again(broadcast: Broadcast, _data: QueryDict, *, by: User, now: datetime) -> None:
    scheduling.send_again(broadcast, by=by, now=now)
    tasks.ring_tick()


def _plain(verb: Callable[..., None]) -> Act:
    """Return the act of a verb that needs nothing but the broadcast."""

    def act(broadcast: Broadcast, _data: QueryDict, *, by: User, now: datetime) -> None:
        verb(broadcast, by=by, now=now)

    return act


VERBS = {
    "submit": Verb(
        label=gettext_lazy("Submit for approval"),
        right="campaigns.submit_broadcast",
        states=BROADCAST_SOURCES[S.IN_REVIEW],
        act=_submit,
        done=gettext_lazy("Submitted. A colleague can approve it now."),
    ),
    "approve": Verb(
        label=gettext_lazy("Approve"),
        right="campaigns.approve_broadcast",
        states=frozenset({S.IN_REVIEW, S.MISSED}),
        act=_approve,
        done=gettext_lazy("Approved. It will be sent as planned."),
    ),
    "send_back": Verb(
        label=gettext_lazy("Send back"),
        right="campaigns.approve_broadcast",
        states=frozenset({S.IN_REVIEW, S.APPROVED}),
        act=_send_back,
        done=gettext_lazy("Sent back to the author, with your note."),
    ),
    "schedule": Verb(
        label=gettext_lazy("Schedule"),
        right="campaigns.schedule_broadcast",
        states=BROADCAST_SOURCES[S.SCHEDULED],
        act=_schedule,
        done=gettext_lazy("Scheduled."),
    ),
    # What missed its time: one act each way.
    "send_now": Verb(
        label=gettext_lazy("Send now"),
        right="campaigns.schedule_broadcast",
        states=frozenset({S.MISSED}),
        act=_send_now,
        done=gettext_lazy("It is sent now; in quiet hours, as soon as they end."),
    ),
    "drop": Verb(
        label=gettext_lazy("Drop it"),
        right="campaigns.stop_broadcast",
        states=frozenset({S.MISSED}),
        act=_plain(scheduling.cancel),
        done=gettext_lazy("Dropped. Nobody gets it."),
    ),
    "undo": Verb(
        label=gettext_lazy("Undo"),
        right="campaigns.schedule_broadcast",
        states=frozenset({S.SCHEDULED}),
        act=_plain(scheduling.undo),
        done=gettext_lazy("Undone. Nothing has been sent; it stays approved."),
    ),
    "unschedule": Verb(
        label=gettext_lazy("Take off the schedule"),
        right="campaigns.schedule_broadcast",
        states=frozenset({S.SCHEDULED}),
        act=_plain(scheduling.unschedule),
        done=gettext_lazy("Taken off the schedule. It stays approved."),
    ),
    "pause": Verb(
        label=gettext_lazy("Pause"),
        right="campaigns.stop_broadcast",
        states=BROADCAST_SOURCES[S.PAUSING],
        act=_plain(scheduling.pause),
        done=gettext_lazy("Paused. What is on its way still arrives, nothing new leaves."),
    ),
    "keep_paused": Verb(
        label=gettext_lazy("Keep paused"),
        right="campaigns.stop_broadcast",
        states=frozenset({S.PAUSING, S.PAUSED}),
        act=_plain(scheduling.pause),
        done=gettext_lazy("It no longer goes on by itself, but when somebody resumes it."),
    ),
    "resume": Verb(
        label=gettext_lazy("Resume"),
        right="campaigns.stop_broadcast",
        states=frozenset({S.PAUSING, S.PAUSED}),
        act=_resume,
        done=gettext_lazy("It goes on."),
    ),
    "cancel": Verb(
        label=gettext_lazy("Cancel for good"),
        right="campaigns.stop_broadcast",
        states=BROADCAST_SOURCES[S.CANCELLED] - {S.MISSED},
        act=_plain(scheduling.cancel),
        done=gettext_lazy("Cancelled. Nothing more of it will be sent."),
        warning=gettext_lazy(
            "Nothing more of this message will be sent, and nobody can undo this. What has "
            "already left cannot be called back."
        ),
    ),
    # Of those who may stop a broadcast: its words are approved, and the question is the same,
    # whether the rest of it leaves.
    "send_again": Verb(
        label=gettext_lazy("Send the unclear ones again"),
        right="campaigns.stop_broadcast",
        states=RUNNING,
        act=_send_again,
        done=gettext_lazy("What was unclear is sent once more."),
        warning=gettext_lazy(
            "Nobody knows whether these messages have arrived. Whoever has got the first one "
            "gets the same message a second time. If WhatsApp reports the first one in the "
            "meantime, nothing more is sent."
        ),
        needs_doubt=True,
    ),
    "give_up": Verb(
        label=gettext_lazy("Close as not delivered"),
        right="campaigns.stop_broadcast",
        states=RUNNING | {S.CANCELLED},
        act=_plain(scheduling.give_up),
        done=gettext_lazy("Closed as not delivered. Should WhatsApp report one later, it counts."),
        warning=gettext_lazy(
            "Nobody knows whether these messages have arrived, and they will not be sent again. "
            "Should WhatsApp report one of them later, it counts as delivered after all."
        ),
        needs_doubt=True,
    ),
}


def possible(broadcast: Broadcast, *, user: User) -> dict[str, Verb]:
    """Return the buttons that this person sees now, by name."""
    is_unclear = bool(broadcast.started_at) and doubt.of_broadcast(broadcast.pk).exists()
    return {
        name: verb
        for name, verb in VERBS.items()
        if broadcast.state in verb.states
        and user.has_perm(verb.right)
        and (is_unclear or not verb.needs_doubt)
        and _ONLY_IF.get(name, _always)(broadcast, user)
    }


def _always(_broadcast: Broadcast, _user: User) -> bool:
    return True


def _may_approve(broadcast: Broadcast, user: User) -> bool:
    return not broadcast.approved_hash and not is_own(broadcast, user=user)


def _may_resume(broadcast: Broadcast, user: User) -> bool:
    """Some reasons to stand still demand IT, and some end by themselves only."""
    reason = PauseReason(broadcast.pause_reason)
    return not reason.ends_by_itself and user.has_perm(reason.right)


def _goes_on_by_itself(broadcast: Broadcast, _user: User) -> bool:
    return PauseReason(broadcast.pause_reason).resumes_alone


def _is_approved(broadcast: Broadcast, _user: User) -> bool:
    return bool(broadcast.approved_hash)


def _is_held(broadcast: Broadcast, _user: User) -> bool:
    return bool(broadcast.held_until)


# What a button asks besides right and state.
_ONLY_IF: Mapping[str, Callable[[Broadcast, User], bool]] = {
    "approve": _may_approve,
    "resume": _may_resume,
    "keep_paused": _goes_on_by_itself,
    "submit": lambda broadcast, _user: not broadcast.message.category.is_urgent,  # with its reason
    "schedule": _is_approved,
    "send_now": _is_approved,
    "undo": _is_held,
    "unschedule": lambda broadcast, user: not _is_held(broadcast, user),
}


def is_own(broadcast: Broadcast, *, user: User) -> bool:
    """Tell whether a colleague has to approve this, because this person wrote or submitted it."""
    return user.pk in (broadcast.submitted_by_id, broadcast.message.changed_by_id)


def can_edit(broadcast: Broadcast, *, user: User) -> bool:
    """Tell whether this person may change the words now."""
    return broadcast.state in EDITABLE and user.has_perm("campaigns.change_message")


def seconds_to_undo(broadcast: Broadcast, *, now: datetime) -> int | None:
    """Return for how long the decision to send can still be undone; None where it cannot."""
    if broadcast.state != S.SCHEDULED or not broadcast.held_until:
        return None
    return max(0, int((broadcast.held_until - now).total_seconds()))
