"""Feeds: what papers say becomes plain headlines; what hostile ones say becomes nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from campaigns import feeds, fetching
from campaigns.models import Feed, FeedItem
from tests.factories import NOW

pytestmark = pytest.mark.django_db

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0"><channel><title>Erfurt</title>{items}</channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Erfurt</title>
<entry><title>Neue Bahnen</title><link href="https://a.de/1"/>
<updated>2026-11-23T05:00:00Z</updated></entry></feed>"""


def item(title="Neue Bahnen", link="https://a.de/1", more=""):
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def rss(*items, encoding="utf-8"):
    return RSS.format(items="".join(items), encoding=encoding).encode(encoding)


def titles(content):
    return [one.title for one in feeds.read(content)]


@pytest.fixture
def feed():
    return Feed.objects.create(name="TA", url="https://www.ta.de/rss")


def fetch_next(*answers, now=NOW):
    """Fetch with these answers; an exception is raised. Return what was asked."""
    asked, waiting = [], list(answers)

    def get(url):
        asked.append(url)
        answer = waiting.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    feeds.fetch_next(get=get, now=now)
    return asked


def test_rss_and_atom_are_read_alike():
    published = "<pubDate>Mon, 23 Nov 2026 06:00:00 +0100</pubDate>"

    [from_rss] = feeds.read(rss(item(more=published)))
    [from_atom] = feeds.read(ATOM)

    assert from_rss == from_atom
    assert from_rss.published_at == datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_umlauts_survive(encoding):
    assert titles(rss(item("Straßenbahn über Äcker"), encoding=encoding)) == [
        "Straßenbahn über Äcker"
    ]


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("&lt;script&gt;alert(1)&lt;/script&gt;Neu", "alert(1)Neu"),
        ("<![CDATA[<img src=x onerror=alert(1)>Neu]]>", "Neu"),
        ("Neu\u202eegeil\u200b", "Neuegeil"),
        ("Zwei\n  Zeilen\tund mehr", "Zwei Zeilen und mehr"),
        ("x" * 5000, "x" * 300),
        ("A &amp;amp; B", "A & B"),
    ],
)
def test_a_title_is_one_line_of_visible_text(title, shown):
    assert titles(rss(item(title))) == [shown]


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", "/relative", "", "file:///etc/passwd", "//a.de/x"],
)
def test_an_entry_without_a_web_address_is_left_out(link):
    assert titles(rss(item(link=link), item("Gut", "https://a.de/2"))) == ["Gut"]


def test_an_entity_reads_no_file_and_unfolds_nothing():
    xxe = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    laughs = "".join(f'<!ENTITY l{n} "{10 * f"&l{n - 1};"}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE r [<!ENTITY l0 "ha">{laughs}]>'

    for hostile in (xxe, bomb):
        content = f"{hostile}<rss version='2.0'><channel>{item('Neu &x; &l9;')}</channel></rss>"
        found = titles(content.encode())
        assert all(len(one) <= 300 and "root:" not in one for one in found)


def test_of_a_flood_the_first_hundred_are_read():
    many = (item(f"Meldung {n}", f"https://a.de/{n}") for n in range(500))

    assert len(titles(rss(*many))) == feeds.ITEMS_MAX


@pytest.mark.parametrize(
    "content",
    [b"", b"<html><body>Please sign in</body></html>", b"https://a.de/feed", b"/etc/passwd",
     b"{}", b"\x00\xff\xfe", b"<" * 10_000],
)  # fmt: skip
def test_what_is_no_feed_is_noted_and_nothing_is_opened(content, feed):
    fetch_next(content)

    feed.refresh_from_db()
    assert (feed.trouble, feed.fetched_at) == (Feed.Trouble.UNREADABLE, None)


@pytest.mark.parametrize("published", ["Yesterday", "Mon, 99 Foo 99999 06:00:00", "0000"])
def test_an_absurd_date_is_no_date(published):
    [found] = feeds.read(rss(item(more=f"<pubDate>{published}</pubDate>")))

    assert found.published_at is None


def test_what_a_feed_brings_is_kept_once_with_its_newest_title(feed):
    fetch_next(rss(item("Neue Bahnen"), item("Doppelt")))
    later = NOW + feeds.EVERY

    fetch_next(rss(item("Neue Bahnen fahren")), now=later)

    [kept] = FeedItem.objects.all()
    assert (kept.title, kept.found_at, kept.listed_at) == ("Neue Bahnen fahren", NOW, later)
    feed.refresh_from_db()
    assert (feed.trouble, feed.fetched_at) == ("", later)


def test_a_feed_is_asked_every_quarter_of_an_hour(feed):
    assert fetch_next(rss()) == [feed.url]
    assert fetch_next(now=NOW + feeds.EVERY / 2) == []
    assert fetch_next(rss(), now=NOW + feeds.EVERY) == [feed.url]


def test_the_one_that_waited_longest_is_asked_first(feed):
    other = Feed.objects.create(name="MDR", url="https://www.mdr.de/rss")

    assert fetch_next(rss()) == [feed.url]
    assert fetch_next(rss()) == [other.url]
    assert fetch_next() == []


def test_a_feed_that_is_switched_off_is_not_asked(feed):
    Feed.objects.update(is_active=False)

    assert fetch_next() == []


@pytest.mark.parametrize("trouble", feeds._TROUBLES)
def test_trouble_is_noted_and_what_was_there_stays(feed, trouble):
    fetch_next(rss(item()))

    fetch_next(trouble("why"), now=NOW + feeds.EVERY)

    feed.refresh_from_db()
    assert feed.trouble == feeds._TROUBLES[trouble]
    assert FeedItem.objects.count() == 1


def test_every_kind_of_trouble_has_its_words():
    kinds = set(fetching.NotFetched.__subclasses__())

    assert kinds == set(feeds._TROUBLES)


def test_a_headline_is_forgotten_a_week_after_its_feed_dropped_it(feed):
    fetch_next(rss(item()))

    feeds.forget(now=NOW + timedelta(days=7))
    assert FeedItem.objects.exists()

    feeds.forget(now=NOW + timedelta(days=7, seconds=1))
    assert not FeedItem.objects.exists()


@pytest.mark.parametrize(
    "url", ["http://a.de/rss", "https://me@a.de/rss", "https://a.de:8443/rss", "ftp://a.de/"]
)
def test_an_address_that_no_worker_would_fetch_is_refused(url):
    with pytest.raises(ValidationError):
        Feed(name="TA", url=url).full_clean()
