"""The preview shows a text as WhatsApp would, and can never be made to do anything else."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from campaigns.formatting import lines, pieces, plain, to_html

# Texts in which marks, links and markup meet more often than by chance.
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(["*", "_", "~", "`", "```", "\n", " ", "https://a.example/x?y=1&z"]),
        st.sampled_from(["\n- ", "\n* ", "\n12. ", "\n> ", "\n\n", "- ", "www.a.example/_b_"]),
        st.sampled_from(["<script>", "</span>", '"', "'", "&amp;", "<b onclick=x>", "ä", "{0}"]),
        st.text(max_size=8),
    ),
    max_size=25,
).map("".join)
MARKS = {"strong", "em", "del", "code", "ul", "li", "blockquote"}


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
        ("- eins\n- *zwei*", "<ul><li>eins</li><li><strong>zwei</strong></li></ul>"),
        ("* eins", "<ul><li>eins</li></ul>"),
        (
            "Plan:\n3. drei\n4. vier\n\nEnde",
            ('Plan:<br><ol start="3"><li>drei</li><li>vier</li></ol><br>Ende'),
        ),
        ("> gesagt\n> getan\nso", "<blockquote>gesagt<br>getan</blockquote>so"),
        ("- ```a\nb```\n- c", "<ul><li><code>a<br>b</code></li><li>c</li></ul>"),
    ],
)
def test_marks_are_shown_as_whatsapp_shows_them(text, html):
    assert to_html(text) == html


@pytest.mark.parametrize(
    "text",
    [
        *("3*4*5", "*eins\nzwei*", "snake_case_name", "**", "*offen", "`", "-", "- ", ">x"),
        *("-eins", "1.eins", "1234. eins", "a - b", " - eins", "https://a.example/_b_/*c*"),
    ],
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


def test_on_paper_a_list_keeps_its_beginnings_and_loses_its_marks():
    assert plain("*Linie 3*\n- ab _Montag_\n> gut") == "Linie 3\n- ab Montag\n> gut"


@given(text=TEXTS)
def test_the_lines_together_are_the_text_that_is_sent_and_the_pieces_their_words(text):
    found = list(lines(text))

    assert "".join(line.text for line in found) == text
    for line in found:
        assert "".join(piece.text for piece in pieces(line.words)) == line.words


@given(text=TEXTS)
def test_whatever_is_written_only_our_own_tags_come_out(text):
    shown = Shown(to_html(text))

    harmless = {(tag,) for tag in {*MARKS, "br"}} | {("span", ("class", "bubble-link"))}
    numbered = {tag for tag in shown.tags if tag[0] == "ol"}
    assert set(shown.tags) - numbered <= harmless
    assert all(re.fullmatch("[0-9]{1,3}", start) for _ol, (_start, start) in numbered)


@given(text=TEXTS.filter(lambda text: "\r" not in text and "\0" not in text))
def test_a_reader_sees_every_character_but_the_marks(text):
    words = [without_marks(piece) for line in lines(text) for piece in pieces(line.words)]

    assert Shown(to_html(text)).words.replace("\n", "") == "".join(words).replace("\n", "")


@given(text=TEXTS.filter(lambda text: "\r" not in text and "\0" not in text))
def test_without_lists_and_quotes_every_line_break_is_shown_too(text):
    assume(all(not line.beginning for line in lines(text)))

    shown = "".join(
        "".join(map(without_marks, pieces(line.words))) + line.end for line in lines(text)
    )
    assert Shown(to_html(text)).words == shown
