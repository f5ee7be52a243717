"""What campaigns forgets, and that every table has its rule or its reason."""

from datetime import timedelta

import pytest
from django.apps import apps

from campaigns import housekeeping, optouts, reports, retention, unsaved
from campaigns.models import (
    Attempt,
    Broadcast,
    Category,
    Delivery,
    Heartbeat,
    InboxEntry,
    Media,
    Reply,
    SeenMessage,
)
from campaigns.states import BroadcastState, DeliveryState
from subscribers import retention as of_people
from subscribers.forgotten import ErasureList
from subscribers.models import ConsentEvent
from tests.campaigns.pictures import medium
from tests.factories import NOW, AttemptFactory, DeliveryFactory, SubscriberFactory

pytestmark = pytest.mark.django_db(databases="__all__")

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Rows with fields about people that no rule ends, and why.
KEPT = {
    "Broadcast": "who submitted and approved it belongs to the archive of the news",
    "BroadcastEvent": "the diary of a broadcast: members of the desk, part of the archive",
    "Channel": "one row: who stopped the number last",
    "Clearance": "a member of the desk: that somebody answers for the start (Art. 5(2) GDPR)",
    "Doubt": "refers to a delivery, which leads to nobody after a week",
    "LedgerLeaf": "a salted hash: it proves the order of events and says nothing about anybody",
    "Message": "who wrote it belongs to the archive of the news",
    "MessageVersion": "who saved it belongs to the archive of the news",
    "TemplateEvent": "what became of a template, and which member of the desk asked for it",
    "TextVersion": "members of the desk: who proposed and approved the words is part of the proof",
    "Unreached": "goes with the person, or with the next message that reaches them",
}


def enforce(now, rules=retention.RULES):
    return of_people.enforce(rules, now=now)


def closed(delivery, *, at):
    rows = Broadcast.objects.filter(pk=delivery.broadcast_id)
    rows.update(state=BroadcastState.DONE, closed_at=at)


def test_every_table_about_people_has_a_rule_or_a_reason_to_stay():
    rules = housekeeping.rules(keeps_proof=False)
    ruled = {model.__name__ for rule in rules for model in rule.of}
    personal = {
        model.__name__
        for label in ("campaigns", "subscribers")
        for model in apps.get_app_config(label).get_models()
        if model.personal_fields and not model._meta.proxy
    }

    assert personal - ruled == KEPT.keys()


def test_every_rule_has_a_name_of_its_own_and_a_reason():
    rules = housekeeping.rules(keeps_proof=False)

    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.why and rule.of for rule in rules)


@pytest.mark.parametrize(("kept", "stays"), [("{file}", True), ("", False), ("x", False)])
def test_a_file_stays_as_long_as_the_text_that_it_was_uploaded_for(kept, stays):
    file = medium()
    unsaved.keep(
        by=file.uploaded_by,
        category=Category.objects.get(pk="bilder"),
        broadcast=None,
        fields={"kept": kept.format(file=file.pk)},
        now=NOW,
    )

    enforce(NOW + 13 * DAY)

    assert Media.objects.filter(pk=file.pk).exists() == stays


def test_with_the_unsaved_text_its_file_is_forgotten():
    file = medium()
    category = Category.objects.get(pk="bilder")
    fields = {"kept": str(file.pk)}
    unsaved.keep(by=file.uploaded_by, category=category, broadcast=None, fields=fields, now=NOW)

    for days in (15, 16):
        enforce(NOW + days * DAY)

    assert not Media.objects.exists()


def test_a_week_after_it_closed_a_broadcast_counts_the_same_and_leads_to_nobody():
    delivery = DeliveryFactory(state=DeliveryState.DELIVERED)
    other = DeliveryFactory(
        broadcast=delivery.broadcast, state=DeliveryState.FAILED, reason="unreachable"
    )
    closed(delivery, at=NOW)
    before = reports.balance(delivery.broadcast_id)

    enforce(NOW + 7 * DAY)

    assert set(Delivery.objects.values_list("subscriber", flat=True)) == {None}
    assert reports.balance(delivery.broadcast_id) == before
    assert reports.tally_is_right(delivery.broadcast_id)
    assert other.reason == "unreachable"


def test_before_the_week_is_over_retries_still_find_their_people():
    delivery = DeliveryFactory(state=DeliveryState.DELIVERED)
    closed(delivery, at=NOW)

    enforce(NOW + 6 * DAY)

    assert Delivery.objects.get().subscriber_id == delivery.subscriber_id


def test_a_broadcast_that_is_not_closed_keeps_its_people():
    DeliveryFactory()

    enforce(NOW + 30 * DAY)

    assert Delivery.objects.filter(subscriber__isnull=False).exists()


def test_many_links_are_cut_in_portions_and_none_is_left(monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    first = DeliveryFactory(state=DeliveryState.DELIVERED)
    for _ in range(4):
        DeliveryFactory(broadcast=first.broadcast, state=DeliveryState.DELIVERED)
    closed(first, at=NOW)

    cut = enforce(NOW + 7 * DAY)

    assert cut["who got which broadcast"] == 5
    assert not Delivery.objects.filter(subscriber__isnull=False).exists()


def test_a_status_that_comes_after_the_week_withdraws_nobody():
    delivery = DeliveryFactory(state=DeliveryState.DELIVERED)
    closed(delivery, at=NOW)
    enforce(NOW + 7 * DAY)

    optouts.honour([delivery.pk], at=NOW, now=NOW + 7 * DAY)

    assert not ConsentEvent.objects.filter(kind="withdrawn").exists()


def test_attempts_and_with_them_the_hashes_of_message_ids_go_after_a_week():
    AttemptFactory(armed_at=NOW)

    enforce(NOW + 7 * DAY - 2 * HOUR)
    kept = Attempt.objects.exists()
    enforce(NOW + 7 * DAY)

    assert kept
    assert not Attempt.objects.exists()


def test_replies_go_after_their_statuses_but_not_while_they_wait():
    facts = {"not_before": NOW, "created_at": NOW, "subscriber": SubscriberFactory()}
    Reply.objects.create(state=DeliveryState.SENT, **facts)
    Reply.objects.create(state=DeliveryState.QUEUED, **facts)

    enforce(NOW + 3 * DAY)

    assert Reply.objects.get().state == DeliveryState.QUEUED


def test_a_webhook_that_was_put_aside_loses_its_body_within_a_day_and_stays_visible():
    entry = InboxEntry.objects.create(
        body_hash=b"1" * 32,
        body=b"sealed",
        received_at=NOW,
        not_before=NOW,
        state=InboxEntry.State.QUARANTINED,
    )

    enforce(NOW + DAY)

    entry.refresh_from_db()
    assert (entry.body, entry.state) == (None, InboxEntry.State.QUARANTINED)


def test_a_webhook_that_nobody_has_applied_yet_is_overdue_and_not_lost():
    InboxEntry.objects.create(body_hash=b"1" * 32, body=b"sealed", received_at=NOW, not_before=NOW)

    enforce(NOW + DAY)

    assert InboxEntry.objects.get().body is not None


def test_hashes_of_webhooks_and_messages_go_after_a_month():
    InboxEntry.objects.create(body_hash=b"1" * 32, received_at=NOW, not_before=NOW)
    SeenMessage.objects.create(message_hash=b"1" * 32, seen_at=NOW)

    enforce(NOW + 28 * DAY)
    kept = InboxEntry.objects.exists(), SeenMessage.objects.exists()
    enforce(NOW + 30 * DAY)

    assert kept == (True, True)
    assert not InboxEntry.objects.exists()
    assert not SeenMessage.objects.exists()


def test_what_breaks_its_promise_is_counted_as_overdue():
    AttemptFactory(armed_at=NOW)

    assert of_people.overdue(retention.RULES, now=NOW + 7 * DAY) == {}
    late = of_people.overdue(retention.RULES, now=NOW + 7 * DAY + HOUR)
    assert late == {"attempts and hashes of message ids": 1}


def test_everything_is_looked_through_every_ten_minutes_and_not_with_every_tick(tmp_path):
    erasures = ErasureList(tmp_path)
    AttemptFactory(armed_at=NOW)
    due = NOW + 7 * DAY
    Heartbeat.objects.create(name=Heartbeat.RETENTION, at=due - timedelta(minutes=9))

    housekeeping.look_through(retention.RULES, erasures, now=due)
    kept = Attempt.objects.exists()
    housekeeping.look_through(retention.RULES, erasures, now=due + timedelta(minutes=2))

    assert kept
    assert not Attempt.objects.exists()
