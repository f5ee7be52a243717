"""Why a delivery failed or was skipped, why a broadcast or the whole number stands still.

Each is a word in the database and a plain sentence for the desk.
"""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class FailureReason(TextChoices):
    """Why WhatsApp did not deliver."""

    UNREACHABLE = "unreachable", _("not reachable on WhatsApp")
    OPTED_OUT = "opted_out", _("has stopped such messages in WhatsApp")
    WITHHELD = "withheld", _("held back by WhatsApp for this person")
    COUNTRY = "country", _("WhatsApp does not allow us to write to this country")
    WINDOW_CLOSED = "window_closed", _("the 24-hour window was closed")
    MEDIA = "media", _("WhatsApp could not process the picture or file")
    TEMPLATE = "template", _("WhatsApp refused the template")
    ACCOUNT = "account", _("our WhatsApp account was not allowed to send")
    RATE = "rate", _("still too many messages at once after several attempts")
    REQUEST = "request", _("our request was wrong; please tell IT")
    OTHER = "other", _("another reason given by WhatsApp")

    @property
    def advice(self) -> str:
        """What is to be done, if anything: one sentence in the reader's language."""
        return str(_FAILURE_ADVICE[self])


class SkipReason(TextChoices):
    """Why we did not even try."""

    WITHDRAWN = "withdrawn", _("said STOP in the meantime")
    TIER_CHANGED = "tier_changed", _("changed to a tier without this category")
    ERASED = "erased", _("has been erased")
    UNREADABLE = "unreadable", _("our record of the number is damaged; please tell IT")
    EXPIRED = "expired", _("too late to be useful")
    CANCELLED = "cancelled", _("cancelled by the desk")

    @property
    def advice(self) -> str:
        """What is to be done, if anything; "" where the words say it all."""
        return str(_SKIP_ADVICE.get(self, ""))


class PauseReason(TextChoices):
    """Why a broadcast stands still."""

    OPERATOR = "operator", _("Paused by the desk.")
    TEMPLATE = "template", _("WhatsApp no longer accepts the template.")
    SPAM_LIMIT = "spam_limit", _("WhatsApp slows us down after complaints.")
    MEDIA = "media", _("WhatsApp could not process the picture or file.")
    MISTAKES = "mistakes", _("WhatsApp refuses our requests as wrong.")
    WEBHOOK_STALE = (
        "webhook_stale",
        _("WhatsApp no longer reports what arrives, so nobody would notice if it went wrong."),
    )
    ERROR_RATE = "error_rate", _("Too many messages fail or stay unclear.")
    RATE_STORM = "rate_storm", _("WhatsApp takes hardly any message at the moment.")
    LIMIT_REACHED = "limit_reached", _("WhatsApp’s daily limit is used up.")
    QUIET_HOURS = "quiet_hours", _("These are quiet hours, in which nothing ordinary is sent.")
    RESTORED = "restored", _("The database comes from a backup: what was sent since is unclear.")

    @classmethod
    def of_code(cls, code: int) -> "PauseReason":
        """Return the reason that stands for one of Meta's codes that stop a broadcast."""
        if code in (131048, 131064):
            return cls.SPAM_LIMIT
        return cls.MEDIA if code in (131014, 131053) else cls.TEMPLATE

    @property
    def advice(self) -> str:
        """What is to be done, and by whom: one sentence in the reader's language."""
        return str(_PAUSE_ADVICE[self])

    @property
    def ends_by_itself(self) -> bool:
        """It is over when its cause is, and whoever resumed it before would change nothing."""
        return self in (self.QUIET_HOURS, self.LIMIT_REACHED)

    @property
    def resumes_alone(self) -> bool:
        """The system lets it go on when the cause is gone, whether or not anybody has looked."""
        return self.ends_by_itself or self in (
            self.WEBHOOK_STALE,
            self.RATE_STORM,
            self.TEMPLATE,
        )

    @property
    def right(self) -> str:
        """The right that somebody needs to resume: the desk's, or IT's where IT must look."""
        for_it = self in (self.MISTAKES, self.ERROR_RATE)
        return "campaigns.stop_channel" if for_it else "campaigns.stop_broadcast"


class StopReason(TextChoices):
    """Why nothing at all is sent."""

    KILL_SWITCH = "kill_switch", _("The kill switch is on.")
    TOKEN = "token", _("WhatsApp does not accept our access token.")
    ACCOUNT = "account", _("WhatsApp does not let our account or number send.")
    RESTORE_HOLD = (
        "restore_hold",
        _("The database comes from a backup and does not know what was sent, and who left, since."),
    )
    PAPERS = "papers", _("The papers before the start are not complete yet.")
    INCIDENT = "incident", _("An incident is being dealt with.")
    JOURNAL = "journal", _("The disk with the journal of sends cannot be written.")

    @classmethod
    def of_code(cls, code: int) -> "StopReason":
        """Return the reason that stands for one of Meta's codes that stop everything."""
        return cls.TOKEN if code in TOKEN_CODES else cls.ACCOUNT

    @property
    def advice(self) -> str:
        """What is to be done, and by whom: one sentence in the reader's language."""
        return str(_STOP_ADVICE[self])


RESUMES_ALONE = tuple(reason for reason in PauseReason if reason.resumes_alone)
# Ended by the records that they stand for, not by a click on “release”.
HOLDS = frozenset({StopReason.RESTORE_HOLD, StopReason.PAPERS, StopReason.INCIDENT})

# Meta: the token is missing, malformed, expired or revoked.
TOKEN_CODES = frozenset({0, 102, 104, 190})

_FAILURE_ADVICE: Mapping[FailureReason, Promise] = {
    FailureReason.UNREACHABLE: _(
        "Nothing to do: after three misses in thirty days the subscription rests by itself."
    ),
    FailureReason.OPTED_OUT: _("Nothing to do: the subscription has ended with that."),
    FailureReason.WITHHELD: _(
        "Nothing to do: WhatsApp limits how much news one person gets. The next may arrive again."
    ),
    FailureReason.COUNTRY: _("Nothing to do: nobody can be written to there."),
    FailureReason.WINDOW_CLOSED: _("Nothing to do: whoever taps the button again gets it."),
    FailureReason.MEDIA: _("Please send a copy with another picture or file."),
    FailureReason.TEMPLATE: _("Please look under Templates what WhatsApp says about it."),
    FailureReason.ACCOUNT: _("Please tell IT, who clear it up with Meta."),
    FailureReason.RATE: _("If there are many, please ask IT to lower the rate."),
    FailureReason.REQUEST: _("IT finds the cause in the log of the senders."),
    FailureReason.OTHER: _("If there are many, please tell IT."),
}
_SKIP_ADVICE: Mapping[SkipReason, Promise] = {
    SkipReason.EXPIRED: _("If it is still of use, please send a copy."),
}
_PAUSE_ADVICE: Mapping[PauseReason, Promise] = {
    PauseReason.OPERATOR: _("Whoever may pause broadcasts can resume it here."),
    PauseReason.TEMPLATE: _(
        "It goes on by itself when WhatsApp approves the template again; IT finds the cause under "
        "Templates."
    ),
    PauseReason.SPAM_LIMIT: _("Please wait a few hours; then the desk can resume it here."),
    PauseReason.MEDIA: _(
        "Please try once more by resuming it, or cancel it and send a copy with another file."
    ),
    PauseReason.MISTAKES: _("Please tell IT, who find the cause and can resume it here."),
    PauseReason.WEBHOOK_STALE: _(
        "It goes on by itself when reports come in; after ten minutes please tell IT."
    ),
    PauseReason.ERROR_RATE: _("Please tell IT, who look into it and can resume it here."),
    PauseReason.RATE_STORM: _("It goes on by itself after a rest of two minutes."),
    PauseReason.LIMIT_REACHED: _(
        "It goes on by itself when there is room again; IT can have the limit raised at Meta."
    ),
    PauseReason.QUIET_HOURS: _("It goes on by itself when they are over."),
    PauseReason.RESTORED: _("Please look at the numbers; then the desk can resume it here."),
}
_STOP_ADVICE: Mapping[StopReason, Promise] = {
    StopReason.KILL_SWITCH: _("IT releases sending on the page of the WhatsApp number."),
    StopReason.TOKEN: _(
        "IT renews the token; a minute after WhatsApp accepts it, sending goes on by itself."
    ),
    StopReason.ACCOUNT: _(
        "IT clears it up with Meta, then releases sending on the page of the WhatsApp number."
    ),
    StopReason.RESTORE_HOLD: _(
        "IT reconciles it with “manage.py reconcile”, which then releases sending."
    ),
    StopReason.PAPERS: _(
        "The data-protection officer confirms them under “Before the start”; then sending goes on "
        "by itself."
    ),
    StopReason.INCIDENT: _(
        "The data-protection officer or IT ends it under “Incidents”; then sending goes on by "
        "itself."
    ),
    StopReason.JOURNAL: _(
        "IT makes room on the disk, then releases sending on the page of the WhatsApp number."
    ),
}

R = FailureReason
_BY_CODE: Mapping[int, FailureReason] = {
    130403: R.UNREACHABLE,
    131021: R.UNREACHABLE,
    131026: R.UNREACHABLE,
    131030: R.UNREACHABLE,
    131062: R.UNREACHABLE,
    137000: R.UNREACHABLE,
    131050: R.OPTED_OUT,
    130472: R.WITHHELD,
    131049: R.WITHHELD,
    130497: R.COUNTRY,
    131047: R.WINDOW_CLOSED,
    131014: R.MEDIA,
    131053: R.MEDIA,
    131031: R.ACCOUNT,
    131042: R.ACCOUNT,
    131048: R.RATE,
    131056: R.RATE,
    130429: R.RATE,
    131008: R.REQUEST,
    131009: R.REQUEST,
    100: R.REQUEST,
}
TEMPLATE_CODES = range(132000, 132100)


def of_code(code: int) -> FailureReason:
    """Return the reason that stands for one of Meta's codes."""
    if code in TEMPLATE_CODES:
        return FailureReason.TEMPLATE
    return _BY_CODE.get(code, FailureReason.OTHER)
