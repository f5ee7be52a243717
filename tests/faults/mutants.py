"""The safeguards of the engine, each with a way to remove it and the scenario that must notice.

A scenario that passes without its safeguard proves nothing; test_mutants.py tries each.
"""

import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
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
from tests.campaigns.outages import no_database
from tests.faults import (
    test_again,
    test_answers,
    test_database,
    test_frozen,
    test_limits,
    test_moments,
    test_news,
    test_restore,
    test_stopping,
    test_time,
    test_workers,
)
from whatsapp import pipeline, signature

# The package offers functions of the same names.
arm, pump, record, sweep = (
    import_module(f"campaigns.sending.{name}") for name in ("arm", "pump", "record", "sweep")
)


@dataclass(frozen=True)
class Mutant:
    """A safeguard, how to remove it, and the scenario that must fail then."""

    safeguard: str
    remove: Callable  # takes pytest's monkeypatch
    scenario: Callable
    arguments: tuple = ()


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


MUTANTS = [
    Mutant(
        "consent re-read at arming",
        no_consent_at_arming,
        test_stopping.test_whoever_said_stop_before_the_run_gets_nothing,
    ),
    Mutant(
        "token committed before the send",
        no_commit_before_the_send,
        test_moments.test_whatever_happens_at_the_nine_moments_nobody_is_doubled_or_forgotten,
        ("on_the_wire", "raise"),
    ),
    Mutant(
        "one delivery for each person",
        no_unique_delivery,
        test_workers.test_a_start_that_is_repeated_by_hand_messages_nobody_twice,
    ),
    Mutant(
        "guarded move",
        no_guarded_move,
        test_news.test_news_that_comes_before_the_answer_is_matched_by_its_token,
    ),
    Mutant(
        "sweep of ended leases",
        no_lease_sweep,
        test_workers.test_a_lost_worker_is_relieved_and_what_it_had_armed_is_shown_as_unclear,
    ),
    Mutant(
        "memory of seen messages",
        no_seen_message,
        test_news.test_an_old_start_in_a_new_body_does_not_undo_a_stop,
    ),
    Mutant(
        "hash of each body",
        no_body_hash,
        test_news.test_a_replay_of_everything_a_day_later_changes_nothing,
    ),
    Mutant(
        "signature",
        no_signature,
        test_news.test_forged_and_malformed_bodies_change_nothing,
    ),
    Mutant(
        "rank of statuses",
        no_rank,
        test_news.test_news_in_one_body_end_with_the_best_of_them,
    ),
    Mutant(
        "rows counted before closing",
        no_tally_check,
        test_workers.test_a_tally_that_lies_keeps_a_broadcast_open,
    ),
    Mutant(
        "quiet hours at the sender",
        no_quiet_hours,
        test_stopping.test_nothing_ordinary_leaves_at_night_whoever_scheduled_it,
    ),
    Mutant(
        "kill switch re-read at arming",
        arming_in_spite_of("stop_reason"),
        test_stopping.test_after_the_kill_switch_nothing_leaves_and_a_stop_is_still_heard,
    ),
    Mutant(
        "state of the broadcast re-read at arming",
        arming_in_spite_of("broadcast.state"),
        test_stopping.test_after_a_pause_nothing_leaves_until_somebody_resumes,
    ),
    Mutant(
        "usefulness re-read at arming",
        arming_in_spite_of("expires_at"),
        test_time.test_what_became_too_late_half_way_is_dropped_shown_and_told,
    ),
    Mutant(
        "age limit from arming on",
        no_age_limit,
        test_workers.test_a_worker_that_freezes_with_armed_messages_does_not_send_them_when_it_wakes,
    ),
    Mutant(
        "watermark",
        no_watermark,
        test_again.test_while_the_inbox_lags_nothing_is_sent_again,
    ),
    Mutant(
        "liveness",
        no_liveness,
        test_again.test_when_nothing_was_sent_later_a_human_decides,
    ),
    Mutant(
        "settle time",
        no_settle_time,
        test_again.test_an_echo_that_takes_two_minutes_is_waited_for,
    ),
    Mutant(
        "memory of the web server's downtime",
        no_memory_of_downtime,
        test_again.test_what_was_sent_while_our_web_server_was_down_is_never_sent_again_by_itself,
    ),
    Mutant(
        "a web server that listens now",
        no_look_at_the_web_server,
        test_again.test_while_our_web_server_is_down_nothing_is_sent_again,
    ),
    *(
        Mutant(
            f"a webhook that {happens} may hold an echo",
            blind_for_what(happens),
            test_again.test_while_a_webhook_may_hold_an_echo_nothing_is_sent_again,
            (happens,),
        )
        for happens in test_again.UNHEARD
    ),
    Mutant(
        "one second attempt",
        no_limit_of_attempts,
        test_again.test_what_is_doubtful_twice_is_left_to_a_human,
    ),
    Mutant(
        "one rate of all workers",
        no_common_rate,
        test_limits.test_three_workers_at_one_pace_give_meta_nothing_to_refuse,
    ),
    Mutant(
        "batches that others hold are passed over",
        no_skipping_of_locked_batches,
        test_workers.test_a_worker_that_freezes_while_it_claims_keeps_nobody_waiting,
    ),
    Mutant(
        "pause for silence",
        no_pause_for_silence,
        test_again.test_a_dead_webhook_pauses_the_broadcast_and_nothing_is_sent_again_until_it_returns,
    ),
    Mutant(
        "memory of who got an earlier wave",
        no_memory_of_waves,
        test_limits.test_a_send_in_waves_reaches_everybody_once_and_never_more_than_the_limit,
        (60, 25),
    ),
    Mutant(
        "time between two messages to one person",
        no_spacing,
        test_answers.test_too_much_for_one_person_is_tried_again_and_disturbs_nobody_else,
    ),
    Mutant(
        "what waits on disk holds all sending",
        no_look_at_the_spool,
        test_database.test_webhooks_are_answered_whatever_the_database_does_and_none_is_lost,
        (no_database,),
    ),
    Mutant(
        "a line in the journal before the first byte",
        no_line_in_the_journal,
        test_database.test_without_a_line_in_the_journal_nothing_is_sent,
    ),
    Mutant(
        "guard against a database that has been put back",
        no_restore_guard,
        test_restore.test_a_database_that_is_not_of_the_journals_life_sends_nothing,
    ),
    Mutant(
        "end of a frozen worker's transaction",
        no_end_of_a_frozen_transaction,
        test_frozen.test_the_kill_switch_does_not_wait_for_a_worker_that_has_frozen,
    ),
    Mutant(
        "gate at which armers wait for a stop",
        no_gate,
        test_frozen.test_no_worker_overtakes_whoever_waits_to_stop_it,
        (test_frozen.stop_all,),
    ),
]
