"""Everything that a person may say, in every state they may be in."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from subscribers import consent
from subscribers.conversation import Conversation, Heard
from subscribers.models import ConsentEvent, Notice, Subscriber, SubscriberState
from subscribers.understanding import Intent
from subscribers.wording import BUTTON_IDS
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.people import BOTH_DATABASES, STANDINGS, kinds, stranger, who_is

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

CONVERSATION = Conversation(
    organisation={"name": "Werke", "dpo": "dpo@example", "authority": "TLfDI", "url": "http://x/"},
    zone=ZoneInfo("Europe/Berlin"),
)
ASKED = ["notice", "question"]

# What somebody says -> what they hear, in the order of STANDINGS:
#             stranger  asked         mini           maxi           refused  withdrawn
TABLE = {
    "START": (ASKED, ASKED, ASKED, ASKED, ASKED, ASKED),
    "JA MINI": (ASKED, ["confirmed"], ["unchanged"], ["changed"], ASKED, ASKED),
    "JA MAXI": (ASKED, ["confirmed"], ["changed"], ["unchanged"], ASKED, ASKED),
    "MINI": (ASKED, ["question"], ["unchanged"], ["changed"], ASKED, ASKED),
    "MAXI": (ASKED, ["question"], ["changed"], ["unchanged"], ASKED, ASKED),
    "NEIN": (["refused"], ["refused"], ["help"], ["help"], ["refused"], ["refused"]),
    "STOP": (
        ["not_subscribed"],
        ["not_subscribed"],
        ["withdrawn"],
        ["withdrawn"],
        ["not_subscribed"],
        ["not_subscribed"],
    ),
    "HILFE": (["help"],) * 6,
    "ENGLISH": (ASKED, ASKED, ["help"], ["help"], ["help"], ["help"]),
    "DEUTSCH": (ASKED, ASKED, ["help"], ["help"], ["help"], ["help"]),
    "Guten Morgen": (ASKED, ["question"], ["help"], ["help"], ["help"], ["help"]),
}
CASES = [
    (standing, said, heard)
    for said, row in TABLE.items()
    for standing, heard in zip(STANDINGS, row, strict=True)
]


def heard(text="", *, button_id="", minutes=0, message=b"m"):
    at = NOW + timedelta(minutes=minutes)
    return Heard(at=at, message_hash=message.ljust(32), text=text, button_id=button_id)


def answer(subscriber, text="", **what):
    return CONVERSATION.answer(subscriber, heard(text, **what), now=NOW)


def purposes(says):
    return [say.purpose for say in says]


def test_the_table_knows_every_intent():
    assert {heard(said).intent for said in TABLE} <= set(Intent)


@pytest.mark.parametrize(("standing", "said", "expected"), CASES)
def test_everybody_gets_the_right_answer(vault, standing, said, expected):
    subscriber = who_is(standing, vault)

    assert purposes(answer(subscriber, said)) == expected


@pytest.mark.parametrize(("standing", "said", "expected"), CASES)
def test_only_a_yes_to_the_question_makes_a_subscriber(vault, standing, said, expected):
    subscriber = who_is(standing, vault)
    was_active = subscriber.state == SubscriberState.ACTIVE

    answer(subscriber, said)

    subscriber.refresh_from_db()
    has_agreed = standing == "asked" and said in ("JA MINI", "JA MAXI")
    stays = was_active and said != "STOP"
    assert (subscriber.state == SubscriberState.ACTIVE) == (has_agreed or stays)


@pytest.mark.parametrize("standing", STANDINGS)
def test_stop_ends_everything_in_every_state(vault, standing):
    subscriber = who_is(standing, vault)

    answer(subscriber, "STOP")

    subscriber.refresh_from_db()
    assert subscriber.state == SubscriberState.WITHDRAWN


def test_a_stranger_is_shown_the_notice_and_asked_with_three_buttons(vault):
    subscriber = stranger(vault)

    notice, question = answer(subscriber, "START")

    current = Notice.objects.current("de")
    assert notice.text == current.notice
    assert question.text == current.question
    assert [button_id for button_id, _ in question.buttons] == list(BUTTON_IDS)
    assert [label for _, label in question.buttons] == current.buttons


@pytest.mark.parametrize(
    ("button_id", "state", "tier"),
    [
        ("consent:mini", SubscriberState.ACTIVE, "mini"),
        ("consent:maxi", SubscriberState.ACTIVE, "maxi"),
        ("consent:no", SubscriberState.REFUSED, None),
    ],
)
def test_a_tap_on_a_button_of_the_question_answers_it(vault, button_id, state, tier):
    subscriber = stranger(vault)
    answer(subscriber, "START")
    subscriber.refresh_from_db()

    answer(subscriber, button_id=button_id, message=b"tap")

    subscriber.refresh_from_db()
    assert (subscriber.state, subscriber.tier_id) == (state, tier)
    assert ConsentEvent.objects.latest("pk").act == ConsentEvent.Act.BUTTON


def test_a_yes_in_words_counts_only_after_the_notice_was_sent(vault):
    subscriber = stranger(vault)
    answer(subscriber, "START")
    subscriber.refresh_from_db()

    too_early = answer(subscriber, "JA MINI", message=b"1")
    consent.notice_sent(subscriber.pk, notice=subscriber.notice, now=NOW)
    in_time = answer(subscriber, "JA MINI", message=b"2")

    assert purposes(too_early) == ["question"]
    assert purposes(in_time) == ["confirmed"]


@pytest.mark.parametrize("standing", ["refused", "withdrawn"])
def test_a_tap_on_an_old_button_asks_again_instead_of_subscribing(vault, standing):
    subscriber = who_is(standing, vault)

    says = answer(subscriber, button_id="consent:maxi")

    subscriber.refresh_from_db()
    assert purposes(says) == ASKED
    assert subscriber.state == SubscriberState.REQUESTED


def test_a_button_that_is_not_ours_changes_nothing(vault):
    subscriber = who_is("mini", vault)

    says = answer(subscriber, button_id="somebody-elses")

    assert purposes(says) == ["help"]


@pytest.mark.parametrize(
    ("standing", "said", "kind"),
    [
        ("asked", "JA MINI", "given"),
        ("mini", "MAXI", "tier_changed"),
        ("mini", "STOP", "withdrawn"),
    ],
)
def test_the_answer_tells_the_receipt_code_and_the_local_time(vault, standing, said, kind):
    subscriber = who_is(standing, vault)

    [say] = answer(subscriber, said)

    event = ConsentEvent.objects.get(subscriber_id=subscriber.pk, kind=kind)
    assert event.receipt_code in say.text
    assert "23.11.2026" in say.text
    assert "10:00" in say.text


def test_the_confirmation_tells_what_the_tier_contains():
    [say] = answer(SubscriberFactory(tier=None), "JA MAXI")

    assert "MAXI" in say.text
    assert "Gewinnspiele" in say.text


def test_whoever_switches_the_language_while_being_asked_is_asked_in_that_language(vault):
    subscriber = stranger(vault)

    notice, _question = answer(subscriber, "ENGLISH")

    subscriber.refresh_from_db()
    assert subscriber.language == "en"
    assert subscriber.notice == Notice.objects.current("en")
    assert notice.text == subscriber.notice.notice


def test_a_subscriber_who_switches_the_language_is_answered_in_it_from_then_on():
    subscriber = SubscriberFactory(tier="mini")
    answer(subscriber, "ENGLISH")

    [say] = answer(Subscriber.objects.get(pk=subscriber.pk), "STOP", message=b"2")

    assert "you will get no more messages" in say.text


def test_a_stop_that_a_newer_yes_has_overtaken_is_not_answered_with_an_untruth():
    subscriber = SubscriberFactory(tier="mini")

    says = answer(subscriber, "STOP", minutes=-2 * 24 * 60)

    assert says == []


def test_an_old_start_that_arrives_after_a_stop_asks_nobody(vault):
    subscriber = who_is("withdrawn", vault)

    says = answer(subscriber, "START", minutes=-60)

    assert says == []


def test_what_somebody_writes_is_stored_nowhere(vault):
    subscriber = stranger(vault)

    answer(subscriber, "Hier ist Kim aus der Kolonne 3")

    event = ConsentEvent.objects.get(subscriber_id=subscriber.pk)
    assert kinds(subscriber) == ["requested"]
    assert "Kim" not in repr(event.__dict__)


def test_what_was_heard_does_not_show_when_it_is_printed():
    assert "Kim" not in repr(heard("Hier ist Kim"))
