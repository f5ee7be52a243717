"""Threads and what is written in them."""

from datetime import timedelta

from subscribers import threads
from subscribers.models import ThreadMessage
from subscribers.threads import Letter
from tests.factories import NOW, SubscriberFactory


def crowd(size=20):
    """So many subscribers that a reply gives nobody away; return one of them."""
    return SubscriberFactory.create_batch(size, tier="mini")[0]


def write(subscriber, text="Wann fährt die 4?", *, vault, after=timedelta(), about=""):
    """Let a letter arrive some time after NOW; return what became of it."""
    letter = Letter(text=text, about=about, at=NOW + after)
    return threads.take_in(subscriber, letter, vault=vault, now=NOW + after)


def newest():
    return ThreadMessage.objects.latest("pk")
