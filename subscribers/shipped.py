"""What every installation has after `migrate`: two tiers, the notice in two languages, WhatsApp.

Missing rows are added, existing ones are left alone: they belong to the installation.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings  # noqa: TID251 - `migrate` is the edge here
from django.utils import timezone

from subscribers import claims, revisions
from subscribers.models import Notice, Processor, TextVersion, Tier
from subscribers.wording import LANGUAGES, shipped_words

TIERS = {"mini": ("Mini", 1), "maxi": ("Maxi", 2)}
FIRST_VERSION = 1
NAMES_REPLIES = {"de": "deine Antworten", "en": "your replies"}  # as the shipped notice does
# No installation works without it. Contract, transfer and review are for the utility to fill in.
WHATSAPP = {
    "name": "WhatsApp Ireland Limited",
    "role": Processor.Role.PROCESSOR,
    "duty": "Zustellung der Nachrichten, Annahme der Antworten (WhatsApp Business Platform)",
    "country": "Irland",
}


def after_migrate(*, using: str, **_signal: Any) -> None:
    """Receive Django's post_migrate."""
    if using == "default":
        add_missing(organisation=settings.ORGANISATION, now=timezone.now())  # noqa: TID251


def add_missing(*, organisation: Mapping[str, str], now: datetime) -> None:
    """Add the shipped tiers and the first version of the notice where they are missing."""
    for slug, (name, level) in TIERS.items():
        Tier.objects.get_or_create(slug=slug, defaults={"name": name, "level": level})
    for language in LANGUAGES:
        if not Notice.objects.filter(language=language).exists():
            publish_notice(language, version=FIRST_VERSION, organisation=organisation, now=now)
        offer_notice_about_replies(language, now=now)
    offer_what_is_true(now=now)
    if not Processor.objects.exists():
        Processor.objects.create(**WHATSAPP)


def offer_notice_about_replies(language: str, *, now: datetime) -> None:
    """Propose the shipped notice where the one in force does not say that replies are kept.

    Somebody who agreed to the older words has not agreed to that: a new purpose (Art. 13(3)
    GDPR), so approving it asks everybody anew. Until then the older words stay in force.
    """
    if NAMES_REPLIES[language] not in Notice.objects.current(language).notice:
        revisions.offer("notice", language=language, is_material=True, now=now)


def offer_what_is_true(*, now: datetime) -> None:
    """Propose the shipped words for every text in force that says what we know to be untrue.

    An installation that has words of its own keeps them until somebody approves others; what
    nobody has touched is better with the release (docs/adr/0025-words-are-versions.md).
    """
    for version in TextVersion.objects.all_in_force():
        if claims.false_claims(version.body):
            revisions.offer(version.name, language=version.language, is_material=False, now=now)


def publish_notice(
    language: str, *, version: int, organisation: Mapping[str, str], now: datetime
) -> Notice:
    """Store the shipped words, filled for this organisation, as a version of the notice."""
    words = shipped_words(language, organisation=organisation, version=version)
    return Notice.objects.create(
        language=language,
        version=version,
        notice=words.notice,
        question=words.question,
        buttons=list(words.buttons),
        sha256=words.sha256(),
        valid_from=now,
    )
