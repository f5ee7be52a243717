"""The list of broadcasts: what is found, what a line tells, and what it costs."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.admin.broadcasts import BroadcastAdmin
from campaigns.states import BroadcastState
from subscribers.admin import newest
from tests.campaigns.admin.addresses import LIST
from tests.factories import NOW, BroadcastFactory, DeliveryFactory, MessageFactory

pytestmark = pytest.mark.django_db(databases="__all__")

S = BroadcastState


def rows(client, **query):
    return list(client.get(reverse(LIST), query).context["cl"].result_list)


def test_broadcasts_are_found_by_their_words_state_and_category(editor):
    job = BroadcastFactory(slug="stellenanzeige", state=S.SENDING)
    BroadcastFactory()

    assert rows(editor, q="Gleisbau") == [job]
    assert rows(editor, state__exact="sending") == [job]
    assert rows(editor, message__category__slug__exact="stellenanzeige") == [job]


def test_a_line_of_the_list_tells_how_far_it_is(editor):
    broadcast = DeliveryFactory(state="delivered").broadcast
    DeliveryFactory(broadcast=broadcast)

    assert "50 % done" in editor.get(reverse(LIST)).content.decode()


@pytest.mark.parametrize(("query", "words"), [({}, "Nothing here yet."), ({"q": "x"}, "matches")])
def test_an_empty_list_says_why_it_is_empty(editor, query, words):
    assert words in editor.get(reverse(LIST), query).content.decode()


@pytest.mark.parametrize(("query", "is_told"), [({}, False), ({"q": "Presse"}, True)])
def test_how_many_were_found_is_told_to_who_looked_for_something(editor, query, is_told):
    BroadcastFactory()

    assert ("Show everything" in editor.get(reverse(LIST), query).content.decode()) == is_told


def test_the_list_takes_as_many_queries_for_many_lines_as_for_one(
    editor, django_assert_max_num_queries
):
    for _ in range(12):
        BroadcastFactory(state=S.SENDING)
    rows(editor)

    with django_assert_max_num_queries(14):
        assert len(rows(editor)) == 12


@pytest.mark.parametrize("address", ["/admin/campaigns/", "/admin/auth/"])
def test_pages_are_not_grouped_by_python_package(it, address):
    assert it.get(address).url == "/admin/"


@pytest.fixture
def few(monkeypatch):
    """Lists end after four rows, two on a page."""
    monkeypatch.setattr(newest, "MOST", 4)
    monkeypatch.setattr(BroadcastAdmin, "list_per_page", 2)


def written(number):
    """So many broadcasts, the oldest first."""
    messages = [MessageFactory(created_at=NOW + timedelta(minutes=i)) for i in range(number)]
    return [BroadcastFactory(message=message) for message in messages]


@pytest.mark.parametrize(("there", "is_cut"), [(4, False), (6, True)])
def test_a_long_list_ends_and_says_how_to_find_the_rest(editor, few, there, is_cut):
    written(there)

    answer = editor.get(reverse(LIST))

    assert answer.context["cl"].result_count == 4
    assert ("Older ones are found by a word or a period." in answer.content.decode()) == is_cut


def test_what_a_long_list_leaves_out_are_the_oldest(editor, few):
    newest_first = written(5)[::-1]

    assert [rows(editor), rows(editor, p=2)] == [newest_first[:2], newest_first[2:4]]


def test_broadcasts_are_found_by_the_month_in_which_they_were_written(editor):
    old = BroadcastFactory(message=MessageFactory(created_at=NOW - timedelta(days=40)))
    BroadcastFactory()

    assert rows(editor, period="2026-10") == [old]
