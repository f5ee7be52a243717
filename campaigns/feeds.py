"""Feeds of papers: fetched by a worker one after the other, kept as plain headlines for a week.

Whatever a feed says is hostile until it has become one line of visible text and a web address
(campaigns/headlines.py). Only the rows of Feed are fetched, never an address found in a feed.
"""

import calendar
import html
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import feedparser
from django.db.models import Q
from django.utils.html import strip_tags

from campaigns import fetching, headlines
from campaigns.models import Feed, FeedItem

EVERY: Final = timedelta(minutes=15)
KEPT_FOR: Final = timedelta(days=7)
ITEMS_MAX: Final = 100  # of one feed; papers list 20 to 50
_TROUBLES: Final = {
    fetching.WrongAddress: Feed.Trouble.ADDRESS,
    fetching.NoAnswer: Feed.Trouble.SILENT,
    fetching.Moved: Feed.Trouble.MOVED,
    fetching.TooLarge: Feed.Trouble.TOO_LARGE,
    fetching.Refused: Feed.Trouble.REFUSED,
}

Get = Callable[[str], bytes]


class NoFeed(Exception):
    """These bytes are neither RSS nor Atom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What is taken from an entry of a feed."""

    title: str
    link: str
    published_at: datetime | None


def fetch_next(*, get: Get, now: datetime) -> None:
    """Fetch the feed that has waited longest, if it is time; forget what is old."""
    forget(now=now)
    due = Feed.objects.filter(
        Q(tried_at__isnull=True) | Q(tried_at__lte=now - EVERY), is_active=True
    )
    feed = due.order_by("tried_at", "pk").first()
    # Taken before it is fetched: another worker takes the next one.
    if feed and Feed.objects.filter(pk=feed.pk, tried_at=feed.tried_at).update(tried_at=now):
        fetch(feed, get=get, now=now)


def fetch(feed: Feed, *, get: Get, now: datetime) -> None:
    """Take over the headlines of a feed; what went wrong is noted at the feed."""
    rows = Feed.objects.filter(pk=feed.pk)
    try:
        found = list(read(get(feed.url)))
    except fetching.NotFetched as trouble:
        rows.update(tried_at=now, trouble=_TROUBLES[type(trouble)])
        return
    except NoFeed:
        rows.update(tried_at=now, trouble=Feed.Trouble.UNREADABLE)
        return
    FeedItem.objects.bulk_create(
        [
            FeedItem(
                feed=feed,
                title=one.title,
                link=one.link,
                published_at=one.published_at,
                found_at=now,
                listed_at=now,
            )
            for one in found
        ],
        update_conflicts=True,
        unique_fields=["feed", "link"],
        update_fields=["title", "listed_at"],  # a paper may correct its title
    )
    rows.update(tried_at=now, fetched_at=now, trouble=Feed.Trouble.NONE)


def forget(*, now: datetime) -> None:
    """Delete what no feed has listed for a week."""
    FeedItem.objects.filter(listed_at__lt=now - KEPT_FOR).delete()


def read(content: bytes) -> Iterator[Headline]:
    """Yield the headlines of a feed, each address once. Raises NoFeed.

    The bytes go in as a file: feedparser would open a text that looks like an address.
    """
    parsed = feedparser.parse(io.BytesIO(content), sanitize_html=True, resolve_relative_uris=False)
    if not parsed.get("version"):
        raise NoFeed
    seen = set()
    for entry in parsed.entries[:ITEMS_MAX]:
        title = headlines.cleaned(html.unescape(strip_tags(str(entry.get("title", "")))))
        link = headlines.cleaned_link(str(entry.get("link", "")))
        if title and link and link not in seen:
            seen.add(link)
            yield Headline(title=title, link=link, published_at=_published(entry))


def _published(entry: Any) -> datetime | None:
    """Return when an entry says that it was published; None for nothing or nonsense."""
    # Not by entry.get(): feedparser warns where it would take one date for the other.
    parts = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    try:
        return datetime.fromtimestamp(calendar.timegm(parts), tz=UTC) if parts else None
    except (ValueError, OverflowError, OSError):
        return None
