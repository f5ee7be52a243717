"""From the form to what WhatsApp gets, and from Meta's refusals to sentences for editors."""

import pytest
from django.utils import translation

from campaigns import composing
from campaigns.models import Category, MessageTemplate
from subscribers.identities import Address
from tests.factories import MessageFactory
from whatsapp import payloads
from whatsapp.limits import BODY_MAX, InvalidPayload

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("english")]


@pytest.fixture
def template():
    return MessageTemplate(
        name="kurz",
        language="de",
        body="Am {{datum}}: {{text}}.",
        values=[
            {"name": "datum", "label_de": "Datum", "label_en": "Date", "example": "1."},
            {"name": "text", "label_de": "Text", "label_en": "Words", "example": "x"},
        ],
    )


def test_a_message_becomes_a_template_send_with_its_values():
    message = MessageFactory(slug="unternehmen")

    content = composing.content(message, media_id="")

    assert content.name == "unternehmen"
    assert content.values == message.values
    assert content.header is None


@pytest.mark.parametrize(
    ("slug", "header"), [("bilder", payloads.Image), ("videobotschaft", payloads.Video)]
)
def test_a_header_is_sent_in_the_form_that_its_template_wants(slug, header):
    message = MessageFactory(slug=slug)

    content = composing.content(message, media_id="4711")

    assert content.header == header(media_id="4711")


def test_what_meta_would_refuse_is_not_even_composed():
    message = MessageFactory(values={"datum": "zwei\nZeilen"})

    with pytest.raises(InvalidPayload, match="datum"):
        composing.content(message, media_id="")


@pytest.mark.parametrize(
    ("address", "recipient"),
    [
        (Address(phone="+4915155500001"), payloads.Recipient(phone="+4915155500001")),
        (Address(user_id="DE.1349"), payloads.Recipient(user_id="DE.1349")),
        (
            Address(phone="+4915155500001", user_id="DE.1349"),
            payloads.Recipient(phone="+4915155500001"),
        ),
    ],
)
def test_the_number_is_used_while_there_is_one(address, recipient):
    assert composing.recipient(address) == recipient


@pytest.mark.parametrize(
    "nonsense", [Address(), Address(phone="no number"), Address(user_id="no id")], ids=str
)
def test_nothing_can_be_sent_to_what_is_no_address(nonsense):
    assert not composing.is_reachable(nonsense)


def test_the_preview_shows_the_label_of_what_is_not_written_yet(template):
    assert composing.preview(template, {"datum": " 3. Mai "}) == "Am 3. Mai: ‹Words›."


def test_the_preview_speaks_the_language_of_the_desk(template):
    with translation.override("de"):
        assert composing.labels(template) == {"datum": "Datum", "text": "Text"}


def test_a_value_without_a_label_is_called_by_its_name(template):
    del template.values[0]["label_en"]

    assert composing.labels(template)["datum"] == "datum"


def test_braces_in_a_value_are_only_text(template):
    shown = composing.preview(template, {"datum": "{{text}}", "text": "x"})

    assert shown == "Am {{text}}: x."


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "fill this in"),
        ("eins\nzwei", "no line break"),
        ("eins\tzwei", "no tab"),
        ("eins     zwei", "four spaces"),
        ("\ud800", "invisible character"),
        ("x" * (BODY_MAX + 1), "Too long"),
    ],
)
def test_a_refusal_is_a_sentence_at_its_field(template, value, words):
    problems = composing.value_problems(template, {"datum": "1.", "text": value})

    assert list(problems) == ["text"]
    assert words in problems["text"]


def test_values_that_meta_accepts_have_no_problem(template):
    assert composing.value_problems(template, {"datum": "1.", "text": "gut"}) == {}


def test_a_rule_that_we_have_no_words_for_is_still_a_sentence():
    words = composing.sentence(InvalidPayload("text", "rule_of_tomorrow"))

    assert words == "WhatsApp would not accept this."


def test_the_room_left_counts_the_whole_text_and_may_be_negative(template):
    frame = len("Am : .")

    assert composing.room_left(template, {}) == BODY_MAX - frame
    assert composing.room_left(template, {"text": "x" * BODY_MAX}) == -frame


def test_every_shipped_message_fits_with_its_examples():
    slugs = list(Category.objects.values_list("slug", flat=True))

    contents = [composing.content(MessageFactory(slug=slug), media_id="1") for slug in slugs]

    assert [content.name for content in contents] == slugs
