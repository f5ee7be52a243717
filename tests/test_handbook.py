"""The handbook cannot grow stale: its pages, pictures, buttons and addresses must exist."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.urls import resolve
from PIL import Image

from scripts import screenshots
from scripts.album import LIMIT, PICTURES

PROJECT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted((PROJECT / "docs" / "handbook").glob("*.md"))
LINK = re.compile(r"!?\[([^\]]*)\]\(([^)#\s]+)[^)]*\)")
BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
CODE = re.compile(r"`[^`]*`")
ADDRESS = re.compile(r"`(/[\w/-]*)`")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]")

of_each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)


def said_on_screen():
    """Every German text of the desk; what is filled in later is an ellipsis."""
    with (PROJECT / "locale/de/LC_MESSAGES/django.po").open("rb") as file:
        catalog = read_po(file)
    texts = set()
    for message in catalog:
        forms = [message.string] if isinstance(message.string, str) else message.string
        texts |= {PLACEHOLDER.sub("…", form) for form in forms}
    return texts


def linked(chapter):
    """Where the links and pictures of a page lead."""
    return [
        (chapter.parent / target).resolve() for _words, target in LINK.findall(chapter.read_text())
    ]


@of_each_chapter
def test_every_page_and_picture_that_is_linked_exists(chapter):
    assert [str(path) for path in linked(chapter) if not path.is_file()] == []


@of_each_chapter
def test_every_link_and_picture_has_words(chapter):
    assert [target for words, target in LINK.findall(chapter.read_text()) if not words] == []


@of_each_chapter
def test_what_is_bold_stands_on_the_screen_in_these_words(chapter):
    bold = {" ".join(words.split()) for words in BOLD.findall(CODE.sub("", chapter.read_text()))}

    assert sorted(bold - said_on_screen()) == []


@of_each_chapter
def test_every_address_is_one_of_ours(chapter):
    for address in ADDRESS.findall(chapter.read_text()):
        assert resolve(address).func


def test_the_script_makes_exactly_the_pictures_that_are_shown():
    pages = (*CHAPTERS, PROJECT / "README.md")
    shown = {path.stem for page in pages for path in linked(page) if path.parent == PICTURES}

    assert shown == set(screenshots.PICTURES)
    assert shown == {path.stem for path in PICTURES.iterdir()}


def test_every_picture_is_small_and_whole():
    for path in PICTURES.iterdir():
        assert path.stat().st_size < LIMIT
        with Image.open(path) as picture:
            picture.load()
