"""What Meta's error codes mean for us, and what can go wrong when we ask Meta something.

Meta asks to go by the code alone; HTTP status, titles and subcodes may change (Meta, error
codes page, 2026-09, which is also the source of the table). The exceptions are those of
`whatsapp.client`; sending a message raises none, it returns an outcome (`whatsapp.answers`).

* WhatsAppError
  * NotSent       nothing left this machine: ask again
  * NoAnswer      Meta may or may not have done it: look before you ask again
  * TryLater      Meta is busy or wants us to slow down: ask again later
  * Refused       Meta will never do this: show it to whoever asked
  * StopAccount   token, permission or account is broken: nothing works until a human acts
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, unique
from typing import Final


@unique
class Verdict(Enum):
    """What the caller does next, after a message was not accepted or has failed."""

    RETRY = "retry"  # the same message again, later, a few times
    SLOW_NUMBER = "slow_number"  # our phone number sends too fast
    SLOW_RECIPIENT = "slow_recipient"  # too much for this one person
    SLOW_ACCOUNT = "slow_account"  # the app or the business account asks too often
    REFUSE_RECIPIENT = "refuse_recipient"  # never this message to this person again
    STOP_BROADCAST = "stop_broadcast"  # the next person would get the same answer
    STOP_ACCOUNT = "stop_account"  # every message would get the same answer; alarm
    OUR_MISTAKE = "our_mistake"  # a bug of ours; do not repeat
    NONE = "none"  # has nothing to do with sending a message


@dataclass(frozen=True, slots=True)
class Row:
    """Codes that mean the same.

    With `retries`, the verdict is RETRY that often and `then` afterwards.
    """

    codes: Collection[int]
    verdict: Verdict
    meaning: str
    retries: int = 0
    then: Verdict = Verdict.REFUSE_RECIPIENT


_RETRIES: Final = 5  # with growing pauses, about two minutes of trouble at Meta

_V = Verdict
TABLE: Final = (
    Row((0,), _V.STOP_ACCOUNT, "the app could not be authenticated"),
    Row((1,), _V.RETRY, "invalid request or trouble at Meta", 2, _V.OUR_MISTAKE),
    Row((2,), _V.RETRY, "service down", _RETRIES),
    Row((3,), _V.STOP_ACCOUNT, "the app lacks a capability"),
    Row((4,), _V.SLOW_ACCOUNT, "the app calls too often"),
    Row((10,), _V.STOP_ACCOUNT, "a permission is missing or was withdrawn"),
    Row((33,), _V.STOP_ACCOUNT, "our phone number id is unknown or deleted"),
    Row((100,), _V.OUR_MISTAKE, "wrong or unknown parameter"),
    Row((102, 104, 190), _V.STOP_ACCOUNT, "the access token is invalid or has expired"),
    Row(range(200, 300), _V.STOP_ACCOUNT, "a permission for this call is missing"),
    Row((368,), _V.STOP_ACCOUNT, "blocked for a violation of policy"),
    Row((613,), _V.SLOW_ACCOUNT, "the app exceeds a rate limit of its own"),
    Row((2500,), _V.STOP_ACCOUNT, "unknown path or API version, or no active token"),
    Row((80007,), _V.SLOW_ACCOUNT, "the business account calls too often"),
    Row((130403,), _V.REFUSE_RECIPIENT, "we have blocked this person"),
    Row((130429,), _V.SLOW_NUMBER, "our phone number sends too fast"),
    Row((130472,), _V.REFUSE_RECIPIENT, "the person takes part in an experiment of Meta's"),
    Row((130497,), _V.REFUSE_RECIPIENT, "we may not write to this country"),
    Row((131000,), _V.RETRY, "something went wrong at Meta", 3),
    Row((131005,), _V.STOP_ACCOUNT, "access denied"),
    Row((131008,), _V.OUR_MISTAKE, "a parameter is missing"),
    Row((131009,), _V.OUR_MISTAKE, "a parameter has an invalid value"),  # but see verdict()
    Row((131014,), _V.STOP_BROADCAST, "the file behind a link could not be fetched"),
    Row((131016,), _V.RETRY, "service unavailable", _RETRIES),
    Row((131020, 131041, 131059, *range(131201, 131216)), _V.NONE, "about groups"),
    Row((131021,), _V.REFUSE_RECIPIENT, "recipient and sender are the same"),
    Row((131026,), _V.REFUSE_RECIPIENT, "undeliverable: no WhatsApp, too old, or blocked"),
    # On a test number everybody else is refused; a real number never answers this.
    Row((131030,), _V.STOP_ACCOUNT, "a test number may only write to listed people"),
    Row((131031,), _V.STOP_ACCOUNT, "the business account is locked"),
    Row((131035, 131036), _V.STOP_ACCOUNT, "restricted by the no-storage mode"),
    Row((131037,), _V.STOP_ACCOUNT, "our display name is not approved"),
    Row((131042,), _V.STOP_ACCOUNT, "there is a problem with payment"),
    Row((131044,), _V.NONE, "a problem with payment for calls"),
    Row((131045,), _V.STOP_ACCOUNT, "our phone number is not registered properly"),
    Row((131047,), _V.REFUSE_RECIPIENT, "the 24-hour window is closed; needs a template"),
    Row((131048,), _V.STOP_BROADCAST, "too many people blocked or reported our number"),
    Row((131049,), _V.REFUSE_RECIPIENT, "withheld by Meta for the good of its users"),
    Row((131050,), _V.REFUSE_RECIPIENT, "the person has opted out of marketing"),
    Row((131051,), _V.OUR_MISTAKE, "this type of message is not supported"),
    Row((131052,), _V.NONE, "a file that somebody sent us cannot be downloaded"),
    # Everybody gets the same file: what happened to one will happen to all.
    Row((131053,), _V.RETRY, "a file could not be processed", 1, _V.STOP_BROADCAST),
    Row((131055,), _V.OUR_MISTAKE, "method not allowed"),
    Row((131056,), _V.SLOW_RECIPIENT, "too many messages to this person in a short time"),
    Row((131057,), _V.SLOW_NUMBER, "our phone number is under maintenance for a moment"),
    Row((131062,), _V.REFUSE_RECIPIENT, "this type of message needs a phone number"),
    Row((131063,), _V.STOP_BROADCAST, "marketing templates are switched off for us"),
    Row((131064,), _V.STOP_BROADCAST, "limited because templates were in the wrong category"),
    Row((132000,), _V.STOP_BROADCAST, "the number of values does not fit the template"),
    Row((132001,), _V.STOP_BROADCAST, "the template does not exist in this language"),
    # Whether one person's values or everybody's are wrong the code does not tell. A
    # broadcast that stops too early can go on; refusals of all its people cannot be undone.
    Row((132005,), _V.STOP_BROADCAST, "the text is too long with its values filled in"),
    Row((132007,), _V.STOP_BROADCAST, "the content of the template violates policy"),
    Row((132008,), _V.STOP_BROADCAST, "a value of the template is invalid"),
    Row((132012,), _V.STOP_BROADCAST, "a value has the wrong format for the template"),
    Row((132015,), _V.STOP_BROADCAST, "the template is paused for low quality"),
    Row((132016,), _V.STOP_BROADCAST, "the template is disabled for good"),
    Row((132018,), _V.STOP_BROADCAST, "a value holds line breaks, tabs or too many spaces"),
    Row((132068,), _V.STOP_BROADCAST, "the flow is blocked"),
    Row((132069,), _V.SLOW_ACCOUNT, "the flow is throttled"),
    Row((133000,), _V.STOP_ACCOUNT, "an earlier deregistration is incomplete"),
    Row((133004,), _V.RETRY, "server unavailable for a moment", _RETRIES),
    Row((133005, 133006, 133008, 133009), _V.STOP_ACCOUNT, "verification of our number failed"),
    Row((133010,), _V.STOP_ACCOUNT, "our phone number is not registered"),
    Row((133015,), _V.STOP_ACCOUNT, "our phone number was deleted a moment ago"),
    Row((133016,), _V.STOP_ACCOUNT, "our phone number was registered too often"),
    Row((134011,), _V.NONE, "about payments inside WhatsApp"),
    Row((134100,), _V.OUR_MISTAKE, "the marketing API takes marketing templates only"),
    Row((134101,), _V.SLOW_ACCOUNT, "the template is not yet ready; takes up to ten minutes"),
    Row((134102,), _V.STOP_BROADCAST, "the template is unavailable to the marketing API"),
    Row((135000,), _V.RETRY, "unspecified trouble with the parameters", 1, _V.STOP_BROADCAST),
    Row((136025,), _V.NONE, "a verification code could not be sent"),
    Row((137000,), _V.REFUSE_RECIPIENT, "the person's identity has changed"),
    Row((*range(138000, 138019), *range(139000, 139005)), _V.NONE, "about calls and flows"),
    Row(range(139100, 139104), _V.NONE, "about the block list"),
    Row((139200,), _V.STOP_BROADCAST, "sending without a template is blocked"),
    Row(range(147001, 147006), _V.NONE, "about business usernames"),
    Row(range(200005, 200008), _V.NONE, "about template analytics"),
    Row((2388001, 2388012, 2388091, 2388093, 2388103), _V.NONE, "about moving a number"),
    Row((2388019,), _V.OUR_MISTAKE, "there are too many templates"),
    Row((2388039,), _V.OUR_MISTAKE, "the template may not be changed in its present state"),
    Row((2388040,), _V.OUR_MISTAKE, "a part of the template is too long"),
    Row((2388047,), _V.OUR_MISTAKE, "the header of the template is wrong"),
    Row((2388072,), _V.OUR_MISTAKE, "the body of the template is wrong"),
    Row((2388073,), _V.OUR_MISTAKE, "the footer of the template is wrong"),
    Row((2388293,), _V.OUR_MISTAKE, "the template has too many variables for its text"),
    Row((2388299,), _V.OUR_MISTAKE, "the template begins or ends with a variable"),
    Row((2388318, 2388330), _V.OUR_MISTAKE, "trouble with a template made by Meta"),
    Row((2494100,), _V.NONE, "about moving a number"),
    Row((2593107, 2593108), _V.NONE, "about the history of a shared number"),
)

# Old codes, and those of the on-premises API that ended in 2025: nobody can say any more
# what to do about them, so they count as unknown.
RELICS: Final = frozenset({131001, 131002, 131006, 131043, 131054, 501, *range(1000, 2000)})

_BY_CODE: Final = {code: row for row in TABLE for code in row.codes}


def verdict(
    code: int,
    *,
    http_status: int | None = None,
    transient: bool = False,
    via_webhook: bool = False,
    retried: int = 0,
    details: str = "",
) -> Verdict:
    """What to do about an error code.

    A code of our table speaks for itself. Of an unknown one the way it came decides: by
    webhook it concerns one message; as an answer, the HTTP status and Meta's `is_transient`
    tell. `retried` says how often the same message was tried again already, `details` is
    Meta's explanation where the caller has it.
    """
    row = _BY_CODE.get(code)
    if row is None:
        return _of_unknown(http_status=http_status, transient=transient, via_webhook=via_webhook)
    # A bad phone number shares this code with every other bad parameter.
    if code == 131009 and "recipient" in details.lower():
        return Verdict.REFUSE_RECIPIENT
    if row.verdict is Verdict.RETRY and retried >= row.retries:
        return row.then
    return row.verdict


def meaning(code: int) -> str:
    """A few English words for a log or a report; not the words that Meta uses."""
    row = _BY_CODE.get(code)
    if row is not None:
        return row.meaning
    return "no longer documented" if code in RELICS else "unknown"


def is_known(code: int) -> bool:
    """Whether our table has a verdict of its own for this code."""
    return code in _BY_CODE


def _of_unknown(*, http_status: int | None, transient: bool, via_webhook: bool) -> Verdict:
    if via_webhook:
        return Verdict.REFUSE_RECIPIENT
    if transient or (http_status is not None and http_status >= 500):
        return Verdict.RETRY
    return Verdict.STOP_ACCOUNT if http_status in {401, 403} else Verdict.OUR_MISTAKE


class WhatsAppError(Exception):
    """Anything that keeps Meta from doing what we asked."""


class NotSent(WhatsAppError):
    """Nothing left this machine; `reason` is a slug such as "tls"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoAnswer(WhatsAppError):
    """The question left, the answer is missing or unreadable; `reason` is a slug."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TryLater(WhatsAppError):
    """Meta asks for patience."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{code}: {meaning(code)}")
        self.code = code


class Refused(WhatsAppError):
    """Meta says no.

    `details` are Meta's own words, for the person who asked. They are not part of the
    message of this exception, so they reach no log by accident.
    """

    def __init__(self, code: int, details: str = "") -> None:
        super().__init__(f"{code}: {meaning(code)}")
        self.code = code
        self.details = details


class StopAccount(WhatsAppError):
    """Token, permission or account is broken; every call will end like this."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{code}: {meaning(code)}")
        self.code = code
