"""Every page in both languages: all of it in one of them; and no page that nobody looks at."""

import gettext
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings

from tests import addresses, scene

pytestmark = pytest.mark.django_db(databases="__all__")

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]+>")
TELLING = 12  # characters; shorter words occur in both languages
EMPTY = {"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
DJANGOS = ("_add", "_change", "_delete", "_history")  # there for every model, even to refuse
SPOKEN = {"alt", "aria-label", "placeholder", "title"}  # attributes that somebody reads or hears


class Text(HTMLParser):
    """What is to be read or heard on a page, but for what is marked as another language."""

    def __init__(self, html, *, language):
        super().__init__()
        self.parts, self.language = [], language
        self.open = []  # elements: their name, and whether they are read in this language
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        is_read = not self.open or self.open[-1][1]
        if "lang" in attrs:
            is_read = attrs["lang"] == self.language
        if is_read:
            self.parts += [attrs[name] for name in SPOKEN & attrs.keys() if attrs[name]]
        if tag not in EMPTY:
            self.open.append((tag, is_read and tag not in ("script", "style")))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.open and self.open[-1][1]:
            self.parts.append(data)


def shown(html, *, language):
    parts = Text(html, language=language).parts
    return " | ".join(" ".join(part.split()) for part in parts if part.strip())


def catalog():
    """The pairs of a sentence and its translation that differ."""
    path = Path(settings.BASE_DIR) / "locale/de/LC_MESSAGES/django.mo"
    with path.open("rb") as file:
        texts = gettext.GNUTranslations(file)._catalog
    for key, german in texts.items():
        english = (key[0] if isinstance(key, tuple) else key).rpartition("\x04")[2]
        if english and english != german:
            yield english, german


def telling(sentences, *, beside):
    """Return the pieces of sentences that can only come from this language."""
    other = "\n".join(beside)
    pieces = {
        " ".join(piece.split()) for sentence in sentences for piece in PLACEHOLDER.split(sentence)
    }
    return [piece for piece in pieces if len(piece) > TELLING and piece not in other]


@pytest.fixture(scope="module")
def foreign():
    """The pieces that must not stand on a page in German, and those that must not in English."""
    english, german = zip(*catalog(), strict=True)
    return {"de": telling(english, beside=german), "en": telling(german, beside=english)}


@pytest.fixture
def desk(settings):
    clients = addresses.members()
    made = scene.furnish(editor=clients["Redaktion"].user)
    return addresses.pages(made, clients), clients


def test_no_page_is_forgotten(desk):
    (_pages, closed), _clients = desk

    assert [name for name in closed if not name.endswith(DJANGOS)] == []
    assert addresses.names().keys() >= addresses.NO_PAGES


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_page_mixes_its_language_with_the_other(desk, foreign, language):
    (pages, _closed), clients = desk

    for client in clients.values():
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    found = [
        f"{page.path} {piece}"
        for page in pages
        for text in [shown(clients[page.group].get(page.path).text, language=language)]
        for piece in foreign[language]
        if piece in text
    ]

    assert not found, "\n".join(found)
