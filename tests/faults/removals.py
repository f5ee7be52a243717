"""How each safeguard is removed. `patch` is pytest's monkeypatch, and a list of what to undo."""

import random
import sys
from datetime import timedelta
from importlib import import_module

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from campaigns import allowance, doubt, echoes, gate, pace, reports, restore, statuses, watch
from campaigns.hours import SendingHours
from campaigns.inbox import hearing
from campaigns.models import Batch
from campaigns.models.deliveries import DeliveryQuerySet
from campaigns.spool import Spool
from campaigns.states import DeliveryState
from subscribers import audience
from subscribers.audience import Standing
from subscribers.journal import Journal
from subscribers.vault import Vault
from swe_broadcast import transactions
from tests.campaigns.doubts import web_listens
from whatsapp import pipeline, signature

# The package offers functions of the same names.
arm, pump, record, sweep = (
    import_module(f"campaigns.sending.{name}") for name in ("arm", "pump", "record", "sweep")
)


def no_consent_at_arming(patch):
    patch.setattr(audience, "lock_standing", lambda ids: dict.fromkeys(ids, Standing(level=99)))


def no_commit_before_the_send(patch):
    patch.setattr(pump._Shift, "work", transaction.atomic(pump._Shift.work))
    patch.setattr(pipeline.Pipeline, "drain", _wait_and_forget(pipeline.Pipeline.drain))


def _wait_and_forget(drain):
    """The worker dies before it has stored anything; but Meta has got it all."""

    def drain_and_forget(self):
        came = drain(self)
        return [] if sys.exc_info()[0] else came

    return drain_and_forget


def no_unique_delivery(patch):
    table, name = "campaigns_delivery", "delivery_once_per_subscriber"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    patch.callback(_put_back, f"ALTER TABLE {table} ADD CONSTRAINT {name}")


def _put_back(statement):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE campaigns_delivery, campaigns_attempt")
        cursor.execute(f"{statement} UNIQUE (broadcast_id, subscriber_id)")


def no_guarded_move(patch):
    def move(self, to, *, reason="", **changes):
        return self.update(state=to, reason=reason, **changes)

    patch.setattr(DeliveryQuerySet, "move", move)
    patch.setattr(record, "DELIVERY_SOURCES", dict.fromkeys(DeliveryState, DeliveryState))


def no_lease_sweep(patch):
    patch.setattr(sweep, "give_back_abandoned", lambda *, now: None)


def no_seen_message(patch):
    patch.setattr(hearing, "_is_first_time", lambda message, heard, *, vault, now: True)


def no_body_hash(patch):
    patch.setattr(Vault, "body_hash", lambda self, body: random.randbytes(32))


def no_signature(patch):
    patch.setattr(signature, "is_valid", lambda body, given, *, secrets: True)


def no_rank(patch):
    patch.setattr(statuses, "RANK", dict.fromkeys(statuses.RANK, 1))


def no_tally_check(patch):
    patch.setattr(reports, "tally_is_right", lambda broadcast_id: True)


def no_quiet_hours(patch):
    patch.setattr(SendingHours, "are_open", lambda self, at: True)


def arming_in_spite_of(guard):
    def remove(patch):
        left = tuple(one for one in arm.MAY_SEND if guard not in one)
        assert len(left) == len(arm.MAY_SEND) - 1
        patch.setattr(arm, "MAY_SEND", left)

    return remove


def no_watermark(patch):
    patch.setattr(echoes.Proof, "has_caught_up", lambda self, armed_at: True)


def no_liveness(patch):
    patch.setattr(echoes.Proof, "is_alive_after", lambda self, armed_at: True)


def no_settle_time(patch):
    patch.setattr(doubt, "settle_time", lambda category, *, now: timedelta())


def no_limit_of_attempts(patch):
    patch.setattr(doubt, "NOT_REPEATED", Q())


def blind_for_what(happens):
    unheard = echoes.unheard

    def elsewhere(**span):
        return {name: place for name, place in unheard(**span).items() if name != happens}

    return lambda patch: patch.setattr(echoes, "unheard", elsewhere)


def no_common_rate(patch):
    patch.setattr(pace, "interval", lambda rate: 1e-6)


def no_skipping_of_locked_batches(patch):
    def wait(self, *, skip_locked=False, **how):
        return QuerySet.select_for_update(self, **how)

    patch.setattr(type(Batch.objects.all()), "select_for_update", wait)


def no_memory_of_downtime(patch):
    patch.setattr(echoes, "note_listening", lambda *, now: web_listens(at=now))


def no_look_at_the_web_server(patch):
    patch.setattr(echoes, "_is_listening", lambda *, now: True)


def no_pause_for_silence(patch):
    patch.setattr(watch, "_trouble", lambda broadcast_id, *, now: None)


def no_memory_of_waves(patch):
    patch.setattr(allowance, "use", lambda *, now: allowance.Use(people=0, less_at=None))


def no_spacing(patch):
    patch.setattr(record, "_wait", lambda one: timedelta())


def no_age_limit(patch):
    patch.setattr(pump._Shift, "_send", _ageless(pump._Shift._send))


def no_look_at_the_spool(patch):
    patch.setattr(Spool, "is_waiting", lambda self: False)


def no_line_in_the_journal(patch):
    patch.setattr(Journal, "note_sends", lambda self, broadcast_id, attempts, *, now: None)


def no_end_of_a_frozen_transaction(patch):
    patch.setattr(transactions, "bound", lambda connection, *, frozen_after: None)


def no_gate(patch):
    patch.setattr(gate, "enter", lambda: None)


def no_restore_guard(patch):
    patch.setattr(restore, "is_sound", lambda journal, *, now: True)


def _ageless(send):
    """What the pipeline did before: it counted from being handed over."""

    def send_as_if_new(self, batch, permits):
        put = type(self.pipeline).send

        def send_now(pipeline, *args, since=None, **named):
            return put(pipeline, *args, **named)

        type(self.pipeline).send = send_now
        try:
            return send(self, batch, permits)
        finally:
            type(self.pipeline).send = put

    return send_as_if_new
