"""People in every state that the conversation knows, and what they do."""

from datetime import timedelta
from itertools import count

from subscribers import consent, identities
from subscribers.consent import Act
from subscribers.identities import Address
from subscribers.models import ConsentEvent, Notice, Rest, Subscriber, Tier
from tests.factories import NOW, SubscriberFactory

BOTH_DATABASES = ["default", "keys"]
STANDINGS = "stranger asked mini maxi paused unsure moved refused withdrawn erasing".split()
SUBSCRIBED = ["mini", "maxi", "paused", "unsure", "moved"]

_numbers = count()


def act(*, minutes=0, by=ConsentEvent.Act.WORD, message_hash=None):
    """Something that a person does, `minutes` after NOW."""
    return Act(by=by, at=NOW + timedelta(minutes=minutes), message_hash=message_hash)


def tier(slug):
    return Tier.objects.get(slug=slug)


def stranger(vault):
    """Somebody who has just written for the first time and has been told nothing yet."""
    address = Address(phone=f"+49160{next(_numbers):07d}")
    return identities.find_or_add(address, at=NOW, vault=vault, now=NOW)


def who_is(standing, vault):
    """A person in one of STANDINGS."""
    if standing == "stranger":
        return stranger(vault)
    tier = "maxi" if standing == "maxi" else "mini"
    subscriber = SubscriberFactory(tier=None if standing in ("asked", "refused") else tier)
    earlier = act(minutes=-9)
    until = NOW + timedelta(days=7)
    if standing == "paused":
        consent.pause(subscriber.pk, why=Rest.OWN, until=until, act=earlier, now=NOW)
    if standing in ("unsure", "moved"):
        why = Rest.UNSURE if standing == "unsure" else Rest.NEW_NUMBER
        consent.hold(subscriber.pk, why=why, until=until, act=earlier, now=NOW)
    if standing == "erasing":
        consent.request_erasure(subscriber.pk, act=earlier, now=NOW)
    if standing == "refused":
        consent.refuse(subscriber.pk, act=act(minutes=-9), now=NOW)
    if standing == "withdrawn":
        consent.withdraw(subscriber.pk, act=act(minutes=-9), now=NOW)
    return Subscriber.objects.get(pk=subscriber.pk)


def next_notice(language="de", *, is_material=True):
    """The next version of the notice, in force from now on."""
    last = Notice.objects.current(language)
    return Notice.objects.create(
        language=language,
        version=last.version + 1,
        notice=f"Hinweis {last.version + 1}",
        question=last.question,
        buttons=last.buttons,
        sha256="0" * 64,
        is_material=is_material,
        valid_from=NOW,
    )


def written(**values):
    """An event that was written past `consent`, as an attacker or a test of a constraint would."""
    event = ConsentEvent(happened_at=NOW, recorded_at=NOW, **values)
    event.commit(salt=b"s" * 32)
    event.save(force_insert=True)
    return event


def kinds(subscriber):
    """The kinds of the events in the ledger, in the order in which they were written."""
    return list(
        ConsentEvent.objects.filter(subscriber_id=subscriber.pk)
        .order_by("pk")
        .values_list("kind", flat=True)
    )
