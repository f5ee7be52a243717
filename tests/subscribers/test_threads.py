"""Replies to the desk: what is kept of them, under which name, and until when."""

from datetime import timedelta

import pytest

from subscribers import erasure, retention, threads
from subscribers.models import Subscriber, Thread, ThreadMessage
from subscribers.redaction import CUT
from subscribers.threads import Fate, NotAnswerable, Overtaken
from tests.factories import NOW
from tests.subscribers.letters import crowd, newest, write

pytestmark = pytest.mark.django_db(databases="__all__")
DAY = timedelta(days=1)


@pytest.fixture
def subscriber():
    return crowd()


def test_a_letter_is_stored_without_what_betrays_its_author(subscriber, vault):
    fate = write(subscriber, "Ruft mich an: 0171 2345678. LG Mandy", vault=vault)

    assert fate is Fate.TAKEN
    assert newest().text == f"Ruft mich an: {CUT}. LG {CUT}"
    assert newest().is_shortened


def test_letters_of_one_person_meet_in_one_thread(subscriber, vault):
    write(subscriber, "eins", vault=vault)
    write(subscriber, "zwei", vault=vault, after=29 * DAY)

    assert Thread.objects.get().messages.count() == 2


def test_after_thirty_days_of_silence_there_is_a_new_alias(subscriber, vault):
    write(subscriber, vault=vault)
    write(subscriber, vault=vault, after=31 * DAY)

    assert len(set(Thread.objects.values_list("alias", flat=True))) == 2


def test_an_alias_that_is_taken_is_not_given_twice(subscriber, vault, monkeypatch):
    monkeypatch.setattr(threads.aliases, "candidates", lambda *_, **__: iter(["Eins", "Zwei"]))

    write(subscriber, vault=vault)
    write(Subscriber.objects.exclude(pk=subscriber.pk)[0], vault=vault)

    assert set(Thread.objects.values_list("alias", flat=True)) == {"Eins", "Zwei"}


def test_below_twenty_subscribers_nothing_is_stored(vault):
    assert write(crowd(19), vault=vault) is Fate.TOO_FEW
    assert not ThreadMessage.objects.exists()


def test_a_voice_message_is_refused(subscriber, vault):
    assert write(subscriber, None, vault=vault) is Fate.ONLY_TEXT
    assert not ThreadMessage.objects.exists()


def test_nothing_is_stored_while_replies_are_discarded(subscriber, vault):
    threads.discard_from_now_on(is_discarding=True)

    assert write(subscriber, vault=vault) is Fate.DISCARDED
    assert not ThreadMessage.objects.exists()


def test_replies_are_kept_again_once_the_switch_is_off(subscriber, vault):
    threads.discard_from_now_on(is_discarding=True)
    threads.discard_from_now_on(is_discarding=False)

    assert write(subscriber, vault=vault) is Fate.TAKEN


@pytest.mark.parametrize(
    ("fate", "after", "is_said"),
    [
        (Fate.TAKEN, timedelta(hours=23), False),
        (Fate.TAKEN, timedelta(hours=25), True),
        (Fate.DISCARDED, 60 * DAY, False),
    ],
)
def test_the_same_is_said_again_only_after_a_day_and_that_replies_are_off_once(
    subscriber, fate, after, is_said
):
    assert threads.is_news(subscriber, fate, now=NOW)

    assert threads.is_news(subscriber, fate, now=NOW + after) is is_said


def test_each_change_of_the_switch_is_told_anew(subscriber):
    threads.is_news(subscriber, Fate.DISCARDED, now=NOW)

    threads.discard_from_now_on(is_discarding=True)

    assert threads.is_news(subscriber, Fate.DISCARDED, now=NOW)


def test_an_answer_settles_the_thread(subscriber, vault):
    write(subscriber, vault=vault)
    heard = newest()
    assert threads.waiting(now=NOW) == 1

    threads.answer(heard.thread_id, "Morgen wieder.", seen=heard.pk, now=NOW)

    assert newest().text == "Morgen wieder."
    assert threads.waiting(now=NOW) == 0


def test_whoever_has_not_read_the_newest_letter_answers_nothing(subscriber, vault):
    write(subscriber, "eins", vault=vault)
    heard = newest()
    write(subscriber, "zwei", vault=vault)

    with pytest.raises(Overtaken):
        threads.answer(heard.thread_id, "Ja.", seen=heard.pk, now=NOW)
    with pytest.raises(Overtaken):
        threads.set_aside(heard.thread_id, seen=heard.pk)


def test_a_second_click_answers_nothing(subscriber, vault):
    write(subscriber, vault=vault)
    heard = newest()
    threads.answer(heard.thread_id, "Ja.", seen=heard.pk, now=NOW)

    with pytest.raises(Overtaken):
        threads.answer(heard.thread_id, "Ja.", seen=heard.pk, now=NOW)


def test_after_the_window_there_is_no_answer(subscriber, vault):
    write(subscriber, vault=vault)
    heard = newest()

    with pytest.raises(NotAnswerable):
        threads.answer(heard.thread_id, "Ja.", seen=heard.pk, now=NOW + DAY)


def test_whoever_has_left_gets_no_answer(subscriber, vault):
    write(subscriber, vault=vault)
    heard = newest()
    Subscriber.objects.filter(pk=subscriber.pk).update(state="withdrawn", tier=None)

    with pytest.raises(NotAnswerable):
        threads.answer(heard.thread_id, "Ja.", seen=heard.pk, now=NOW)


def test_setting_aside_settles_the_thread_and_a_new_letter_wakes_it(subscriber, vault):
    write(subscriber, vault=vault)
    threads.set_aside(newest().thread_id, seen=newest().pk)
    assert threads.waiting(now=NOW) == 0

    write(subscriber, vault=vault)

    assert threads.waiting(now=NOW) == 1


def test_a_thread_closes_after_a_fortnight_of_silence(subscriber, vault):
    write(subscriber, vault=vault)

    assert threads.open_ones(now=NOW + 13 * DAY).exists()
    assert not threads.open_ones(now=NOW + 14 * DAY).exists()


@pytest.mark.parametrize(("days", "is_kept"), [(42, True), (44, False)])
def test_a_thread_is_erased_thirty_days_after_it_closed(subscriber, vault, days, is_kept):
    write(subscriber, vault=vault)

    retention.enforce(retention.RULES, now=NOW + days * DAY)

    assert Thread.objects.exists() is is_kept


def test_no_letter_is_older_than_ninety_days_however_long_a_thread_goes_on(subscriber, vault):
    for days in range(0, 91, 13):
        write(subscriber, f"Tag {days}", vault=vault, after=days * DAY)

    retention.enforce(retention.RULES, now=NOW + 91 * DAY)

    assert "Tag 0" not in ThreadMessage.objects.values_list("text", flat=True)
    assert ThreadMessage.objects.filter(text="Tag 13").exists()


def test_whoever_is_erased_takes_their_replies_along(subscriber, vault):
    write(subscriber, vault=vault)

    erasure.erase(subscriber.pk, now=NOW)

    assert not Thread.objects.exists()
