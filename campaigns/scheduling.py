"""The desk's verbs: write, submit, approve, schedule, pause, resume, cancel, clear up doubts.

Each verb is one transaction around one guarded move, asks whether this user may do it, and
writes one line into the broadcast's diary. What cannot be done raises NotPossible, with a
sentence for the person who tried.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from campaigns import (
    contents,
    corrections,
    doubt,
    lateness,
    preflight,
    series,
    stopping,
    versions,
)
from campaigns.hours import SendingHours
from campaigns.models import (
    Broadcast,
    BroadcastEvent,
    Category,
    Check,
    Media,
    Message,
    MessageTemplate,
    Slot,
)
from campaigns.reasons import PauseReason
from campaigns.refusals import NotPossible
from campaigns.states import RUNNING, BroadcastState

S = BroadcastState
What = BroadcastEvent.What
CONSOLE = "console"  # in the diary, for what was done there without a user


@transaction.atomic
def write(
    *,
    category: Category,
    values: Mapping[str, str],
    media: Media | None,
    due_at: datetime | None,
    by: User,
    now: datetime,
    full_text: str = "",
    not_after: datetime | None = None,
    slot_id: int | None = None,
    corrects_id: int | None = None,
    template: MessageTemplate | None = None,
    also_at: str = "",
) -> Broadcast:
    """Start a new message as a draft. Unfinished values are welcome here.

    `not_after` is when it is no longer of use, if its category does not say it; `slot_id` the
    place in the plan that it fills; `corrects_id` the broadcast whose readers it goes to;
    `template` a variant of the category's, None for the one that fits the full text; `also_at`
    where it stands besides.
    """
    _require(by, "add_message")
    slot = _take(slot_id, category=category, now=now) if slot_id else None
    original = _correct(corrects_id, category=category, now=now) if corrects_id else None
    template = template or contents.template_for(category, full_text)
    message = Message.objects.create(
        category=category,
        **contents.of(template, values, full_text, corrects=original is not None),
        media=media,
        also_at=also_at,
        **dict.fromkeys(("created_by", "changed_by"), by),
        **dict.fromkeys(("created_at", "changed_at"), now),
    )
    broadcast = Broadcast.objects.create(
        message=message, due_at=due_at, not_after=not_after, slot=slot, corrects=original
    )
    versions.note(message)
    _note(broadcast, What.WRITTEN, by=by, now=now)
    return broadcast


@transaction.atomic
def change(
    broadcast: Broadcast,
    *,
    revision: int,
    values: Mapping[str, str],
    media: Media | None,
    due_at: datetime | None,
    by: User,
    now: datetime,
    full_text: str | None = None,
    not_after: datetime | None = None,
    template: MessageTemplate | None = None,
    also_at: str | None = None,
) -> None:
    """Change a message that is not being sent. Every approval of it becomes void.

    `revision` is the one that the editor saw: nobody overwrites a colleague unknowingly.
    None leaves `full_text`, `also_at`, and, unless a full text comes or goes, `template` as it is.
    """
    _require(by, "change_message")
    # Locked: its sending cannot begin while its words change.
    broadcast.refresh_from_db(from_queryset=Broadcast.objects.select_for_update(no_key=True))
    message = broadcast.message
    changed = Message.objects.filter(pk=message.pk, revision=revision).update(
        **contents.changed(broadcast, values, full_text, template=template),
        media=media,
        also_at=message.also_at if also_at is None else also_at,
        revision=F("revision") + 1,
        changed_by=by,
        changed_at=now,
    )
    if not changed:
        raise NotPossible(_("Somebody else has changed this message in the meantime."))
    if broadcast.state != S.DRAFT:
        _move(broadcast, S.DRAFT, **_NOT_SUBMITTED, **_NOT_APPROVED)
    Broadcast.objects.filter(pk=broadcast.pk).update(due_at=due_at, not_after=not_after)
    Check.objects.filter(broadcast=broadcast).delete()  # they were about other words
    _note(broadcast, What.CHANGED, by=by, now=now)
    broadcast.refresh_from_db()
    versions.note(broadcast.message)


@transaction.atomic
def submit(
    broadcast: Broadcast, *, by: User, hours: SendingHours, now: datetime, reason: str = ""
) -> None:
    """Ask a colleague to approve. Raises NotPossible for anything that would stop it later.

    What is urgent needs a reason: it goes to everybody at any hour, and nothing holds it back.
    """
    _require(by, "submit_broadcast")
    if broadcast.message.category.is_urgent and not reason.strip():
        raise NotPossible(_("Please say in a few words why this cannot wait."))
    _check(preflight.problems(broadcast, now=now))
    if broadcast.due_at:
        _check_time(broadcast, broadcast.due_at, hours=hours, now=now)
    _move(broadcast, S.IN_REVIEW, submitted_by=by, submitted_at=now, approvers_asked_at=None)
    _note(broadcast, What.SUBMITTED, by=by, now=now, note=reason.strip())
    if broadcast.corrects:
        corrections.stop_rest(broadcast.corrects, by=_name(by), now=now)


@transaction.atomic
def approve(
    broadcast: Broadcast, *, seen_hash: str, by: User, hours: SendingHours, now: datetime
) -> None:
    """Approve exactly what was seen, and put it on the schedule: at its time, or at once.

    What nobody approved in time is approved for now.

    `seen_hash` is Message.content_hash() of what the approver had on the screen.
    """
    _require(by, "approve_broadcast")
    message = broadcast.message
    if by in (broadcast.submitted_by, message.changed_by):
        raise NotPossible(_("Nobody approves their own message. Please ask a colleague."))
    if message.content_hash() != seen_hash:
        raise NotPossible(
            _("The message has been changed since you opened it. Please read it again.")
        )
    at = None if broadcast.state == S.MISSED else broadcast.due_at
    approval = {"approved_by": by, "approved_at": now, "approved_hash": seen_hash}
    _move(broadcast, S.APPROVED, out_of={S.IN_REVIEW, S.MISSED}, **approval)
    _note(broadcast, What.APPROVED, by=by, now=now, purpose=message.template.purpose)
    _schedule(broadcast, at=at, by=by, hours=hours, now=now)


@transaction.atomic
def send_back(broadcast: Broadcast, *, note: str, by: User, now: datetime) -> None:
    """Return a message that is not on the schedule to its writer, with a reason."""
    _require(by, "approve_broadcast")
    if not note.strip():
        raise NotPossible(_("Please say in a few words what should be changed."))
    _move(broadcast, S.DRAFT, out_of={S.IN_REVIEW, S.APPROVED}, **_NOT_SUBMITTED, **_NOT_APPROVED)
    _note(broadcast, What.RETURNED, by=by, now=now, note=note.strip())


@transaction.atomic
def schedule(
    broadcast: Broadcast, *, at: datetime | None, by: User, hours: SendingHours, now: datetime
) -> None:
    """Put an approved broadcast on the schedule; `at` None means at once.

    At once, and for a time that is nearer than the hold time, means when the latter is over.
    """
    _require(by, "schedule_broadcast")
    _schedule(broadcast, at=at, by=by, hours=hours, now=now)


@transaction.atomic
def reschedule(
    broadcast: Broadcast, *, at: datetime, by: User, hours: SendingHours, now: datetime
) -> None:
    """Give a scheduled broadcast another time. Its approval is of its words, and stays."""
    _require(by, "schedule_broadcast")
    _move(broadcast, S.APPROVED, out_of={S.SCHEDULED}, due_at=None, **_NO_TIMES)
    _schedule(broadcast, at=at, by=by, hours=hours, now=now)


@transaction.atomic
def unschedule(broadcast: Broadcast, *, by: User, now: datetime) -> None:
    """Take a broadcast off the schedule; it stays approved."""
    _require(by, "schedule_broadcast")
    _move(broadcast, S.APPROVED, out_of={S.SCHEDULED}, due_at=None, **_NO_TIMES)
    _note(broadcast, What.UNSCHEDULED, by=by, now=now)


@transaction.atomic
def undo(broadcast: Broadcast, *, by: User, now: datetime) -> None:
    """Take back the decision to send, in its hold time; the broadcast stays approved."""
    _require(by, "schedule_broadcast")
    held = Broadcast.objects.filter(pk=broadcast.pk, state=S.SCHEDULED, held_until__isnull=False)
    if not held.move(S.APPROVED, due_at=None, **_NO_TIMES):
        raise NotPossible(_("Nothing can be undone any more. What is being sent can be paused."))
    broadcast.refresh_from_db()
    _note(broadcast, What.UNDONE, by=by, now=now)


@transaction.atomic
def pause(broadcast: Broadcast, *, by: User | None, now: datetime) -> None:
    """Stop arming at once. What is on the wire arrives; then the broadcast is paused.

    What rests by itself, overnight for example, then waits for somebody to resume it.
    `by` is None, here and below, for the operator at the console, who may do anything anyway.
    """
    _require(by, "stop_broadcast")
    reason = PauseReason.OPERATOR
    if not stopping.pause_until_resumed(broadcast.pk, reason, now=now, by=_name(by)):
        raise NotPossible(_refusal(broadcast))
    broadcast.refresh_from_db()


@transaction.atomic
def resume(broadcast: Broadcast, *, by: User | None, now: datetime) -> None:
    """Go on where a paused broadcast stopped. Some reasons demand IT, some their own end."""
    reason = PauseReason(broadcast.pause_reason) if broadcast.pause_reason else None
    if reason and reason.ends_by_itself:
        raise NotPossible(reason.advice)
    if by and reason and not by.has_perm(reason.right):
        raise NotPossible(f"{_('You do not have the right to do this.')} {reason.advice}")
    if reason == PauseReason.TEMPLATE:
        _check(preflight.problems(broadcast, now=now))
    _move(broadcast, S.SENDING, out_of={S.PAUSING, S.PAUSED})
    _note(broadcast, What.RESUMED, by=by, now=now)


@transaction.atomic
def cancel(broadcast: Broadcast, *, by: User | None, now: datetime) -> None:
    """Send nothing more of it, for good. The sweep marks what was left as skipped."""
    _require(by, "stop_broadcast")
    _move(broadcast, S.CANCELLED)
    _note(broadcast, What.CANCELLED, by=by, now=now)


@transaction.atomic
def send_again(broadcast: Broadcast, *, by: User | None, now: datetime) -> None:
    """Send what is unclear once more, although somebody may get it twice by that."""
    _require(by, "stop_broadcast")
    if broadcast.state not in RUNNING:
        raise NotPossible(_refusal(broadcast))
    if broadcast.expires_at and broadcast.expires_at <= now:
        raise NotPossible(_("This message is no longer of use, so it is not sent again."))
    if not doubt.send_again(broadcast.pk, by=_name(by), now=now):
        raise NotPossible(
            _("Please wait three minutes after the attempt: most cases clear up by themselves.")
        )


@transaction.atomic
def give_up(broadcast: Broadcast, *, by: User | None, now: datetime) -> None:
    """Close what is unclear as not delivered. Should WhatsApp report it later, that counts."""
    _require(by, "stop_broadcast")
    given_up = doubt.give_up(broadcast.pk)
    if not given_up:
        raise NotPossible(_("Nothing is unclear any more."))
    _note(broadcast, What.GIVEN_UP, by=by, now=now, n=given_up)


_NO_TIMES: Mapping[str, Any] = {"start_by": None, "expires_at": None, "held_until": None}
_NOT_SUBMITTED: Mapping[str, Any] = {"submitted_by": None, "submitted_at": None}
_NOT_APPROVED: Mapping[str, Any] = {
    "approved_by": None,
    "approved_at": None,
    "approved_hash": None,
    **_NO_TIMES,
}


def _schedule(
    broadcast: Broadcast, *, at: datetime | None, by: User, hours: SendingHours, now: datetime
) -> None:
    if broadcast.approved_hash is None:
        raise NotPossible(_refusal(broadcast))
    if at is not None:
        _check_time(broadcast, at, hours=hours, now=now)
    own = broadcast.message.category.hours(hours)
    free_from = now + own.hold
    leaves_at = own.next_open(max(at or now, free_from))  # at once in quiet hours: their end
    times = lateness.times(broadcast, leaves_at)  # one that missed its time gets new ones
    broadcast.expires_at = times["expires_at"]
    _check(preflight.problems(broadcast, now=leaves_at))
    held_until = free_from if own.hold and leaves_at == free_from else None
    _move(broadcast, S.SCHEDULED, due_at=leaves_at, held_until=held_until, **times)
    _note(broadcast, What.SCHEDULED, by=by, now=now, at=leaves_at.isoformat())


def _take(slot_id: int, *, category: Category, now: datetime) -> Slot:
    try:
        slot = series.take(slot_id, now=now)
    except series.Taken:
        raise NotPossible(
            _("This place in the plan is no longer free: it is filled, or its time has passed.")
        ) from None
    if slot.series.category_id != category.pk:
        raise NotPossible(_("This place in the plan belongs to another category."))
    return slot


def _correct(original_id: int, *, category: Category, now: datetime) -> Broadcast:
    try:
        return corrections.take(original_id, category=category, now=now)
    except corrections.Refused as refusal:
        raise NotPossible(str(refusal)) from None


def _check_time(broadcast: Broadcast, at: datetime, *, hours: SendingHours, now: datetime) -> None:
    if at < now:
        raise NotPossible(_("This time has passed. Please choose a later one."))
    own = broadcast.message.category.hours(hours)
    if not own.are_open(at):
        opening = own.next_open(at).astimezone(own.zone)
        raise NotPossible(
            _("Nothing ordinary is sent in quiet hours. The next possible time is %(time)s.")
            % {"time": f"{opening:%d.%m.%Y %H:%M}"}
        )


def _check(problems: list[str]) -> None:
    if problems:
        raise NotPossible(" ".join(problems))


def _require(user: User | None, permission: str) -> None:
    if user and not user.has_perm(f"campaigns.{permission}"):
        raise NotPossible(_("You do not have the right to do this."))


def _move(
    broadcast: Broadcast,
    to: BroadcastState,
    *,
    out_of: Collection[BroadcastState] = tuple(S),
    **changes: object,
) -> None:
    """Move a broadcast, or raise NotPossible because it is no longer where it was.

    `out_of` is given where the table allows a move for the sake of another verb as well.
    """
    rows = Broadcast.objects.filter(pk=broadcast.pk, state__in=out_of)
    if not rows.move(to, **changes):
        raise NotPossible(_refusal(broadcast))
    broadcast.refresh_from_db()


def _refusal(broadcast: Broadcast) -> str:
    state = Broadcast.objects.only("state").get(pk=broadcast.pk).get_state_display()
    return _("That is not possible now: the broadcast is “%(state)s”.") % {"state": state}


def _note(
    broadcast: Broadcast,
    what: BroadcastEvent.What,
    *,
    by: User | None,
    now: datetime,
    note: str = "",
    **facts: object,
) -> None:
    BroadcastEvent.objects.create(
        broadcast=broadcast, at=now, what=what, actor=_name(by), note=note, facts=facts
    )


def _name(by: User | None) -> str:
    return by.get_username() if by else CONSOLE
