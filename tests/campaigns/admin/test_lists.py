"""The list of broadcasts: what is found, what a line tells, and what it costs."""

import pytest
from django.urls import reverse

from campaigns.states import BroadcastState
from tests.campaigns.admin.addresses import LIST
from tests.factories import BroadcastFactory, DeliveryFactory

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
