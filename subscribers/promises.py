"""The limits that subscribers are told, and that the rules keep.

Retention and conversation take them from here, and so does every page and export that names one:
no text can promise another number than the one that is enforced.
"""

from datetime import timedelta

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONTH = timedelta(days=30)

UNANSWERED = 24 * HOUR
REFUSED = HOUR
AFTER_STOP = 24 * HOUR
ERASURE = 10 * MINUTE  # after LÖSCHEN
NO_PROOF = 24 * HOUR  # after the identifier is gone, where no proof is kept
MESSAGES_PER_HOUR = DAY + 2 * HOUR  # how many somebody wrote
ACCESS_LOG = 366 * DAY
THREAD_CLOSES = 14 * DAY  # of silence
REPLIES = 90 * DAY  # at most
DELIVERIES = 7 * DAY  # who got which broadcast, after it was closed
BACKUPS = 35 * DAY  # the longest that one of the main database is kept
SILENCE = 60 * DAY  # after the yearly question, until the end (lifecycle.py)
UNREACHABLE = 90 * DAY  # since the first miss, until the end (lifecycle.py)
PROOF_YEARS = 3  # the proof stays to the end of the third year after the end


def numbers() -> dict[str, int]:
    """Return each limit by its name, which ends with the unit."""
    return {
        "unanswered_hours": UNANSWERED // HOUR,
        "refused_hours": REFUSED // HOUR,
        "stop_hours": AFTER_STOP // HOUR,
        "erasure_minutes": ERASURE // MINUTE,
        "no_proof_hours": NO_PROOF // HOUR,
        "turn_hours": MESSAGES_PER_HOUR // HOUR,
        "access_log_months": ACCESS_LOG // MONTH,
        "replies_days": REPLIES.days,
        "deliveries_days": DELIVERIES.days,
        "backups_days": BACKUPS.days,
        "silence_days": SILENCE.days,
        "unreachable_days": UNREACHABLE.days,
        "proof_years": PROOF_YEARS,
    }
