"""The join code: whoever wants to join shows that they can read the intranet or the notice board.

It is one code for everybody, so that it says nothing about anybody. Off by default.
"""

import secrets
from datetime import datetime, timedelta

from subscribers.consent import RECEIPT_ALPHABET
from subscribers.models import JoinCode
from subscribers.understanding import normalised

LENGTH = 6  # characters of 29: 6e8 codes, and five tries an hour
VALID_FOR = timedelta(days=30)
GRACE = timedelta(days=7)  # the code before still counts: posters are slow


def current(*, now: datetime) -> JoinCode:
    """Return the code, made at the first call."""
    code, _new = JoinCode.objects.get_or_create(
        pk=JoinCode.ONLY, defaults={"code": _draw(), "rotated_at": now}
    )
    return code


def is_required() -> bool:
    """Tell whether strangers are asked for the code."""
    return JoinCode.objects.filter(is_required=True).exists()


def require(*, is_required: bool, now: datetime) -> JoinCode:
    """Ask strangers for the code from now on, or no longer."""
    code = current(now=now)
    code.is_required = is_required
    code.save(update_fields=["is_required"])
    return code


def accepts(text: str, *, now: datetime) -> bool:
    """Tell whether this is the code, or the one before while that still counts."""
    typed = _plain(text).encode()
    code = current(now=now)
    valid = [code.code]
    if code.previous and now < code.rotated_at + GRACE:
        valid.append(code.previous)
    return any(secrets.compare_digest(typed, _plain(it).encode()) for it in valid)


def rotate(*, now: datetime) -> JoinCode:
    """Draw a new code; the old one counts for another week."""
    code = current(now=now)
    code.previous, code.code, code.rotated_at = code.code, _draw(), now
    code.save(update_fields=["previous", "code", "rotated_at"])
    return code


def rotate_if_due(*, now: datetime) -> None:
    """Draw a new code once a month while it is asked for."""
    if JoinCode.objects.filter(is_required=True, rotated_at__lt=now - VALID_FOR).exists():
        rotate(now=now)


def _draw() -> str:
    return "".join(secrets.choice(RECEIPT_ALPHABET) for _ in range(LENGTH))


def _plain(text: str) -> str:
    return normalised(text).replace(" ", "")
