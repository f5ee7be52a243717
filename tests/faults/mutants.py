"""The safeguards of the engine, each with a way to remove it and the scenario that must notice.

A scenario that passes without its safeguard proves nothing; test_mutants.py tries each.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.campaigns.outages import no_database
from tests.faults import (
    removals,
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


@dataclass(frozen=True)
class Mutant:
    """A safeguard, how to remove it, and the scenario that must fail then."""

    safeguard: str
    remove: Callable  # takes pytest's monkeypatch
    scenario: Callable
    arguments: tuple = ()


MUTANTS = [
    Mutant(
        "consent re-read at arming",
        removals.no_consent_at_arming,
        test_stopping.test_whoever_said_stop_before_the_run_gets_nothing,
    ),
    Mutant(
        "token committed before the send",
        removals.no_commit_before_the_send,
        test_moments.test_whatever_happens_at_the_nine_moments_nobody_is_doubled_or_forgotten,
        ("on_the_wire", "raise"),
    ),
    Mutant(
        "one delivery for each person",
        removals.no_unique_delivery,
        test_workers.test_a_start_that_is_repeated_by_hand_messages_nobody_twice,
    ),
    Mutant(
        "guarded move",
        removals.no_guarded_move,
        test_news.test_news_that_comes_before_the_answer_is_matched_by_its_token,
    ),
    Mutant(
        "sweep of ended leases",
        removals.no_lease_sweep,
        test_workers.test_a_lost_worker_is_relieved_and_what_it_had_armed_is_shown_as_unclear,
    ),
    Mutant(
        "memory of seen messages",
        removals.no_seen_message,
        test_news.test_an_old_start_in_a_new_body_does_not_undo_a_stop,
    ),
    Mutant(
        "hash of each body",
        removals.no_body_hash,
        test_news.test_a_replay_of_everything_a_day_later_changes_nothing,
    ),
    Mutant(
        "signature",
        removals.no_signature,
        test_news.test_forged_and_malformed_bodies_change_nothing,
    ),
    Mutant(
        "rank of statuses",
        removals.no_rank,
        test_news.test_news_in_one_body_end_with_the_best_of_them,
    ),
    Mutant(
        "rows counted before closing",
        removals.no_tally_check,
        test_workers.test_a_tally_that_lies_keeps_a_broadcast_open,
    ),
    Mutant(
        "quiet hours at the sender",
        removals.no_quiet_hours,
        test_stopping.test_nothing_ordinary_leaves_at_night_whoever_scheduled_it,
    ),
    Mutant(
        "kill switch re-read at arming",
        removals.arming_in_spite_of("stop_reason"),
        test_stopping.test_after_the_kill_switch_nothing_leaves_and_a_stop_is_still_heard,
    ),
    Mutant(
        "state of the broadcast re-read at arming",
        removals.arming_in_spite_of("broadcast.state"),
        test_stopping.test_after_a_pause_nothing_leaves_until_somebody_resumes,
    ),
    Mutant(
        "usefulness re-read at arming",
        removals.arming_in_spite_of("expires_at"),
        test_time.test_what_became_too_late_half_way_is_dropped_shown_and_told,
    ),
    Mutant(
        "age limit from arming on",
        removals.no_age_limit,
        test_workers.test_a_worker_that_freezes_with_armed_messages_does_not_send_them_when_it_wakes,
    ),
    Mutant(
        "watermark",
        removals.no_watermark,
        test_again.test_while_the_inbox_lags_nothing_is_sent_again,
    ),
    Mutant(
        "liveness",
        removals.no_liveness,
        test_again.test_when_nothing_was_sent_later_a_human_decides,
    ),
    Mutant(
        "settle time",
        removals.no_settle_time,
        test_again.test_an_echo_that_takes_two_minutes_is_waited_for,
    ),
    Mutant(
        "memory of the web server's downtime",
        removals.no_memory_of_downtime,
        test_again.test_what_was_sent_while_our_web_server_was_down_is_never_sent_again_by_itself,
    ),
    Mutant(
        "a web server that listens now",
        removals.no_look_at_the_web_server,
        test_again.test_while_our_web_server_is_down_nothing_is_sent_again,
    ),
    *(
        Mutant(
            f"a webhook that {happens} may hold an echo",
            removals.blind_for_what(happens),
            test_again.test_while_a_webhook_may_hold_an_echo_nothing_is_sent_again,
            (happens,),
        )
        for happens in test_again.UNHEARD
    ),
    Mutant(
        "one second attempt",
        removals.no_limit_of_attempts,
        test_again.test_what_is_doubtful_twice_is_left_to_a_human,
    ),
    Mutant(
        "one rate of all workers",
        removals.no_common_rate,
        test_limits.test_three_workers_at_one_pace_give_meta_nothing_to_refuse,
    ),
    Mutant(
        "batches that others hold are passed over",
        removals.no_skipping_of_locked_batches,
        test_workers.test_a_worker_that_freezes_while_it_claims_keeps_nobody_waiting,
    ),
    Mutant(
        "pause for silence",
        removals.no_pause_for_silence,
        test_again.test_a_dead_webhook_pauses_the_broadcast_and_nothing_is_sent_again_until_it_returns,
    ),
    Mutant(
        "memory of who got an earlier wave",
        removals.no_memory_of_waves,
        test_limits.test_a_send_in_waves_reaches_everybody_once_and_never_more_than_the_limit,
        (60, 25),
    ),
    Mutant(
        "time between two messages to one person",
        removals.no_spacing,
        test_answers.test_too_much_for_one_person_is_tried_again_and_disturbs_nobody_else,
    ),
    Mutant(
        "what waits on disk holds all sending",
        removals.no_look_at_the_spool,
        test_database.test_webhooks_are_answered_whatever_the_database_does_and_none_is_lost,
        (no_database,),
    ),
    Mutant(
        "a line in the journal before the first byte",
        removals.no_line_in_the_journal,
        test_database.test_without_a_line_in_the_journal_nothing_is_sent,
    ),
    Mutant(
        "guard against a database that has been put back",
        removals.no_restore_guard,
        test_restore.test_a_database_that_is_not_of_the_journals_life_sends_nothing,
    ),
    Mutant(
        "end of a frozen worker's transaction",
        removals.no_end_of_a_frozen_transaction,
        test_frozen.test_the_kill_switch_does_not_wait_for_a_worker_that_has_frozen,
    ),
    Mutant(
        "gate at which armers wait for a stop",
        removals.no_gate,
        test_frozen.test_no_worker_overtakes_whoever_waits_to_stop_it,
        (test_frozen.stop_all,),
    ),
]
