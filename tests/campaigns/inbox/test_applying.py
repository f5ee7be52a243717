"""What a worker does with stored bodies: many at a time, and poison only to itself."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError

from campaigns import connections, echoes, inbox, optouts, retention, templates_sync
from campaigns.inbox import applying
from campaigns.models import Delivery, InboxEntry
from subscribers.models import Subscriber
from subscribers.vault import Vault, VaultError
from tests.campaigns.console import facts
from tests.campaigns.webhooks import account_news, body, message, post, status
from tests.factories import NOW, AttemptFactory, BroadcastFactory, DeliveryFactory

pytestmark = pytest.mark.django_db(databases="__all__")

State = InboxEntry.State


def apply(*, days=1, limit=100):
    """Apply what waits, as if it were so many days later."""
    later = InboxEntry.objects.latest("pk").received_at + timedelta(days=days)
    return inbox.apply_pending(desk=connections.desk(), clock=lambda: later, limit=limit)


def erase_old_bodies(*, days):
    """Do what retention does so many days after the newest body came."""
    (rule,) = (one for one in retention.RULES if one.name == "webhook bodies put aside")
    rule.enforce(now=InboxEntry.objects.latest("pk").received_at + timedelta(days=days))


def attempts(number):
    broadcast = BroadcastFactory(state="sending")
    armed = [DeliveryFactory(broadcast=broadcast, state="armed", attempts=1) for _ in range(number)]
    return [AttemptFactory(delivery=delivery) for delivery in armed]


def states():
    return set(Delivery.objects.values_list("state", flat=True))


def count_calls(patch, module, name):
    calls, original = [], getattr(module, name)

    def counted(*args, **named):
        calls.append(args)
        return original(*args, **named)

    patch.setattr(module, name, counted)
    return calls


def refuse_opt_outs(*_arguments, **_values):
    raise RuntimeError("poison")


def test_bodies_with_a_status_each_are_applied_together(monkeypatch):
    told = attempts(5)
    for attempt in told:
        post(body(status("delivered", token=attempt.token)))
    calls = count_calls(monkeypatch, applying, "_apply_next")

    assert apply() == 5

    assert len(calls) == 2  # the second one finds nothing
    assert states() == {"delivered"}


def test_a_thousand_updates_in_a_body_are_applied():
    known = attempts(20)
    updates = [
        status(word, token=attempt.token)
        for word in ("sent", "delivered")
        for attempt in [*known] * 25
    ]

    assert post(body(*updates)).status_code == 200
    assert apply() == 1

    assert states() == {"delivered"}
    assert InboxEntry.objects.get().state == State.APPLIED


def test_large_bodies_are_not_opened_all_at_once(monkeypatch):
    monkeypatch.setattr(applying, "TOGETHER_BYTES", 1_000)
    for attempt in attempts(4):
        post(body(status("delivered", token=attempt.token)))
    calls = count_calls(monkeypatch, applying, "_apply_next")

    assert apply() == 4

    assert len(calls) > 2
    assert states() == {"delivered"}


def test_no_more_is_applied_than_was_asked_for():
    for attempt in attempts(3):
        post(body(status("delivered", token=attempt.token)))

    assert apply(limit=2) == 2
    assert InboxEntry.objects.filter(state=State.RECEIVED).count() == 1


def test_people_and_statuses_of_all_bodies_are_heard():
    (attempt,) = attempts(1)
    people = Subscriber.objects.count()
    post(body(status("sent", token=attempt.token)))
    post(body(message("+4915155500001", text="START"), status("delivered", token=attempt.token)))
    post(body(status("read", token=attempt.token)))

    assert apply() == 3

    assert states() == {"delivered"}
    assert Subscriber.objects.count() == people + 1


def test_only_the_body_with_what_is_unknown_waits():
    (attempt,) = attempts(1)
    post(body(status("delivered", token=attempt.token)))
    post(body(status("delivered", token=uuid4())))

    apply(days=0)

    assert set(InboxEntry.objects.values_list("state", "tries")) == {
        ("applied", 0),
        ("received", 1),
    }


def test_what_whatsapp_has_sent_and_we_do_not_know_is_counted_after_a_day():
    (attempt,) = attempts(1)
    strange = [status("sent", token=uuid4()) for _ in range(3)]
    post(body(*strange, *strange, status("sent", token=attempt.token)))
    received_at = InboxEntry.objects.get().received_at

    apply(days=0)
    assert echoes.strays(now=received_at) == 0  # it may still be found
    apply(days=1)

    assert echoes.strays(now=received_at + timedelta(days=1)) == 3
    assert echoes.strays(now=received_at + timedelta(days=3)) == 0


def test_late_news_of_what_we_have_rightly_forgotten_are_not_counted():
    post(body(status("delivered", token=uuid4()), status("failed", token=uuid4())))

    apply(days=1)

    assert InboxEntry.objects.get().state == State.APPLIED
    assert echoes.strays(now=InboxEntry.objects.get().received_at) == 0


def test_a_poisoned_status_keeps_neither_its_body_nor_other_bodies_back(monkeypatch):
    good, bad, other = attempts(3)
    monkeypatch.setattr(optouts, "honour", refuse_opt_outs)
    post(body(status("failed", token=bad.token, codes=[131050]), status("sent", token=good.token)))
    post(body(status("sent", token=other.token)))

    apply()

    found = dict(Delivery.objects.values_list("pk", "state"))
    assert found[good.delivery_id] == found[other.delivery_id] == "sent"
    assert found[bad.delivery_id] == "armed"
    assert sorted(InboxEntry.objects.values_list("state", flat=True)) == ["applied", "failing"]


def test_a_poisoned_status_is_tried_again_and_then_put_aside(monkeypatch):
    (bad,) = attempts(1)
    monkeypatch.setattr(optouts, "honour", refuse_opt_outs)
    post(body(status("failed", token=bad.token, codes=[131050])))

    seen = []
    for days in range(1, 6):
        apply(days=days)
        seen.append(InboxEntry.objects.get().state)

    assert seen == [State.FAILING] * 3 + [State.QUARANTINED] * 2
    assert InboxEntry.objects.get().body is not None


def test_what_still_fails_after_a_day_is_put_aside_and_nothing_waits_behind_it(monkeypatch):
    bad, good = attempts(2)
    monkeypatch.setattr(optouts, "honour", refuse_opt_outs)
    post(body(status("failed", token=bad.token, codes=[131050])))
    apply(days=0)
    post(body(status("sent", token=good.token)))

    erase_old_bodies(days=1)
    apply(days=1)

    found = dict(InboxEntry.objects.values_list("state", "body"))
    assert found == {State.QUARANTINED: None, State.APPLIED: None}
    assert Delivery.objects.get(pk=good.delivery_id).state == "sent"


def test_a_row_that_lost_its_body_while_it_failed_keeps_nothing_back():
    (attempt,) = attempts(1)
    post(body(status("sent", token=uuid4())))
    InboxEntry.objects.update(state=State.FAILING, body=None)  # by a former release
    post(body(status("sent", token=attempt.token)))

    assert apply() == 1

    assert states() == {"sent"}
    erase_old_bodies(days=1)
    assert not InboxEntry.objects.filter(state=State.FAILING).exists()


def test_what_nobody_has_tried_yet_keeps_its_body_however_old_it_is():
    (attempt,) = attempts(1)
    post(body(status("sent", token=attempt.token)))

    erase_old_bodies(days=5)
    apply(days=5)

    assert states() == {"sent"}


def test_what_was_put_aside_can_be_tried_again_once_it_is_cured(monkeypatch):
    (bad,) = attempts(1)
    post(body(status("failed", token=bad.token, codes=[131050])))
    with monkeypatch.context() as patch:
        patch.setattr(optouts, "honour", refuse_opt_outs)
        for days in range(1, 5):
            apply(days=days)
    assert facts("webhooks", "list") == {"received": 0, "failing": 0, "quarantined": 1}

    assert facts("webhooks", "retry") == {"to be tried again": 1}
    apply()

    assert states() == {"failed"}
    assert facts("webhooks", "retry") == {"to be tried again": 0}


def test_what_is_cured_is_applied_in_the_end(monkeypatch):
    (attempt,) = attempts(1)
    post(body(status("failed", token=attempt.token, codes=[131050])))
    with monkeypatch.context() as patch:
        patch.setattr(optouts, "honour", refuse_opt_outs)
        apply(days=1)
    assert not echoes.inbox_was_healthy(since=NOW, now=NOW)

    apply(days=2)

    assert states() == {"failed"}
    assert InboxEntry.objects.get().state == State.APPLIED


def test_poisoned_news_about_a_template_keeps_no_status_back(monkeypatch):
    (attempt,) = attempts(1)
    monkeypatch.setattr(templates_sync, "take_news", refuse_opt_outs)
    news = {"event": "PAUSED", "message_template_name": "x", "message_template_language": "de"}
    post(account_news("message_template_status_update", news | {"message_template_id": 1}))
    post(body(status("sent", token=attempt.token)))

    apply()

    assert states() == {"sent"}
    assert InboxEntry.objects.filter(state=State.FAILING).count() == 1


def test_a_body_that_does_not_open_keeps_no_other_back(monkeypatch):
    (attempt,) = attempts(1)
    post(body(status("delivered", token=uuid4())))
    InboxEntry.objects.update(body=connections.vault().seal_body(b"{}")[:-1] + b"x")
    post(body(status("sent", token=attempt.token)))

    apply()

    assert states() == {"sent"}
    assert InboxEntry.objects.filter(state=State.FAILING).count() == 1
    with pytest.raises(VaultError):
        Vault.open_body(
            connections.vault(), bytes(InboxEntry.objects.get(state=State.FAILING).body)
        )


def test_trouble_of_the_database_is_no_poison(monkeypatch):
    (attempt,) = attempts(1)
    post(body(status("failed", token=attempt.token, codes=[131050])))

    def away(*_arguments, **_values):
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(optouts, "honour", away)
        with pytest.raises(OperationalError):
            apply()

    assert InboxEntry.objects.values_list("state", "tries").get() == ("received", 0)
