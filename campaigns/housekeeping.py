"""What has to be done now and then, and by nobody in particular."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from campaigns import letters, unreached
from campaigns import retention as of_broadcasts
from campaigns.models import Heartbeat
from subscribers import admission, deletion_report, erasure, figures, incidents, journal, phones
from subscribers import retention as of_people
from subscribers.forgotten import ErasureList
from subscribers.retention import Rule

SELDOM = timedelta(minutes=10)


class Step(Protocol):
    """One duty; doing it twice does no harm."""

    def __call__(self, *, now: datetime) -> object: ...


def rules(*, keeps_proof: bool) -> tuple[Rule, ...]:
    """Return everything that is promised; `keeps_proof`: the mode of proof is not `none`."""
    no_proof = () if keeps_proof else (of_people.NO_PROOF,)
    return of_people.RULES + no_proof + of_broadcasts.RULES


def steps(erasures: ErasureList, *, keeps_proof: bool) -> Iterator[Step]:
    """Return everything, the most urgent first; each is to run even if another one fails."""
    everything = rules(keeps_proof=keeps_proof)
    yield partial(erasure.replay, erasures)
    yield letters.erase_due
    yield partial(of_people.enforce, of_people.URGENT)
    yield phones.forget_of_those_who_left
    yield partial(erasure.finish, erasures)
    yield partial(look_through, everything, erasures)
    yield partial(deletion_report.write_if_due, everything)
    yield figures.freeze_if_due
    yield unreached.count
    yield admission.rotate_if_due
    yield shorten_journal


def shorten_journal(*, now: datetime) -> None:
    """Forget what is older than any backup that one would put back; it may be evidence."""
    if incidents.is_open():
        return
    journal.current().purge(now=now)


def look_through(everything: Sequence[Rule], erasures: ErasureList, *, now: datetime) -> None:
    """Every ten minutes, enforce the rules for whatever is not about one person's wish."""
    if Heartbeat.objects.filter(name=Heartbeat.RETENTION, at__gt=now - SELDOM).exists():
        return
    of_people.enforce((one for one in everything if one not in of_people.URGENT), now=now)
    erasures.drop_old(now=now)
    Heartbeat.objects.update_or_create(name=Heartbeat.RETENTION, defaults={"at": now})
