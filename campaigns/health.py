"""Is everything well? Asked by the health page, by `doctor` and by the desk's start page."""

import os
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Sum

from campaigns import echoes
from campaigns.models import Alarm, Broadcast, Channel, Heartbeat, InboxEntry, Reply, Tally
from campaigns.spool import Spool
from campaigns.standstill import House
from campaigns.states import OPEN, BroadcastState, DeliveryState
from subscribers import checkpoints, deletion_report, journal, verification

LOOKED_THROUGH_WITHIN = timedelta(hours=1)  # six times as long as it should take
LATE_AFTER = timedelta(minutes=2)  # a webhook body that waits longer than that
ROOM = 64 * 1024 * 1024  # bytes that must be free: a week of journal, or some minutes of spool


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How the whole system stands at one moment. Numbers only, nobody's name."""

    stop_reason: str  # "" while sending is allowed
    silent: tuple[str, ...]  # workers that have not done anything for a minute
    paused: int  # broadcasts that stand still
    missed: int  # broadcasts whose time passed before they could start
    open_deliveries: int
    in_doubt: int
    inbox_late: int
    inbox_quarantined: int
    inbox_unmatched: int  # messages that WhatsApp has sent for us, and that we do not know
    spooled: int  # webhook bodies on disk, because the database could not take them
    spool_late: int
    spool_unreadable: int
    full_disks: tuple[str, ...]  # what can no longer be written: see _full_disks
    replies_waiting: int
    duties_failing: int  # regular ones, see duties.py
    ledger_broken: bool  # the last verification of the consent ledger found something
    ledger_unverified: bool  # there has been none for more than a day
    anchors_late: tuple[str, ...]  # places that its checkpoints do not reach
    deletions_silent: bool  # nothing has been looked through, or reported, for too long
    deletions_overdue: int  # rows older than promised, by the last report

    @property
    def house(self) -> House:
        """What of it holds broadcasts."""
        return House(
            stop_reason=self.stop_reason,
            silent=self.silent,
            is_spool_waiting=bool(self.spooled or self.spool_unreadable),
            is_spool_late=bool(self.spool_late or self.spool_unreadable),
            is_inbox_late=bool(self.inbox_late),
        )

    @property
    def is_well(self) -> bool:
        """Nothing needs a human."""
        return not (
            self.stop_reason
            or self.silent
            or self.paused
            or self.missed
            or self.inbox_late
            or self.inbox_quarantined
            or self.ledger_broken
            or self.ledger_unverified
            or self.anchors_late
            or self.deletions_silent
            or self.deletions_overdue
            or self.spool_late
            or self.spool_unreadable
            or self.full_disks
            or self.duties_failing
        )


def state(workers: tuple[str, ...], *, spool: Spool, now: datetime) -> State:
    """Look at everything; `workers` are the names whose heartbeat is expected."""
    heard = set(
        Heartbeat.objects.filter(name__in=workers, at__gt=now - Heartbeat.SILENT_AFTER).values_list(
            "name", flat=True
        )
    )
    unclosed = _unclosed()
    standing = _standing()
    inbox = InboxEntry.objects
    on_disk = spool.waiting(late_before=now - LATE_AFTER)
    return State(
        stop_reason=Channel.objects.values_list("stop_reason", flat=True).get(pk=Channel.ONLY),
        silent=tuple(name for name in workers if name not in heard),
        paused=standing[BroadcastState.PAUSED] + standing[BroadcastState.PAUSING],
        missed=standing[BroadcastState.MISSED],
        open_deliveries=sum(unclosed[one] for one in OPEN),
        in_doubt=unclosed[DeliveryState.IN_DOUBT],
        inbox_late=inbox.filter(
            state=InboxEntry.State.RECEIVED, tries=0, received_at__lt=now - LATE_AFTER
        ).count(),
        inbox_quarantined=inbox.filter(state=InboxEntry.State.QUARANTINED).count(),
        inbox_unmatched=echoes.strays(now=now),
        spooled=on_disk.bodies,
        spool_late=on_disk.late,
        spool_unreadable=on_disk.unreadable,
        full_disks=_full_disks(spool),
        duties_failing=Alarm.objects.filter(
            kind=Alarm.Kind.BROKEN, cleared_at__isnull=True
        ).count(),
        replies_waiting=Reply.objects.filter(state__in=OPEN).count(),
        ledger_broken=verification.is_broken(),
        ledger_unverified=verification.is_overdue(now=now),
        anchors_late=tuple(checkpoints.late_places(now=now)),
        deletions_silent=deletions_are_silent(now=now),
        deletions_overdue=deletion_report.last_overdue(),
    )


def deletions_are_silent(*, now: datetime) -> bool:
    """Tell whether nothing has been looked through, or reported, for too long."""
    return deletion_report.is_late(now=now) or _is_not_looked_through(now=now)


def _is_not_looked_through(*, now: datetime) -> bool:
    """Tell whether the sweep of retention has stopped; never begun is a new installation."""
    sweep = Heartbeat.objects.filter(name=Heartbeat.RETENTION)
    return sweep.filter(at__lt=now - LOOKED_THROUGH_WITHIN).exists()


def has_room(folder: Path) -> bool:
    """Tell whether something can be written to a folder, or where it would be made."""
    try:
        there = next(one for one in (folder, *folder.parents) if one.exists())
        return (
            there.is_dir() and os.access(there, os.W_OK) and shutil.disk_usage(there).free >= ROOM
        )
    except OSError:
        return False


def _full_disks(spool: Spool) -> tuple[str, ...]:
    folders = {"spool": spool.folder, "journal": journal.current().folder}
    return tuple(name for name, folder in folders.items() if not has_room(folder))


def _standing() -> Counter[str]:
    """Count by state the broadcasts that stand still, or have not even begun."""
    states = [BroadcastState.PAUSED, BroadcastState.PAUSING, BroadcastState.MISSED]
    return Counter(Broadcast.objects.filter(state__in=states).values_list("state", flat=True))


def _unclosed() -> Counter[str]:
    """Count by state the deliveries of what is not closed; nothing else is open or unclear."""
    # Two queries: in one, PostgreSQL reads the tallies of all years.
    broadcasts = list(Broadcast.objects.unclosed().values_list("pk", flat=True))
    rows = Tally.objects.filter(broadcast__in=broadcasts).values_list("state")
    return Counter(dict(rows.annotate(total=Sum("n"))))
