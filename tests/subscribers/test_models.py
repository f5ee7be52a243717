"""What the database itself refuses, whoever asks."""

import pytest
from django.db import DatabaseError, IntegrityError, connection

from subscribers.models import ConsentEvent, MonthlyFigure, Notice, Subscriber, SubscriberState
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.people import BOTH_DATABASES, tier, written

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

APPEND_ONLY = {  # and a column
    "subscribers_checkpoint": "size",
    "subscribers_consentevent": "tier",
    "subscribers_ledgerleaf": "seq",
    "subscribers_notice": "version",
}


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"],
    ids=["UPDATE", "DELETE", "TRUNCATE"],
)
def test_the_ledger_and_the_notices_can_be_added_to_only(table, statement):
    with pytest.raises(DatabaseError, match=f"{table} is append-only"):
        connection.cursor().execute(statement.format(table, APPEND_ONLY[table]))


@pytest.mark.parametrize(
    ("model", "change"), [(ConsentEvent, {"tier": "maxi"}), (Notice, {"question": "Ja?"})]
)
def test_django_cannot_rewrite_them_either(model, change):
    with pytest.raises(DatabaseError, match="append-only"):
        model.objects.update(**change)


def test_whoever_deletes_a_person_leaves_the_history_standing():
    subscriber = SubscriberFactory(tier=None)
    events = ConsentEvent.objects.count()

    subscriber.delete()

    assert ConsentEvent.objects.count() == events


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"tier": None}, "subscriber_has_tier_only_while_subscribed"),
        ({"state": SubscriberState.WITHDRAWN}, "subscriber_has_tier_only_while_subscribed"),
        ({"notice": None}, "subscriber_agreed_only_after_notice"),
        ({"state": SubscriberState.PAUSED}, "subscriber_rests_with_reason_and_end"),
        ({"rest": "own"}, "subscriber_rests_with_reason_and_end"),
        ({"until": NOW}, "subscriber_rests_with_reason_and_end"),
    ],
)
def test_a_subscription_has_a_tier_and_a_notice(change, rule):
    subscriber = SubscriberFactory(tier="mini")

    with pytest.raises(IntegrityError, match=rule):
        Subscriber.objects.filter(pk=subscriber.pk).update(**change)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"kind": "given", "tier": "mini"}, "consent_given_only_with_notice"),
        ({"kind": "refused", "notice_sha256": "f" * 64}, "consent_event_notice_with_hash"),
    ],
)
def test_an_event_without_the_words_shown_is_no_proof_and_is_refused(values, rule):
    subscriber = SubscriberFactory(tier=None)

    with pytest.raises(IntegrityError, match=rule):
        written(subscriber=subscriber, act="word", **values)


def test_one_message_is_one_event():
    subscriber = SubscriberFactory(tier=None)
    same = {"subscriber": subscriber, "kind": "requested", "act": "word", "message_hash": b"1" * 32}
    written(**same)

    with pytest.raises(IntegrityError, match="consent_event_once"):
        written(**same)


def test_a_month_has_one_figure_per_tier():
    same = {"month": NOW.date().replace(day=1), "tier": tier("mini"), "taken_at": NOW}
    MonthlyFigure.objects.create(shown=20, **same)

    with pytest.raises(IntegrityError, match="figure_once_per_month"):
        MonthlyFigure.objects.create(shown=30, **same)


def test_no_name_of_a_row_tells_who_it_is_about():
    subscriber = SubscriberFactory(phone="+4915112345678")

    names = [str(row) for row in [subscriber, *subscriber.consent_events.all()]]

    assert "15112345678" not in " ".join(names)
