"""Lines of a press review: read from what editors have in their clipboard, and from strangers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import headlines
from campaigns.headlines import Line, Repeat

SOURCES = {"thueringer-allgemeine.de": "TA", "mdr.de": "MDR"}
TRAMS = "Neue Straßenbahnen fahren ab Montag auf der Linie 3"


def read(pasted):
    return headlines.read(pasted, sources=SOURCES)


def repeats(*titles, before=()):
    lines = [Line(text=title) for title in titles]
    return headlines.repeats(lines, before=[Line(text=title) for title in before])


@pytest.mark.parametrize(
    ("pasted", "text", "link"),
    [
        ("TA: Neue Bahnen", "TA: Neue Bahnen", ""),
        ("1. TA: Neue Bahnen", "TA: Neue Bahnen", ""),
        ("• TA: Neue Bahnen – https://a.de/x.html", "TA: Neue Bahnen", "https://a.de/x.html"),
        ("https://a.de/x TA: Neue Bahnen", "TA: Neue Bahnen", "https://a.de/x"),
        ("[Neue Bahnen](https://www.mdr.de/x)", "MDR: Neue Bahnen", "https://www.mdr.de/x"),
        ("TA\tNeue Bahnen\thttps://a.de/x", "TA: Neue Bahnen", "https://a.de/x"),
        ("Neue Bahnen (https://www.mdr.de/x).", "MDR: Neue Bahnen", "https://www.mdr.de/x"),
        ("https://www.mdr.de/x", "MDR:", "https://www.mdr.de/x"),
        ("https://unbekannt.de/x", "", "https://unbekannt.de/x"),
    ],
)
def test_a_line_is_read_however_it_was_written(pasted, text, link):
    [line] = read(pasted)

    assert (line.text, line.link) == (text, link)


def test_a_title_and_its_link_may_stand_in_two_lines():
    lines = read("TA: Eins\nhttps://a.de/1\n\nMDR: Zwei\nhttps://b.de/2\n")

    assert [(line.text, line.link) for line in lines] == [
        ("TA: Eins", "https://a.de/1"),
        ("MDR: Zwei", "https://b.de/2"),
    ]


@pytest.mark.parametrize("mark", ["(Abo)", "(+)", "[Abo]", "🔒", "€"])
def test_the_mark_of_a_paywall_is_understood_and_written_our_way(mark):
    [line] = read(f"TA: Neue Bahnen {mark}")

    assert (line.text, line.sent) == ("TA: Neue Bahnen", "TA (Abo): Neue Bahnen")


def test_what_was_sent_reads_as_what_was_written():
    line = Line(text="TA: Neue Bahnen", has_paywall=True)

    assert headlines.parse(line.sent) == line


def test_a_line_without_a_source_carries_its_mark_at_the_end():
    assert Line(text="Neue Bahnen", has_paywall=True).sent == "Neue Bahnen (Abo)"


def test_a_line_that_waits_for_its_title_says_so():
    [line] = read("https://www.mdr.de/x")

    assert line.has_no_title
    assert line.title == ""


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,<script>",
        "https://",
        "https://a.de/" + 600 * "x",
        'https://a.de/"onmouseover=alert(1)',
        "https://a.de/<script>",
        "https://[::1",
        "file:///etc/passwd",
        "//a.de/x",
        "https://a.de/ x",
    ],
)
def test_only_a_web_address_is_an_address(link):
    assert headlines.cleaned_link(link) == ""


def test_nothing_invisible_stays_in_a_line():
    hostile = "TA:\u202e nehaB \u200beue\x00\x1b[31m\tneu\u2028Zeile\ud800 \U000e0041"

    assert headlines.cleaned(hostile) == "TA: nehaB eue[31m neu Zeile"


def test_emoji_stay_whole():
    assert headlines.cleaned("TA: 👩\u200d🔧 gesucht") == "TA: 👩\u200d🔧 gesucht"


@given(st.text(max_size=400))
def test_whatever_is_pasted_each_line_is_one_line_of_visible_characters(pasted):
    lines = read(pasted)

    assert all(line.text == headlines.cleaned(line.text) for line in lines)
    assert all(line.link == "" or line.link.lower().startswith("http") for line in lines)


@pytest.mark.parametrize(
    "other",
    [
        "Ab Montag fahren neue Straßenbahnen auf der Linie 3",
        "Neue Straßenbahnen ab Montag auf Linie 3",
        f"MDR: {TRAMS.upper()}!",
    ],
)
def test_nearly_the_same_title_is_noticed(other):
    assert repeats(f"TA: {TRAMS}", other) == [None, Repeat.HERE]


@pytest.mark.parametrize(
    "other",
    ["Sperrung der Linie 6 am Wochenende", "Stadtwerke senken den Gaspreis", "", "MDR:"],
)
def test_other_news_are_not_called_the_same(other):
    assert repeats("Sperrung der Linie 3 am Wochenende", other) == [None, None]


def test_what_stood_in_the_last_issue_is_noticed():
    assert repeats(f"TA: {TRAMS}", before=[TRAMS]) == [Repeat.BEFORE]


def test_the_same_article_is_known_by_its_address():
    lines = [
        Line(text="TA: Eins", link="https://www.a.de/x/?utm_source=mail#top"),
        Line(text="TA: Ganz anders", link="https://a.de/x"),
        Line(text="TA: Noch etwas", link="https://a.de/x?id=2"),
    ]

    assert headlines.repeats(lines, before=[]) == [None, Repeat.HERE, None]


def test_the_list_for_the_intranet_has_the_links():
    lines = [Line(text="TA: Eins", link="https://a.de/1", has_paywall=True), Line(text="MDR: Zwei")]

    assert headlines.listed(lines) == "TA (Abo): Eins\nhttps://a.de/1\n\nMDR: Zwei"
