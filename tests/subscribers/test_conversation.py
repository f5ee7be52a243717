"""Everything that a person may say, in every state they may be in."""

from datetime import timedelta

import pytest

from subscribers import audience, consent
from subscribers.models import ConsentEvent, Notice, Subscriber, SubscriberState
from subscribers.understanding import Intent
from subscribers.wording import BUTTON_IDS
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.dialogue import answer, heard, purposes
from tests.subscribers.people import (
    BOTH_DATABASES,
    STANDINGS,
    SUBSCRIBED,
    kinds,
    stranger,
    who_is,
)

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

# What somebody says -> what they hear, in the order of STANDINGS; A is the notice and the
# question, Q the question alone.
#              stranger  asked     mini        maxi        paused      unsure     moved  refused
HEARD = """
START          A         A         A           A           resumed     resumed    A      A
JA+MINI        A         confirmed unchanged   changed     unchanged   resumed    A      A
JA+MAXI        A         confirmed changed     unchanged   tier_while_paused changed    A      A
MINI           A         Q         unchanged   changed     unchanged   resumed    A      A
MAXI           A         Q         changed     unchanged   tier_while_paused changed    A      A
MEHR           A         Q         which_tier  which_tier  which_tier  which_tier A      help
JA             A         Q         which_tier  which_tier  which_tier  which_tier A      help
NEIN           refused   refused   help        help        help        help       A      refused
[no]           refused   refused   withdrawn   withdrawn   withdrawn   withdrawn  withdrawn refused
STOP           not       not       withdrawn   withdrawn   withdrawn   withdrawn  withdrawn not
AMELDEN        A         Q         unsure      unsure      unsure      unsure     unsure help
PAUSE          A         Q         paused      paused      paused      paused     A      help
WEITER         A         Q         unchanged   unchanged   resumed     resumed    A      help
LÖSCHEN        erase_question      *
JA+LÖSCHEN     erased    *
[cancel]       erase_cancelled     *
AUSKUNFT       access    *
HILFE          help      *
SPRACHE        which_language      *
ENGLISH        A         A         help        help        help        help       A      help
DEUTSCH        A         A         help        help        help        help       A      help
Guten+Morgen   A         Q         help        help        help        help       A      help
"""
MEANING = {"A": ["notice", "question"], "Q": ["question"], "not": ["not_subscribed"]}
BUTTON_OF = {"[cancel]": "erase:cancel", "[no]": "consent:no"}
TABLE = {}
for line in HEARD.strip().splitlines():
    said, *cells = line.split()
    if cells[1] == "*":
        cells = cells[:1] * 8
    # Who has left is answered like one who refused, but for NEIN; who is being erased, hears that.
    withdrawn = cells[7]
    row = [*cells, withdrawn, "erasing"]
    TABLE[said.replace("+", " ")] = [MEANING.get(cell, [cell]) for cell in row]
ASKED = MEANING["A"]
CASES = [
    (standing, said, heard)
    for said, row in TABLE.items()
    for standing, heard in zip(STANDINGS, row, strict=True)
]


def tell(subscriber, said):
    """Say a word, or tap what stands in brackets."""
    button_id = BUTTON_OF.get(said, "")
    return answer(subscriber, "" if button_id else said, button_id=button_id)


def intent_of(said):
    return heard(said, button_id=BUTTON_OF.get(said, "")).intent


def test_the_table_knows_every_intent():
    assert {intent_of(said) for said in TABLE} == set(Intent)


@pytest.mark.parametrize(("standing", "said", "expected"), CASES)
def test_everybody_gets_the_right_answer(vault, standing, said, expected):
    subscriber = who_is(standing, vault)

    assert purposes(tell(subscriber, said)) == expected


@pytest.mark.parametrize(("standing", "said", "expected"), CASES)
def test_only_a_yes_to_the_question_makes_a_subscriber(vault, standing, said, expected):
    subscriber = who_is(standing, vault)
    was_subscribed = subscriber.tier_id is not None

    tell(subscriber, said)

    subscriber.refresh_from_db()
    has_agreed = standing == "asked" and said in ("JA MINI", "JA MAXI")
    ends = said in ("STOP", "[no]", "JA LÖSCHEN")
    assert (subscriber.tier_id is not None) == (has_agreed or (was_subscribed and not ends))


@pytest.mark.parametrize("standing", STANDINGS)
def test_stop_ends_everything_in_every_state(vault, standing):
    subscriber = who_is(standing, vault)

    answer(subscriber, "STOP")

    subscriber.refresh_from_db()
    ended = SubscriberState.ERASING if standing == "erasing" else SubscriberState.WITHDRAWN
    assert subscriber.state == ended


@pytest.mark.parametrize("standing", SUBSCRIBED)
def test_the_button_of_every_state_is_understood_as_stop(vault, standing):
    subscriber = who_is(standing, vault)

    says = answer(subscriber, button_id="stop")

    assert purposes(says) == ["withdrawn"]


@pytest.mark.parametrize("standing", ["mini", "maxi", "unsure", "moved"])
def test_whoever_may_have_meant_stop_gets_nothing_until_they_answer(vault, standing):
    subscriber = who_is(standing, vault)

    [say] = answer(subscriber, "wie kann ich mich hier abmelden?")

    subscriber.refresh_from_db()
    assert subscriber.state == SubscriberState.HELD
    assert audience.lock_standing([subscriber.pk])[subscriber.pk] == audience.NOTHING
    assert [button_id for button_id, _ in say.buttons] == ["stop", "continue"]


def test_the_button_to_keep_receiving_ends_the_hold(vault):
    subscriber = who_is("unsure", vault)

    says = answer(subscriber, button_id="continue")

    subscriber.refresh_from_db()
    assert purposes(says) == ["resumed"]
    assert (subscriber.state, subscriber.rest, subscriber.until) == ("active", "", None)


def test_a_pause_lasts_four_weeks_and_can_be_ended_by_a_tap(vault):
    subscriber = who_is("mini", vault)

    [say] = answer(subscriber, "Urlaub")

    subscriber.refresh_from_db()
    assert (subscriber.state, subscriber.rest) == ("paused", "own")
    assert subscriber.until == NOW + timedelta(weeks=4)
    assert "21.12.2026" in say.text
    assert say.buttons == (("continue", "Weiter bekommen"),)


@pytest.mark.parametrize("said", ["START", "WEITER"])
def test_a_pause_ends_with_a_word(vault, said):
    subscriber = who_is("paused", vault)

    answer(subscriber, said)

    subscriber.refresh_from_db()
    assert (subscriber.state, subscriber.tier_id) == ("active", "mini")


def test_a_stop_on_its_way_while_somebody_pauses_still_counts(vault):
    subscriber = who_is("mini", vault)
    answer(subscriber, "PAUSE", minutes=1, message=b"1")
    subscriber.refresh_from_db()

    says = answer(subscriber, "STOP", minutes=0, message=b"2")

    assert purposes(says) == ["withdrawn"]


def test_the_choice_of_a_tier_says_what_is_in_it(vault):
    subscriber = who_is("mini", vault)

    [say] = answer(subscriber, "MAXI")

    assert "Gewinnspiele" in say.text


def test_whoever_changed_the_number_is_asked_again_and_inherits_nothing(vault):
    subscriber = who_is("moved", vault)

    answer(subscriber, "WEITER")

    subscriber.refresh_from_db()
    assert (subscriber.state, subscriber.rest) == ("held", "new_number")
    assert audience.lock_standing([subscriber.pk])[subscriber.pk] == audience.NOTHING


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
    consent.notice_sent(subscriber.pk, notice=subscriber.notice, now=NOW)

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


def test_a_tap_is_no_consent_if_the_notice_never_arrived_and_both_are_shown_again(vault):
    subscriber = stranger(vault)
    answer(subscriber, "START")
    subscriber.refresh_from_db()

    says = answer(subscriber, button_id="consent:maxi", message=b"tap")

    subscriber.refresh_from_db()
    assert purposes(says) == ASKED
    assert (subscriber.state, subscriber.tier_id) == (SubscriberState.REQUESTED, None)


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
