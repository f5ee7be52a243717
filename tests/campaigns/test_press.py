"""Press reviews: as many lines as the day has, in a template that has room for exactly them."""

from datetime import timedelta

import pytest

from campaigns import press
from campaigns.headlines import Line
from campaigns.models import Category, Feed, FeedItem, MessageTemplate
from campaigns.states import BroadcastState
from tests.factories import NOW, BroadcastFactory, MessageFactory
from whatsapp.template_drafts import TemplateDraft, placeholders

pytestmark = pytest.mark.django_db(databases="__all__")

EVERY_NUMBER = range(1, press.LINES_MAX + 1)


@pytest.fixture
def category():
    return Category.objects.get(pk="presseschau")


def eight():
    return [Line(text=f"TA: Meldung {n}", link=f"https://a.de/{n}") for n in range(1, 9)]


def issue(category, lines, **broadcast):
    """An issue with these lines."""
    template = press.template_for(category, lines=len(lines))
    values = press.values(template, lines, others={"datum": "23. November"})
    message = MessageFactory(template=template, values=values)
    press.keep(message, lines)
    return BroadcastFactory(message=message, **broadcast)


@pytest.mark.parametrize("lines", EVERY_NUMBER)
def test_there_is_a_template_for_every_number_of_lines(category, lines):
    template = press.template_for(category, lines=lines)

    assert len(press.line_names(template)) == lines
    assert press.other_names(template) == ["datum"]
    assert template.value_names == list(placeholders(template.body))


@pytest.mark.parametrize("lines", EVERY_NUMBER)
def test_meta_would_accept_each_of_them(category, lines):
    template = press.template_for(category, lines=lines)
    examples = {value["name"]: value["example"] for value in template.values}

    draft = TemplateDraft(
        name=template.name,
        language=template.language,
        category=template.purpose,
        body=template.body,
        examples=examples,
        footer=template.footer,
    )

    words = [one for one in template.body.split() if one[0].isalpha() or one[0] == "*"]
    assert draft.to_json()["parameter_format"] == "named"
    assert len(words) > 2 * len(examples)  # enough words around the values, as Meta asks


def test_more_lines_than_any_template_holds_are_refused(category):
    with pytest.raises(press.TooMany):
        press.template_for(category, lines=press.LINES_MAX + 1)


def test_a_second_migrate_adds_no_template_twice(category):
    before = MessageTemplate.objects.count()

    press.add_variants(category)

    assert MessageTemplate.objects.count() == before


def test_what_was_collected_comes_back_with_its_links(category):
    lines = [*eight()[:7], Line(text="MDR: Acht", link="https://b.de/8", has_paywall=True)]

    made = issue(category, lines)

    assert made.message.values["schlagzeile_8"] == "MDR (Abo): Acht"
    assert press.lines_of(made.message) == lines


def test_a_line_that_was_changed_elsewhere_keeps_its_words_and_loses_its_link(category):
    message = issue(category, eight()).message
    message.values["schlagzeile_2"] = "TA: Ganz anders"

    second = press.lines_of(message)[1]

    assert second == Line(text="TA: Ganz anders")


def test_a_template_with_room_to_spare_leaves_its_last_values_empty(category):
    values = press.values(category.template, [Line(text="TA: Eins")], others={})

    assert list(values.values()) == ["", "TA: Eins", "", ""]


def test_the_last_issues_are_those_of_the_last_days(category):
    yesterday = issue(category, eight())
    issue(category, eight(), state=BroadcastState.CANCELLED)
    BroadcastFactory(slug="neues")

    assert press.last_issues(category, now=NOW) == [yesterday]
    assert press.last_issues(category, now=NOW, but=yesterday) == []
    assert press.last_issues(category, now=NOW + timedelta(days=5)) == []


@pytest.fixture
def item():
    feed = Feed.objects.create(name="TA", url="https://feeds.ta.de/erfurt", has_paywall=True)
    return FeedItem.objects.create(
        feed=feed, title="Neue Bahnen", link="https://www.ta.de/1", found_at=NOW, listed_at=NOW
    )


def test_a_pasted_link_finds_its_title_in_what_the_feeds_have_brought(item):
    assert press.read("https://www.ta.de/1") == [
        Line(text="TA: Neue Bahnen", link="https://www.ta.de/1", has_paywall=True)
    ]


def test_a_pasted_title_is_not_overwritten_by_a_feed(item):
    [line] = press.read("Unser Titel https://www.ta.de/1")

    assert line.text == "TA: Unser Titel"


def test_feeds_offer_what_they_brought_since_yesterday(item):
    assert press.offered(now=NOW) == [item]
    assert press.offered(now=NOW + timedelta(days=2)) == []
