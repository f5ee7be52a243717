"""What time does to a subscription when nobody says anything.

* A pause of one's own ends by itself, with a word.
* Once a year we ask whether somebody is still with the company: nobody else can tell us that
  they have left. Thirty days of silence pause, thirty more end the subscription.
* Three broadcasts in a row that did not arrive, over thirty days: the number may have a new
  owner, or has blocked us, which WhatsApp tells nobody. A pause, and after sixty days the end.
* A hold for a doubtful STOP is lifted after a day; one that takes a new consent ends.

`sweep` does what is due and returns whom to write to; sending is somebody else's matter.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from django.db.models import QuerySet

from subscribers import consent, notices
from subscribers.models import (
    Notice,
    Rest,
    Subscriber,
    SubscriberState,
    Unreached,
)
from subscribers.wording import LANGUAGES

S = SubscriberState
PAUSE = timedelta(weeks=4)
UNSURE = timedelta(hours=24)
YEAR = timedelta(days=365)
ANSWER_WITHIN = timedelta(days=30)  # the yearly question; and, paused, once more
FAILURES = 3  # broadcasts in a row
FAILING_FOR = timedelta(days=30)
FAILED_PAUSE = timedelta(days=60)
AT_MOST = 500  # people a sweep, so that it never holds anybody up


class News(Enum):
    """What somebody is to be told; named like the template that tells it."""

    PAUSE_OVER = "abo_pause_vorbei"
    STILL_WITH_US = "abo_noch_dabei"
    PAUSED_FOR_SILENCE = "abo_pausiert"
    NEW_NOTICE = "abo_neuer_hinweis"


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to be said to somebody outside any conversation."""

    subscriber_id: UUID
    language: str
    news: News
    tier: str  # as it is written
    until: datetime | None  # when something follows if they do not answer


def sweep(*, askable: Collection[str] = LANGUAGES, now: datetime) -> list[Letter]:
    """Do what is due for people who rest or are silent; return whom to write to.

    Nobody is asked the yearly question in a language in which it cannot be sent (`askable`):
    silence would count as an answer. Doing it twice does no harm, `consent` guards each step.
    """
    # First of all who has to agree anew: the end of their pause would be news for a moment only.
    steps = (_ask_anew, _end_rests, _pause_the_silent, _pause_the_unreachable)
    letters = [letter for step in steps for letter in step(now=now)]
    return [*letters, *_ask_once_a_year(askable, now=now)]


def count(*, reached: Iterable[UUID], missed: Iterable[UUID], at: datetime) -> None:
    """Note whom a broadcast reached and whom it did not. The counter is shown to nobody."""
    Unreached.objects.filter(subscriber__in=list(reached)).delete()
    ids = list(missed)
    known = set(
        Unreached.objects.filter(subscriber__in=ids).values_list("subscriber_id", flat=True)
    )
    for row in Unreached.objects.filter(subscriber__in=known).select_for_update():
        row.failures += 1
        row.save(update_fields=["failures"])
    Unreached.objects.bulk_create(
        Unreached(subscriber_id=pk, failures=1, since=at) for pk in ids if pk not in known
    )


def to_erase() -> list[UUID]:
    """Return who asked to be erased, the first ones first."""
    rows = Subscriber.objects.filter(state=S.ERASING).order_by("state_since")
    return list(rows.values_list("pk", flat=True)[:AT_MOST])


def _end_rests(*, now: datetime) -> Iterator[Letter]:
    over = Subscriber.objects.filter(until__lte=now).select_related("tier").order_by("until")
    for subscriber in over[:AT_MOST]:
        act = _act(subscriber, now=now)
        if subscriber.rest in (Rest.OWN, Rest.UNSURE):
            is_news = consent.resume(subscriber.pk, act=act, now=now)
            if is_news and subscriber.rest == Rest.OWN:
                yield _letter(subscriber, News.PAUSE_OVER)
        else:
            consent.withdraw(subscriber.pk, act=act, now=now)


def _pause_the_silent(*, now: datetime) -> Iterator[Letter]:
    silent = _active().filter(reminded_at__lt=now - ANSWER_WITHIN).order_by("reminded_at")
    yield from _rest(silent, Rest.SILENCE, ANSWER_WITHIN, News.PAUSED_FOR_SILENCE, now=now)


def _pause_the_unreachable(*, now: datetime) -> Iterator[Letter]:
    lost = Unreached.objects.filter(failures__gte=FAILURES, since__lt=now - FAILING_FOR)
    people = _active().filter(pk__in=lost.values("subscriber"))
    yield from _rest(people, Rest.FAILURES, FAILED_PAUSE, None, now=now)


def _ask_anew(*, now: datetime) -> Iterator[Letter]:
    """Hold everybody who agreed under a notice that has since changed materially.

    It may take some sweeps; meanwhile `audience` leaves them out.
    """
    resting_or_not = Subscriber.objects.filter(state__in=(S.ACTIVE, S.PAUSED))
    people = resting_or_not.filter(notice__in=Notice.objects.outdated()).select_related("tier")
    for subscriber in people[:AT_MOST]:
        act = _act(subscriber, now=now)
        until = now + notices.ANSWER_WITHIN
        if consent.hold(subscriber.pk, why=Rest.NEW_NOTICE, until=until, act=act, now=now):
            yield _letter(subscriber, News.NEW_NOTICE, until=until)


def _ask_once_a_year(languages: Collection[str], *, now: datetime) -> Iterator[Letter]:
    due = _active().filter(
        confirmed_at__lt=now - YEAR, reminded_at__isnull=True, language__in=languages
    )
    for subscriber in due.order_by("confirmed_at")[:AT_MOST]:
        if consent.remind(subscriber.pk, act=_act(subscriber, now=now), now=now):
            yield _letter(subscriber, News.STILL_WITH_US, until=now + ANSWER_WITHIN)


def _rest(
    people: QuerySet[Subscriber], why: Rest, length: timedelta, news: News | None, *, now: datetime
) -> Iterator[Letter]:
    for subscriber in people[:AT_MOST]:
        act = _act(subscriber, now=now)
        is_news = consent.pause(subscriber.pk, why=why, until=now + length, act=act, now=now)
        if is_news and news:
            yield _letter(subscriber, news, until=now + length)


def _active() -> QuerySet[Subscriber]:
    return Subscriber.objects.filter(state=S.ACTIVE).select_related("tier")


def _act(subscriber: Subscriber, *, now: datetime) -> consent.Act:
    """The act of nobody, never older than the decision in force (Meta's clock may be ahead)."""
    return consent.by_system(at=max(now, subscriber.decided_at))


def _letter(subscriber: Subscriber, news: News, *, until: datetime | None = None) -> Letter:
    assert subscriber.tier is not None  # they are subscribed
    return Letter(
        subscriber.pk, subscriber.language, news, tier=subscriber.tier.name.upper(), until=until
    )
