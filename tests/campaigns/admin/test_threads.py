"""The replies on the desk: an alias, coarse times, one answer, and nothing about anybody."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from campaigns.admin import coarse
from campaigns.models import Reply
from subscribers import access, threads
from subscribers.models import AccessEvent, Thread, ThreadMessage
from subscribers.threads import Letter
from tests.subscribers.letters import crowd, newest

pytestmark = pytest.mark.django_db(databases="__all__")
INBOX = "/admin/subscribers/thread/"
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 10, 17, tzinfo=BERLIN)


def write(subscriber, text, *, vault, ago=timedelta(), about=""):
    at = timezone.now() - ago
    threads.take_in(subscriber, Letter(text=text, about=about, at=at), vault=vault, now=at)
    return newest()


@pytest.fixture
def letter(vault):
    return write(crowd(), "Ruft 0171 2345678 an", vault=vault, about="Neue Bahnen")


def answer(client, letter, **typed):
    url = reverse("admin:subscribers_thread_answer", args=[letter.thread_id])
    return client.post(url, {"seen": letter.pk, **typed}, follow=True).content.decode()


def read(client, letter):
    url = reverse("admin:subscribers_thread_change", args=[letter.thread_id])
    return client.get(url).content.decode()


def test_the_list_shows_aliases_and_what_they_are_about(sign_in, letter):
    page = sign_in("Redaktion").get(INBOX).content.decode()

    assert letter.thread.alias in page
    assert "Neue Bahnen" in page
    assert "Not a reporting channel" in page


def test_a_thread_shows_no_tier_no_person_and_no_exact_time(sign_in, letter):
    page = read(sign_in("Redaktion"), letter)

    main = page[page.index('class="thread"') : page.index("</ol>")]
    assert "shortened: names or numbers" in main
    assert "0171" not in page
    assert str(letter.thread.subscriber_id) not in page
    assert "Mini" not in main
    assert timezone.localtime(letter.at).strftime("%H:%M") not in main


def test_whoever_opens_a_thread_is_noted(sign_in, letter):
    read(sign_in("Redaktion"), letter)

    assert AccessEvent.objects.filter(what="thread").count() == 1


def test_whoever_reads_the_list_is_noted_and_those_in_it_are_told(sign_in, letter):
    sign_in("Redaktion").get(INBOX)

    [look] = AccessEvent.objects.filter(what="threads")
    assert look.role == "Redaktion"
    copy = access.copy_of(letter.thread.subscriber_id, now=timezone.now())
    today = timezone.localdate().isoformat()
    assert copy["accesses"] == [{"on": today, "group": "Redaktion", "what": "threads"}]


def test_a_look_at_the_list_is_told_once_a_day_and_to_nobody_else(sign_in, letter):
    other = threads.Subscriber.objects.exclude(pk=letter.thread.subscriber_id).first()
    client = sign_in("Redaktion")
    for _ in range(3):
        client.get(INBOX)

    own = access.copy_of(letter.thread.subscriber_id, now=timezone.now())

    assert len(own["accesses"]) == 1
    assert access.copy_of(other.pk, now=timezone.now())["accesses"] == []


def test_a_look_at_the_list_after_a_thread_closed_is_not_told(sign_in, vault):
    letter = write(crowd(), "Hallo", vault=vault, ago=timedelta(days=20))
    other = threads.Subscriber.objects.exclude(pk=letter.thread.subscriber_id).first()
    write(other, "Moin", vault=vault)

    sign_in("Redaktion").get(INBOX)

    closed = threads.Thread.objects.get(pk=letter.thread_id).subscriber_id
    assert access.copy_of(closed, now=timezone.now())["accesses"] == []
    assert len(access.copy_of(other.pk, now=timezone.now())["accesses"]) == 1


def test_an_empty_list_is_not_noted(sign_in):
    crowd()

    sign_in("Redaktion").get(INBOX)

    assert not AccessEvent.objects.exists()


def test_an_answer_leaves_once_however_often_it_is_clicked(sign_in, letter):
    client = sign_in("Redaktion")

    answer(client, letter, text="Machen wir!")
    again = answer(client, letter, text="Machen wir!")

    assert "Something new" in again
    assert ">Machen wir!</textarea>" in again
    assert list(Reply.objects.values_list("text", flat=True)) == ["Machen wir!"]


def test_the_hand_over_text_is_one_click(sign_in, letter):
    answer(sign_in("Redaktion"), letter, ready="answer_report")

    assert "interne Meldestelle" in Reply.objects.get().text


def test_a_thread_can_be_set_aside(sign_in, letter):
    answer(sign_in("Redaktion"), letter, aside="1")

    assert not Thread.objects.get().is_waiting
    assert not Reply.objects.exists()


@pytest.mark.parametrize("typed", [{"text": "  "}, {"text": "x" * 1001}, {"ready": "letters_off"}])
def test_nothing_is_sent_that_is_empty_too_long_or_no_answer(sign_in, letter, typed):
    page = answer(sign_in("Redaktion"), letter, **typed)

    assert not Reply.objects.exists()
    assert f">{typed.get('text', '')}</textarea>" in page


def test_after_a_day_the_page_offers_no_answer(sign_in, vault):
    letter = write(crowd(), "Hallo", vault=vault, ago=timedelta(hours=30))
    client = sign_in("Redaktion")

    assert "<textarea" not in read(client, letter)
    refused = answer(client, letter, text="Ja")

    assert "cannot be answered" in refused
    assert "readonly>Ja</textarea>" in refused


def test_an_answer_that_did_not_arrive_is_marked(sign_in, letter):
    client = sign_in("Redaktion")
    answer(client, letter, text="Ja")
    Reply.objects.update(state="failed")

    assert "did not arrive" in read(client, letter)


def test_below_twenty_subscribers_no_thread_can_be_opened(sign_in, letter):
    threads.Subscriber.objects.exclude(pk=letter.thread.subscriber_id).delete()
    client = sign_in("Redaktion")

    assert letter.thread.alias not in client.get(INBOX).content.decode()
    url = reverse("admin:subscribers_thread_change", args=[letter.thread_id])
    assert client.get(url).status_code == 404


def test_a_closed_thread_cannot_be_opened(sign_in, vault):
    letter = write(crowd(), "Hallo", vault=vault, ago=timedelta(days=15))
    url = reverse("admin:subscribers_thread_change", args=[letter.thread_id])

    assert sign_in("Redaktion").get(url).status_code == 404


@pytest.mark.parametrize("group", ["Freigabe", "Datenschutz", "Personal", "IT"])
def test_nobody_else_reads_or_answers(sign_in, letter, group):
    client = sign_in(group)
    thread = [letter.thread_id]

    assert client.get(reverse("admin:subscribers_thread_change", args=thread)).status_code == 403
    assert client.post(reverse("admin:subscribers_thread_answer", args=thread)).status_code == 403


def test_the_start_page_says_how_many_wait(sign_in, letter):
    assert "1 new reply" in sign_in("Redaktion").get("/admin/").content.decode()


def test_it_switches_the_keeping_of_replies_off_and_on(sign_in):
    client, url = sign_in("IT"), reverse("admin:subscribers_letterbox_changelist")

    client.post(url, {"keep": "no"})
    assert threads.is_discarding()

    client.post(url, {"keep": "yes"})
    assert not threads.is_discarding()


def test_the_list_costs_the_same_for_many_threads(
    sign_in, letter, vault, django_assert_max_num_queries
):
    for subscriber in threads.Subscriber.objects.exclude(pk=letter.thread.subscriber_id)[:10]:
        write(subscriber, "Hallo", vault=vault)
    client = sign_in("Redaktion")

    with django_assert_max_num_queries(15):
        client.get(INBOX)

    assert ThreadMessage.objects.count() == 11


@pytest.mark.parametrize(
    ("hours_ago", "words"),
    [
        (1, "heute Vormittag"),
        (8, "heute Nacht"),
        (14, "gestern Abend"),
        (25, "gestern Vormittag"),
        (72, "am Freitag"),
        (24 * 10, "13. November"),
    ],
)
def test_times_are_coarse(hours_ago, words):
    with translation.override("de"):
        assert coarse.moment(MONDAY - timedelta(hours=hours_ago), now=MONDAY) == words


@pytest.mark.parametrize(("hours", "is_said"), [(0, True), (10, True), (22, True), (23, False)])
def test_the_time_left_is_said_until_it_is_over(hours, is_said):
    left = coarse.time_left(MONDAY, now=MONDAY + timedelta(hours=hours))

    assert bool(left) is is_said
    assert not any(sign.isdigit() for sign in left)
