"""Two writings of WhatsApp's formatting, ours and the simulated phone's, show the same."""

from html.parser import HTMLParser

import pytest

from campaigns.formatting import to_html

pytestmark = pytest.mark.browser


class Shape(HTMLParser):
    """What is marked as what, in the order of the page; line breaks and the parts aside."""

    SAME = {"s": "del", "a": "span"}  # the desk shows links, and does not follow them
    ASIDE = {"br", "div"}

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        start = dict(attrs).get("start", "")
        self._note(f"<{self.SAME.get(tag, tag)}{start}>", tag)

    def handle_endtag(self, tag):
        self._note(f"</{self.SAME.get(tag, tag)}>", tag)

    def handle_data(self, data):
        self.found += [word for word in data.split("\n") if word]

    def _note(self, what, tag):
        self.found += [] if tag in self.ASIDE else [what]


def test_the_phone_shows_what_the_preview_of_the_desk_has_shown(open_phone):
    texts = [
        "*fett* und _*beides*_, ~weg~!\n\n- eins\n- *zwei*\n\nEnde",
        "7. sieben\n8. acht\n> gesagt\n> _getan_",
        "`a *b*` und ```c\nd``` e\n- ```f\ng```\n* h",
        "*https://a.example/_b_/*, (www.swe.example). *_*x*_*",
        "3*4*5 - kein Punkt\n -auch nicht\n1234. nein\n>nein ```offen",
    ]

    shown = open_phone().evaluate(
        """async (texts) => {
            const { format } = await import("/phone/static/formatting.js");
            return texts.map((text) => {
                const holder = document.createElement("div");
                holder.append(...format(text));
                return holder.innerHTML;
            });
        }""",
        texts,
    )

    assert [Shape(html).found for html in shown] == [Shape(to_html(text)).found for text in texts]
