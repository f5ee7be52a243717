"""How a broadcast is getting on, in words and numbers that are ready to be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.admin import figures
from campaigns.admin.pages import moment
from campaigns.hours import SendingHours
from campaigns.models import Broadcast, Category
from campaigns.reasons import FailureReason, PauseReason, SkipReason
from campaigns.reports import Balance
from campaigns.states import BroadcastState
from campaigns.waves import Held

ENOUGH_TO_GUESS = timedelta(seconds=4)  # a guess from less would jump about
NEW = timedelta(minutes=2)  # after that something has left, or something holds it


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some of a line are in it, and what is to be done about it, if anything."""

    label: str
    number: str
    advice: str


@dataclass(frozen=True, slots=True)
class Line:
    """One term of the sum: accepted, failed, ...; with its reasons where it has some."""

    kind: str
    label: Promise
    number: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the bar, in whole percent."""

    kind: str
    start: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Planned = the sum of the lines."""

    is_live: bool
    is_exact: bool
    planned: str
    lines: tuple[Line, ...]
    segments: tuple[Segment, ...]
    adds_up: bool
    percent_done: int
    delivered: str
    outlook: str
    unclear: str

    @property
    def in_short(self) -> str:
        """One line for lists."""
        if self.is_live:
            return _("%(n)s %% done") % {"n": self.percent_done}
        return _("%(n)s accepted") % {"n": self.lines[0].number}


def account(
    broadcast: Broadcast,
    balance: Balance,
    *,
    hours: SendingHours,
    now: datetime,
    held: Held | None = None,
) -> Account:
    """Return what the page shows. Exact until the broadcast is closed.

    `held` is what waits for WhatsApp's daily limit, where that is shown.
    """
    exact = broadcast.closed_at is None
    return Account(
        is_live=exact,
        is_exact=exact,
        planned=figures.number(balance.planned, exact=exact),
        lines=_lines(balance, exact=exact),
        segments=_segments(balance, exact=exact),
        adds_up=balance.adds_up,
        percent_done=balance.percent_done,
        delivered=figures.share(balance.delivered, balance.accepted, exact=exact),
        outlook=_wave(broadcast, balance, held)
        or _outlook(broadcast, balance, hours=hours, now=now),
        unclear=_unclear(broadcast, balance),
    )


def _lines(balance: Balance, *, exact: bool) -> tuple[Line, ...]:
    def number(count: int) -> str:
        return figures.number(count, exact=exact)

    failed, skipped = balance.failed, balance.skipped
    lines = [
        Line("accepted", gettext_lazy("accepted by WhatsApp"), number(balance.accepted)),
        Line(
            "failed",
            gettext_lazy("failed"),
            number(sum(failed.values())),
            _reasons(failed, FailureReason, exact=exact),
        ),
        Line(
            "skipped",
            gettext_lazy("skipped"),
            number(sum(skipped.values())),
            _reasons(skipped, SkipReason, exact=exact),
        ),
        Line("doubt", gettext_lazy("unclear"), number(balance.in_doubt + balance.unknown)),
    ]
    if exact:
        lines.append(Line("open", gettext_lazy("still to do"), number(balance.open)))
    return tuple(lines)


def _reasons(
    counts: Mapping[str, int], names: type[FailureReason] | type[SkipReason], *, exact: bool
) -> tuple[Reason, ...]:
    """Name the reasons with their numbers; a reason with a hidden number stays unnamed."""
    return tuple(
        Reason(str(names(word).label), figures.number(count, exact=exact), names(word).advice)
        for word, count in counts.items()
        if exact or figures.rounded(count) is not None
    )


def _segments(balance: Balance, *, exact: bool) -> tuple[Segment, ...]:
    counts = {
        "accepted": balance.accepted,
        "failed": sum(balance.failed.values()),
        "skipped": sum(balance.skipped.values()),
        "doubt": balance.in_doubt + balance.unknown,
    }
    segments: list[Segment] = []
    start = 0
    for kind, count in counts.items():
        if not balance.planned or (not exact and figures.rounded(count) is None):
            continue
        width = 100 * count // balance.planned
        if count and exact:
            width = max(width, 1)  # a single failure shall be seen
        segments.append(Segment(kind, start, width))
        start += width
    return tuple(segments)


def _wave(broadcast: Broadcast, balance: Balance, held: Held | None) -> str:
    """Say what the daily limit lets go now and when the rest follows, if it ever does."""
    is_limit = broadcast.pause_reason == PauseReason.LIMIT_REACHED
    if held is None or not (is_limit or broadcast.state == BroadcastState.SENDING):
        return ""
    words = {"today": balance.planned - held.people, "all": balance.planned}
    if broadcast.expires_at and broadcast.expires_at <= held.from_:
        sentence = _(
            "WhatsApp’s daily limit: %(today)s of %(all)s people get it. "
            "For the rest it would be too late to be useful."
        )
        return sentence % words
    sentence = _(
        "WhatsApp’s daily limit: %(today)s of %(all)s people get it now, the rest from %(time)s."
    )
    return sentence % (words | {"time": moment(held.from_)})


def _outlook(broadcast: Broadcast, balance: Balance, *, hours: SendingHours, now: datetime) -> str:
    """Say how long it will take, or why nothing moves; empty where there is nothing to say."""
    own = broadcast.message.category.hours(hours)
    if broadcast.pause_reason == PauseReason.QUIET_HOURS:
        return _rest(broadcast, own.next_open(now))
    if broadcast.state != BroadcastState.SENDING or not broadcast.started_at:
        return ""
    if not balance.open:
        return _("Everything has been sent. The last answers are coming in.")
    if not own.are_open(now):
        return _rest(broadcast, own.next_open(now))
    done, elapsed = balance.planned - balance.open, now - broadcast.started_at
    if not done or elapsed < ENOUGH_TO_GUESS:
        return _("It has just begun.") if elapsed < NEW else ""
    left = balance.open * elapsed / done
    minutes = -(-left // timedelta(minutes=1))
    return ngettext("About %(n)s minute to go.", "About %(n)s minutes to go.", minutes) % {
        "n": minutes
    }


def _rest(broadcast: Broadcast, opening: datetime) -> str:
    """Say when quiet hours end, and whether that is in time."""
    words = {"time": moment(opening)}
    if broadcast.expires_at and broadcast.expires_at <= opening:
        return _("Quiet hours until %(time)s. For the rest that is too late to be useful.") % words
    return _("Quiet hours. It goes on: %(time)s.") % words


def _unclear(broadcast: Broadcast, balance: Balance) -> str:
    """Say what is unclear and what becomes of it; empty where nothing is."""
    if not balance.in_doubt:
        return (
            _("Some messages were closed without an answer: they may have arrived or not.")
            if balance.unknown
            else ""
        )
    fact = ngettext(
        "%(n)s message left, but nobody heard what WhatsApp answered: it may have arrived or not.",
        "%(n)s messages left, but nobody heard what WhatsApp answered: they may have arrived or "
        "not.",
        balance.in_doubt,
    ) % {"n": balance.in_doubt}
    if (
        broadcast.state == BroadcastState.SENDING
        and broadcast.message.category.doubt == Category.Doubt.AT_LEAST_ONCE
    ):
        then = _(
            "As soon as it is proved that nobody has got them, they are sent once more by "
            "themselves; you may also decide now."
        )
    else:
        then = _(
            "Nothing of it is sent again by itself, so that nobody gets it twice. Most cases "
            "clear up within minutes; what is left is for you to decide."
        )
    return f"{fact} {then}"
