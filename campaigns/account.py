"""How our account at Meta is set: asked once a day, because nobody tells us when it changes.

Two settings concern what we promise. Messages must rest in the European Union, or nowhere; and
Meta must not count who reads and taps.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from campaigns import alarms
from campaigns.models import AccountCheck, Alarm
from whatsapp.client import CloudClient
from whatsapp.errors import WhatsAppError

ASK_EVERY = timedelta(hours=24)
ASK_AGAIN = timedelta(hours=1)  # where there was no answer
# Meta's words (local storage page, 2026-05; WhatsApp Business Account reference, 2026-09).
IN_COUNTRY, NOWHERE = "IN_COUNTRY_STORAGE_ENABLED", "NO_STORAGE_ENABLED"
EUROPEAN = frozenset({"DE", "EU"})
TAKEN_UP = "ONBOARDED"


def check_if_due(*, client: CloudClient, now: datetime) -> None:
    """Ask Meta, unless it was asked within a day; keep the answer and the alarm."""
    last = newest()
    if last and last.checked_at > now - (ASK_AGAIN if last.trouble else ASK_EVERY):
        return
    check = ask(client=client, now=now)
    if not check.trouble:  # else what we knew counts
        bad = list(problems(check))
        alarms.keep(Alarm.Kind.ACCOUNT_SET, [""] if bad else [], now=now)


def ask(*, client: CloudClient, now: datetime) -> AccountCheck:
    """Ask Meta now; what it answers, and that it did not, is kept."""
    try:
        found = client.account_settings()
    except WhatsAppError as trouble:
        return AccountCheck.objects.create(checked_at=now, trouble=type(trouble).__name__)
    return AccountCheck.objects.create(
        checked_at=now,
        storage=found.storage[:40],
        region=found.region[:10],
        has_insights=found.has_insights,
        marketing=found.marketing[:40],
    )


def newest() -> AccountCheck | None:
    """Return what we were told last, or that we were told nothing."""
    return AccountCheck.objects.order_by("-checked_at").first()


def problems(check: AccountCheck) -> Iterator[str]:
    """Say in the reader's language what is not set as we promise."""
    if check.trouble:
        yield _("WhatsApp did not tell how our account is set.")
        return
    rests = check.storage == IN_COUNTRY and check.region in EUROPEAN
    if not rests and check.storage != NOWHERE:
        yield _("Messages rest at Meta outside the European Union.")
    if check.has_insights:
        yield _("Meta counts who reads our messages and taps on them; this cannot be undone.")
    if check.marketing == TAKEN_UP:
        yield _("The account is admitted to the API for marketing messages, which counts taps.")
