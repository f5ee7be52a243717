"""What stands in the way of a broadcast, said before it is too late."""

from datetime import timedelta

import pytest

from campaigns import preflight
from campaigns.models import MessageTemplate
from campaigns.models.media import HeaderKind
from tests.campaigns.pictures import medium
from tests.factories import NOW, BroadcastFactory, MessageFactory, SubscriberFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("approved_templates", "english"),
]


def problems(broadcast):
    return preflight.problems(broadcast, now=NOW)


def test_nothing_stands_in_the_way_of_a_finished_message_that_somebody_gets():
    SubscriberFactory()

    assert problems(BroadcastFactory()) == []


@pytest.mark.parametrize("status", sorted(set(MessageTemplate.Status) - {"APPROVED"}))
def test_a_template_that_is_not_approved_cannot_be_sent(status):
    SubscriberFactory()
    broadcast = BroadcastFactory()
    broadcast.message.template.status = status

    assert ["not approved" in problem for problem in problems(broadcast)] == [True]


def test_a_status_that_nobody_knows_yet_counts_as_not_approved():
    SubscriberFactory()
    broadcast = BroadcastFactory()
    broadcast.message.template.status = "FLAGGED_TOMORROW"

    assert len(problems(broadcast)) == 1


def test_every_unfinished_value_is_named_as_on_the_form():
    SubscriberFactory()
    broadcast = BroadcastFactory(message=MessageFactory(values={"datum": "1. Mai"}))

    named = [problem.partition(":")[0] for problem in problems(broadcast)]

    assert named == ["First headline", "Second headline", "Third headline"]


@pytest.mark.parametrize(("tier", "has_readers"), [("mini", False), ("maxi", True)])
def test_news_that_nobody_would_get_do_not_leave(tier, has_readers):
    SubscriberFactory(tier=tier)
    broadcast = BroadcastFactory(slug="neues")  # a category of Maxi

    assert (problems(broadcast) == []) is has_readers


def test_a_template_with_a_header_needs_one():
    SubscriberFactory(tier="maxi")

    (problem,) = problems(BroadcastFactory(slug="bilder"))

    assert "Please add: image" in problem


def test_a_header_of_another_kind_does_not_fit():
    SubscriberFactory(tier="maxi")
    message = MessageFactory(slug="bilder", media=medium(HeaderKind.DOCUMENT))

    assert problems(BroadcastFactory(message=message)) == ["The header does not fit the template."]


def test_with_the_right_header_it_may_leave():
    SubscriberFactory(tier="maxi")
    message = MessageFactory(slug="bilder", media=medium(HeaderKind.IMAGE))

    assert problems(BroadcastFactory(message=message)) == []


@pytest.mark.parametrize(("minutes", "count"), [(-1, 1), (0, 1), (1, 0)])
def test_what_is_no_longer_useful_does_not_leave(minutes, count):
    SubscriberFactory()
    broadcast = BroadcastFactory(state="scheduled")
    broadcast.expires_at = NOW + timedelta(minutes=minutes)

    assert len(problems(broadcast)) == count


def test_a_text_that_is_too_long_as_a_whole_is_refused():
    SubscriberFactory()
    message = MessageFactory()
    message.values = dict.fromkeys(message.values, "x" * 400)

    (problem,) = problems(BroadcastFactory(message=message))

    assert "too long" in problem


def test_words_that_nobody_approved_are_refused():
    SubscriberFactory()
    broadcast = BroadcastFactory(state="approved")
    broadcast.message.values = {**broadcast.message.values, "datum": "heute"}

    assert problems(broadcast) == ["The message has been changed since it was approved."]


def test_a_category_may_ask_where_it_also_stands_and_an_approval_covers_that():
    SubscriberFactory()
    broadcast = BroadcastFactory(state="approved")
    broadcast.message.category.stands_elsewhere = True
    assert ["where this also stands" in problem for problem in problems(broadcast)] == [True]

    broadcast.message.also_at = "Intranet"

    assert ["changed since it was approved" in one for one in problems(broadcast)] == [True]
