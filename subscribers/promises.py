"""The limits that subscribers are told, taken from the rules that keep them.

So no page can promise another number than the one that is enforced.
"""

from datetime import timedelta

from subscribers import lifecycle, retention, threads
from subscribers.forgotten import BACKUPS_LIVE
from subscribers.retention import NO_PROOF, RULES

HOUR, MINUTE = retention.HOUR, timedelta(minutes=1)
MONTH = timedelta(days=30)
# Who got which broadcast, after it was closed: enforced by campaigns/retention.py.
DELIVERIES = timedelta(days=7)
PROOF_YEARS = 3  # the proof stays to the end of the third year after the end


def numbers() -> dict[str, int]:
    """Return each limit by its name, which ends with the unit."""
    of = {rule.name: rule.promise for rule in RULES}
    return {
        "unanswered_hours": of["unanswered request"] // HOUR,
        "refused_hours": of["refused"] // HOUR,
        "stop_hours": of["identifier after withdrawal"] // HOUR,
        "erasure_minutes": of["asked for erasure"] // MINUTE,
        "no_proof_hours": NO_PROOF.promise // HOUR,
        "turn_hours": of["how much somebody writes within an hour"] // HOUR,
        "access_log_months": of["who looked at what"] // MONTH,
        "replies_days": threads.KEEP_AT_MOST.days,
        "deliveries_days": DELIVERIES.days,
        "backups_days": BACKUPS_LIVE.days,
        "silence_days": (2 * lifecycle.ANSWER_WITHIN).days,
        "unreachable_days": (lifecycle.FAILING_FOR + lifecycle.FAILED_PAUSE).days,
        "proof_years": PROOF_YEARS,
    }
