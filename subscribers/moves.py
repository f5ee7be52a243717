"""WhatsApp tells us that somebody has a new number or a new user id.

Consent does not move along: a number may have a new owner by the time we write to it. The old
subscription is held, and whoever answers at the new address is asked from the start. Without
an answer both end by themselves (lifecycle.py, erasure.py).
"""

from datetime import datetime

from subscribers import consent, identities, notices
from subscribers.consent import Act
from subscribers.identities import Address
from subscribers.models import SUBSCRIBED, Notice, Rest, Subscriber
from subscribers.speech import Speaker
from subscribers.vault import Vault
from subscribers.wording import Say


def hold_and_ask(
    old: Address, new: Address, *, act: Act, speaker: Speaker, vault: Vault, now: datetime
) -> tuple[Subscriber, list[Say]] | None:
    """Hold the subscription behind the old address; return whom to ask at the new one, and how.

    None if nobody subscribed from the old address, or if there is nobody to be asked: no new
    address is known, or it has a subscription of its own.
    """
    subscriber = identities.find(old, vault=vault)
    if subscriber is None or subscriber.state not in SUBSCRIBED:
        return None
    until = now + notices.ANSWER_WITHIN
    if not consent.hold(subscriber.pk, why=Rest.NEW_NUMBER, until=until, act=act, now=now):
        return None  # told before
    if new.phone == old.phone or new.user_id == old.user_id:  # half of it stayed the same
        new = Address(
            phone=new.phone if new.phone != old.phone else None,
            user_id=new.user_id if new.user_id != old.user_id else None,
        )
    if not new.parts():
        return None
    newcomer = identities.find_or_add(new, at=act.at, vault=vault, now=now)
    if newcomer == subscriber or newcomer.state in SUBSCRIBED:
        return None
    return newcomer, _ask(newcomer, like=subscriber, act=act, speaker=speaker, now=now)


def _ask(
    newcomer: Subscriber, *, like: Subscriber, act: Act, speaker: Speaker, now: datetime
) -> list[Say]:
    newcomer.language = like.language
    consent.change_language(newcomer.pk, language=like.language)
    notice = Notice.objects.current(like.language)
    # The message has counted: for the hold.
    wrote = Act(by=act.by, at=act.at)
    if not consent.ask(newcomer.pk, notice=notice, act=wrote, now=now):
        return []
    newcomer.notice = notice
    return [
        speaker.say(newcomer, "asked_again"),
        Say(purpose="notice", text=notice.notice),
        speaker.question(newcomer),
    ]
