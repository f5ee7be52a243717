"""The preview shows a text as WhatsApp would, and can never be made to do anything else."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.formatting import pieces, to_html

# Texts in which marks, links and markup meet more often than by chance.
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(["*", "_", "~", "`", "```", "\n", " ", "https://a.example/x?y=1&z"]),
        st.sampled_from(["<script>", "</span>", '"', "'", "&amp;", "<b onclick=x>", "ä", "{0}"]),
        st.text(max_size=8),
    ),
    max_size=25,
).map("".join)
MARKS = {"strong", "em", "del", "code"}


class Shown(HTMLParser):
    """What a browser makes of it: the tags it meets, and the text that is left."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.words = [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, *attrs))
        self.words += "\n" if tag == "br" else ""

    def handle_data(self, data):
        self.words += data


def without_marks(piece):
    if not piece.mark:
        return piece.text
    return "".join(without_marks(part) for part in piece.pieces)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*fett*", "<strong>fett</strong>"),
        ("_kursiv_", "<em>kursiv</em>"),
        ("~weg~", "<del>weg</del>"),
        ("`Linie 3`", "<code>Linie 3</code>"),
        ("```a\nb```", "<code>a<br>b</code>"),
        ("*fett und _kursiv_*", "<strong>fett und <em>kursiv</em></strong>"),
        ("`*kein fett*`", "<code>*kein fett*</code>"),
        ("eins\nzwei", "eins<br>zwei"),
        ("(*fett*)", "(<strong>fett</strong>)"),
    ],
)
def test_marks_are_shown_as_whatsapp_shows_them(text, html):
    assert to_html(text) == html


@pytest.mark.parametrize(
    "text",
    ["3*4*5", "* keine Liste *", "*eins\nzwei*", "snake_case_name", "* *", "**", "*offen", "`"],
)
def test_what_is_no_mark_stays_as_it_is_written(text):
    assert Shown(to_html(text)).words == text


def test_a_link_is_shown_but_leads_nowhere():
    html = to_html("Mehr: https://intranet.example/a?b=1&c=2.")

    assert html == (
        'Mehr: <span class="bubble-link">https://intranet.example/a?b=1&amp;c=2</span>.'
    )


def test_markup_is_shown_not_obeyed():
    assert to_html("<img src=x onerror=alert(1)>") == "&lt;img src=x onerror=alert(1)&gt;"


def test_no_mark_works_inside_itself_however_often_it_is_nested():
    text = "*_" * 2000 + "x" + "_*" * 2000

    assert Shown(to_html(text)).tags == [("strong",), ("em",)]


@given(text=TEXTS)
def test_the_pieces_together_are_the_text_that_is_sent(text):
    assert "".join(piece.text for piece in pieces(text)) == text


@given(text=TEXTS)
def test_whatever_is_written_only_our_own_tags_come_out(text):
    shown = Shown(to_html(text))

    harmless = {(tag,) for tag in {*MARKS, "br"}} | {("span", ("class", "bubble-link"))}
    assert set(shown.tags) <= harmless


@given(text=TEXTS.filter(lambda text: "\r" not in text and "\0" not in text))
def test_a_reader_sees_every_character_but_the_marks(text):
    assert Shown(to_html(text)).words == "".join(without_marks(piece) for piece in pieces(text))
