"""Everything an installation needs, tried live: one finding a line, with what to do about it.

Findings are for IT, in English, and name nobody.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import redis
from django.core import checks
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import translation

from campaigns import account, health
from campaigns.models import Category, Channel, MessageTemplate
from campaigns.spool import Spool
from subscribers import clearance, journal, rotation
from subscribers.models import Notice
from subscribers.vault import Vault, VaultError, place, seal, unseal
from whatsapp.client import CloudClient
from whatsapp.errors import WhatsAppError

CLOCKS_AGREE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried."""

    name: str
    words: str
    is_well: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is examined. Everything is made at the edge."""

    client: CloudClient
    broker: redis.Redis
    vault: Callable[[], Vault]  # raises what a malformed key raises
    workers: tuple[str, ...]
    spool: Spool
    clock: Callable[[], datetime]


def examine(patient: Patient) -> Iterator[Finding]:
    """Try everything. Without its database there is no use in going on."""
    yield _settings()
    yield _spool(patient.spool, now=patient.clock())
    yield _journal()
    for alias in ("default", "keys"):
        finding = _database(alias)
        yield finding
        if not finding.is_well:
            return
    yield _clock(patient.clock())
    yield _broker(patient.broker)
    yield _vault(patient.vault)
    yield _shipped()
    now = patient.clock()
    yield from _whatsapp(patient.client, now=now)
    yield _templates()
    yield _papers()
    yield from _state(health.state(patient.workers, spool=patient.spool, now=now))


def _settings() -> Finding:
    problems = [str(one.msg) for one in checks.run_checks() if one.level >= checks.WARNING]
    return Finding("settings", " ".join(problems) or "checked", is_well=not problems)


def _spool(spool: Spool, *, now: datetime) -> Finding:
    """Asked before the database, because it fills while that is away."""
    try:
        spool.try_out()
    except OSError as exc:
        return Finding("spool", f"cannot be written: {exc.strerror}", is_well=False)
    found = spool.waiting(late_before=now - health.LATE_AFTER)
    words = f"{found.bodies} webhooks on disk, {found.late} late, {found.unreadable} damaged"
    return Finding("spool", words, is_well=not (found.late or found.unreadable))


def _journal() -> Finding:
    try:
        journal.current().try_out()
    except OSError as exc:
        return Finding("journal", f"cannot be written: {exc.strerror}", is_well=False)
    return Finding("journal", "can be written", is_well=True)


def _database(alias: str) -> Finding:
    name = f"database {alias}"
    try:
        executor = MigrationExecutor(connections[alias])
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        with connections[alias].cursor() as cursor:
            cursor.execute("SHOW server_version")
            (version,) = cursor.fetchone()
    except DatabaseError as exc:
        return Finding(name, f"does not answer: {str(exc).splitlines()[0]}", is_well=False)
    if missing:
        return Finding(name, f"{len(missing)} migrations to apply: run `migrate`", is_well=False)
    return Finding(name, f"PostgreSQL {version}, schema up to date", is_well=True)


def _clock(now: datetime) -> Finding:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT now()")
        (theirs,) = cursor.fetchone()
    apart = abs(theirs - now)
    words = f"{apart.total_seconds():.1f} s apart from the database's"
    return Finding("clock", words, is_well=apart < CLOCKS_AGREE)


def _broker(broker: redis.Redis) -> Finding:
    try:
        broker.ping()
    except redis.RedisError as exc:
        return Finding("broker", f"does not answer: {exc}", is_well=False)
    return Finding("broker", "answers", is_well=True)


def _vault(vault: Callable[[], Vault]) -> Finding:
    """Seal something and open it again, with every key on the ring."""
    try:
        keys = vault()
        here = place("doctor", uuid4(), "trial")
        for key in keys.ring.keys.values():
            assert unseal(seal(b"trial", key=key, place=here), key=key, place=here) == b"trial"
    except VaultError as exc:
        return Finding("vault", str(exc), is_well=False)
    words = f"{len(keys.ring.keys)} key(s), current: {keys.ring.current}"
    stale = rotation.how_many_are_stale(keys)
    missing = rotation.missing_keys(keys)
    if missing:
        return Finding("vault", f"not on the ring: {', '.join(missing)}", is_well=False)
    return Finding("vault", f"{words}, {stale} to `keys rotate`", is_well=True)


def _shipped() -> Finding:
    found = f"{Category.objects.count()} categories, {Notice.objects.count()} notices"
    return Finding("texts", found, is_well=Notice.objects.exists() and Category.objects.exists())


def _whatsapp(client: CloudClient, *, now: datetime) -> Iterator[Finding]:
    try:
        number = client.phone_number_health()
        words = f"{number.status}, quality {number.quality_rating or '-'}"
        yield Finding("WhatsApp number", words, is_well=number.can_send != "BLOCKED")
        hears = client.webhook_subscribed()
        words = "subscribed" if hears else "not subscribed: Meta sends us nothing"
        yield Finding("WhatsApp webhook", words, is_well=hears)
        yield _account(client, now=now)
    except WhatsAppError as trouble:
        yield Finding("WhatsApp", f"{trouble}", is_well=False)


def _account(client: CloudClient, *, now: datetime) -> Finding:
    with translation.override("en"):
        bad = list(account.problems(account.ask(client=client, now=now)))
    words = " ".join(bad) or "messages rest in the EU or nowhere, no insights"
    return Finding("WhatsApp account", words, is_well=not bad)


def _papers() -> Finding:
    channel = Channel.objects.get(pk=Channel.ONLY)
    missing = ", ".join(clearance.missing())
    if not channel.is_real:
        return Finding("papers", "not asked for: a simulator plays WhatsApp", is_well=True)
    if not missing:
        return Finding("papers", "confirmed by the data-protection officer", is_well=True)
    words = f"not confirmed by the data-protection officer: {missing}"
    return Finding("papers", words, is_well=False)


def _templates() -> Finding:
    waiting = MessageTemplate.objects.in_use().not_approved().values_list("name", flat=True)
    if waiting:
        words = f"not approved: {', '.join(sorted(waiting))}; see `templates push` and `sync`"
        return Finding("templates", words, is_well=False)
    return Finding("templates", "all approved", is_well=True)


def _state(state: health.State) -> Iterator[Finding]:
    silent = ", ".join(state.silent)
    yield Finding("workers", f"silent: {silent}" if silent else "all at work", is_well=not silent)
    failing = f"{state.duties_failing} failing; see the log" if state.duties_failing else "all done"
    yield Finding("duties", failing, is_well=not state.duties_failing)
    waiting = f"{state.inbox_late} late, {state.inbox_quarantined} could not be applied"
    if state.inbox_unmatched:
        waiting += f", {state.inbox_unmatched} reports of messages that we do not know"
    if state.inbox_quarantined:
        waiting += ": `webhooks retry`"
    yield Finding("inbox", waiting, is_well=not (state.inbox_late or state.inbox_quarantined))
    late = "no report since yesterday" if state.deletions_silent else "reported"
    deletions = f"{late}, {state.deletions_overdue} rows overdue"
    yield Finding(
        "deletions", deletions, is_well=not (state.deletions_silent or state.deletions_overdue)
    )
    full = ", ".join(state.full_disks)
    yield Finding("disks", f"full: {full}" if full else "with room", is_well=not full)
    stopped = state.stop_reason
    yield _ledger(state)
    yield Finding("sending", f"stopped: {stopped}" if stopped else "allowed", is_well=not stopped)


def _ledger(state: health.State) -> Finding:
    words = "verified"
    if state.anchors_late:
        words = f"checkpoints do not arrive at: {', '.join(state.anchors_late)}"
    if state.ledger_unverified:
        words = "not verified for more than a day: see worker `ops`"
    if state.ledger_broken:
        words = "does not verify: see `consent verify`"
    return Finding("ledger", words, is_well=words == "verified")
