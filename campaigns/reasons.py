"""Why a delivery failed or was skipped, why a broadcast or the whole number stands still.

Each is a word in the database and a plain sentence for the desk.
"""

from collections.abc import Mapping

from django.db.models import TextChoices
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


class SkipReason(TextChoices):
    """Why we did not even try."""

    WITHDRAWN = "withdrawn", _("said STOP in the meantime")
    TIER_CHANGED = "tier_changed", _("changed to a tier without this category")
    ERASED = "erased", _("has been erased")
    UNREADABLE = "unreadable", _("our record of the number is damaged; please tell IT")
    EXPIRED = "expired", _("too late to be useful")
    CANCELLED = "cancelled", _("cancelled by the desk")


class PauseReason(TextChoices):
    """Why a broadcast stands still."""

    OPERATOR = "operator", _("Paused by the desk.")
    TEMPLATE = "template", _("WhatsApp no longer accepts the template. See Templates.")
    SPAM_LIMIT = "spam_limit", _("WhatsApp slows us down after complaints. Wait a few hours.")
    MEDIA = "media", _("WhatsApp could not process the picture or file. Use another one.")
    MISTAKES = "mistakes", _("WhatsApp refuses our requests as wrong. Please tell IT.")
    SILENCE = (
        "silence",
        _(
            "WhatsApp no longer reports what arrives, so nobody would notice if it went wrong. "
            "It goes on by itself when reports come in; after ten minutes please tell IT."
        ),
    )
    ERRORS = (
        "errors",
        _(
            "Too many messages fail or stay unclear. "
            "Please tell IT, and resume when the cause is found."
        ),
    )

    @classmethod
    def of_code(cls, code: int) -> "PauseReason":
        """Return the reason that stands for one of Meta's codes that stop a broadcast."""
        if code in (131048, 131064):
            return cls.SPAM_LIMIT
        return cls.MEDIA if code in (131014, 131053) else cls.TEMPLATE


class StopReason(TextChoices):
    """Why nothing at all is sent."""

    KILL_SWITCH = "kill_switch", _("The kill switch is on.")
    ACCOUNT = (
        "account",
        _(
            "WhatsApp refuses our access. "
            "IT checks the token and the account, then releases sending."
        ),
    )


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
