"""The way in from a notice board must not say yes for anybody."""

from urllib.parse import parse_qs, urlsplit

import pytest
import segno

from subscribers import poster
from subscribers.understanding import Intent, understand
from tests.guards.source import PRODUCT, text

NUMBER = "+493615640"


def test_the_code_opens_our_chat_with_start_and_nothing_else():
    address = urlsplit(poster.link(NUMBER))

    assert (address.hostname, address.path) == ("wa.me", "/493615640")
    assert parse_qs(address.query) == {"text": ["START"]}


def test_what_is_typed_already_asks_and_consents_to_nothing():
    assert understand(poster.PREFILLED) is Intent.START


def test_no_other_module_builds_such_a_link():
    builders = [str(path) for path, _ in PRODUCT if "wa.me" in text(path)]

    assert builders == ["subscribers/poster.py"]


def test_the_svg_is_the_code_of_that_link():
    drawn = poster.svg(NUMBER).decode()

    version = segno.make(poster.link(NUMBER), error="q", micro=False)
    side = version.symbol_size(scale=10, border=poster.QUIET_ZONE)[0]
    assert f'width="{side}"' in drawn
    assert "<script" not in drawn


@pytest.mark.parametrize("needs_code", [True, False])
def test_the_poster_is_one_page_with_its_font(needs_code):
    made = poster.pdf(NUMBER, name="Werke & Söhne", needs_code=needs_code)

    assert made.startswith(b"%PDF")
    assert b"/Count 1" in made
    assert b"/FontFile2" in made
