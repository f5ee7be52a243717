"""A test to the own phone: the real thing, and part of nothing else."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from campaigns import connections, cost, phone_tests, replies, statuses, stopping, templates_sync
from campaigns.models import Category, Charge, Delivery, MessageTemplate, PhoneTest, Reply
from campaigns.phone_tests import NoPhone, Words
from campaigns.reasons import FailureReason, StopReason
from campaigns.refusals import NotPossible
from campaigns.states import DeliveryState as D
from subscribers import phones
from subscribers.models import ConsentEvent, Subscriber, SubscriberState, Thread
from tests.campaigns.pictures import medium
from tests.campaigns.webhooks import body, message, post, status
from tests.factories import NOW, SubscriberFactory, UserFactory
from whatsapp.events import parse

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("templates"),
]

PHONE = "+4915155500042"
SOON = NOW + timedelta(seconds=30)
TEXT = "Alles Weitere.\nIn Ruhe."


@pytest.fixture
def anna(simulator):
    """An editor whose phone is a simulated one; it is not connected yet."""
    simulator.add_person("Anna", PHONE)
    return UserFactory(group="Redaktion")


@pytest.fixture
def connected(anna, vault):
    post(body(message(PHONE, text=phones.draw(anna, vault=vault, now=timezone.now()))))
    assert phones.of(anna)
    return anna


@pytest.fixture
def more_templates(templates, simulator):
    """Further templates that the simulated Meta has approved."""
    more = MessageTemplate.objects.filter(name__in=["presseschau_lesen", "bilder"])
    more.update(status=MessageTemplate.Status.LOCAL)
    templates_sync.push(client=connections.cloud_client(), app_id="1", now=NOW)
    simulator.wait_until_idle(quiet_seconds=0)
    more.update(status=MessageTemplate.Status.APPROVED)


def words(slug="presseschau", *, full_text="", **changes):
    category = Category.objects.select_related("template", "reading_template").get(pk=slug)
    template = category.template_for(full_text=full_text)
    values = {value["name"]: value["example"] for value in template.values}
    return Words(
        category=category,
        template=template,
        values=values | changes.pop("values", {}),
        full_text=full_text,
        **changes,
    )


def ask(user, said=None, *, now=NOW):
    with translation.override("en"):  # a webhook has left the language of its request behind
        return phone_tests.ask(said or words(), by=user, now=now)


def send(sender):
    return phone_tests.send_due(sender=sender, until=SOON)


def stored(test):
    return PhoneTest.objects.get(pk=test.pk)


def tell(vault, test, word, **news):
    events = parse(body(status(word, token=stored(test).token, **news))).events
    return statuses.apply(events, vault=vault, now=NOW)


def test_the_code_makes_no_subscriber_no_event_no_thread_and_no_reply(connected):
    assert not Subscriber.objects.exists()
    assert not ConsentEvent.objects.exists()
    assert not Thread.objects.exists()
    assert not Reply.objects.exists()


def test_a_wrong_code_is_no_word_either(anna):
    post(body(message(PHONE, text="TELEFON BBBB-BBBB")))

    assert not Subscriber.objects.exists()
    assert not phones.of(anna)


def test_a_subscriber_who_connects_their_phone_stays_one_and_stop_stays_stop(anna, vault):
    somebody = SubscriberFactory(tier="maxi", phone=PHONE)
    post(body(message(PHONE, text=phones.draw(anna, vault=vault, now=timezone.now()))))
    before = ConsentEvent.objects.count()

    assert phones.of(anna)
    assert not Thread.objects.exists()
    post(body(message(PHONE, text="STOP")))

    somebody.refresh_from_db()
    assert somebody.state == SubscriberState.WITHDRAWN
    assert ConsentEvent.objects.count() > before


def test_the_same_webhook_twice_counts_no_wrong_code(anna, vault):
    code = phones.draw(anna, vault=vault, now=timezone.now())
    raw = body(message(PHONE, text=code, wamid="wamid.CODE"))
    post(raw)
    newer = phones.draw(anna, vault=vault, now=timezone.now())

    for _ in range(phones.WRONG_AT_MOST + 1):
        post(raw)

    post(body(message(PHONE, text=newer)))
    assert phones.of(anna).connected_at is not None
    assert phones.PhoneCode.objects.filter(wrong__gt=0).count() == 0


def test_a_test_is_the_real_template_with_these_values(connected, sender, simulator):
    ask(connected, words(values={"schlagzeile_1": "TA: Probe aufs Exempel"}))

    assert send(sender) == 1
    [entry] = simulator.ledger()
    assert "Probe aufs Exempel" in entry["text"]


def test_a_test_is_no_delivery_and_no_reply(connected, sender):
    ask(connected)
    send(sender)

    assert not Delivery.objects.exists()
    assert not Reply.objects.exists()


def test_without_a_phone_there_is_no_test(anna):
    with pytest.raises(NoPhone):
        ask(anna)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"values": {"schlagzeile_1": ""}}, "First headline: Please fill this in"),
        ({"slug": "bilder"}, "Please add: image."),
        ({"full_text": "x" * 5000}, "Too long"),
    ],
)
def test_what_whatsapp_would_refuse_is_said_at_once(connected, changes, said):
    with pytest.raises(NotPossible, match=said):
        ask(connected, words(**changes))


def test_a_template_that_is_not_approved_cannot_be_tried(connected):
    MessageTemplate.objects.update(status="PENDING")

    with pytest.raises(NotPossible, match="not approved"):
        ask(connected)


def test_a_handful_of_tests_an_hour_is_enough(connected):
    for _ in range(phone_tests.AT_MOST):
        ask(connected)

    with pytest.raises(NotPossible, match="sixth"):
        ask(connected)
    assert ask(connected, now=NOW + phone_tests.AN_HOUR)


def test_the_kill_switch_wins(connected, sender, simulator):
    test = ask(connected)
    stopping.stop_channel(StopReason.KILL_SWITCH, now=NOW)

    assert send(sender) == 0
    assert simulator.ledger() == []
    with pytest.raises(NotPossible, match="kill switch"):
        ask(connected)
    phone_tests.sweep(now=NOW + timedelta(minutes=11))
    assert stored(test).state == D.SKIPPED


def test_quiet_hours_do_not_matter(connected, sender, settings):
    settings.QUIET_HOURS = "mon-fri 03:00-03:01"
    connections.forget()
    ask(connected)

    assert send(sender) == 1


@pytest.mark.parametrize(
    ("fault", "state", "reason"),
    [
        ({"code": 131026, "http": 400}, D.FAILED, FailureReason.UNREACHABLE),
        ({"code": 132001, "http": 404}, D.FAILED, FailureReason.TEMPLATE),
        ({"code": 100, "http": 400}, D.FAILED, FailureReason.REQUEST),
        ({"code": 131000, "http": 400}, D.QUEUED, ""),
    ],
)
def test_what_whatsapp_refuses_has_its_reason(connected, sender, simulator, fault, state, reason):
    test = ask(connected)
    simulator.add_fault("refuse", next=1, **fault)

    send(sender)

    assert (stored(test).state, stored(test).reason) == (state, reason)


def test_whatever_cannot_be_sent_now_is_given_up_after_three_times(connected, sender, simulator):
    test = ask(connected)
    simulator.add_fault("refuse", next=9, code=131000, http=400)

    for _ in range(4):
        send(sender)

    assert stored(test).state == D.FAILED
    assert stored(test).attempts == phone_tests.MAX_ATTEMPTS


def test_a_token_that_is_refused_stops_the_channel(connected, sender, simulator):
    test = ask(connected)
    simulator.add_fault("refuse", next=1, code=190, http=401)

    send(sender)

    assert stored(test).state == D.QUEUED
    assert send(sender) == 0


def test_an_armed_test_that_nobody_finished_becomes_unclear(connected, sender):
    test = ask(connected)
    PhoneTest.objects.filter(pk=test.pk).move(D.ARMED, armed_at=NOW)

    phone_tests.sweep(now=NOW + timedelta(minutes=2))

    assert stored(test).state == D.IN_DOUBT


def test_a_phone_whose_record_is_damaged_is_said_so(connected, sender):
    test = ask(connected)
    phones.SubjectKey.objects.all().delete()

    send(sender)

    assert (stored(test).state, stored(test).reason) == (D.FAILED, "unreadable")


def test_its_fate_is_known_by_its_token_and_costs_once(connected, sender, vault):
    test = ask(connected)
    send(sender)
    pricing = {"billable": True, "pricing_model": "PMP", "category": "utility", "type": "regular"}

    for _ in range(2):
        assert tell(vault, test, "delivered", pricing=pricing) == set()

    assert stored(test).state == D.DELIVERED
    [charge] = Charge.objects.all()
    assert (charge.n, charge.is_test, charge.broadcast_id) == (1, True, None)


def test_a_month_knows_what_tests_have_cost(connected):
    cost.charge({(None, "UTILITY", "regular"): 3}, at=NOW, is_test=True)
    cost.charge({(None, "UTILITY", "regular"): 40}, at=NOW)

    month = cost.month(NOW.date())

    assert month.tests == 3 * Decimal("0.0456")
    assert month.shown == month.spent == 43 * Decimal("0.0456")


@pytest.mark.usefixtures("more_templates")
def test_the_file_above_the_text_comes_along(connected, sender, simulator):
    ask(connected, words("bilder", media=medium()))

    send(sender)

    [entry] = simulator.ledger()
    assert stored(PhoneTest.objects.get()).state == D.ACCEPTED
    assert entry["text"]


@pytest.mark.usefixtures("more_templates")
def test_a_tap_on_the_button_of_a_test_brings_its_full_text_once(connected, sender, simulator):
    test = ask(connected, words(full_text=TEXT))
    send(sender)
    simulator.say(PHONE, "irgendwas")  # opens the window, as a tap does

    for _ in range(2):
        post(body(message(PHONE, button=f"test:{test.pk}")))
    send(sender)

    assert [one.state for one in PhoneTest.objects.order_by("created_at")] == [D.ACCEPTED] * 2
    assert TEXT in [entry["text"] for entry in simulator.ledger()]
    assert not Subscriber.objects.exists()
    assert not Reply.objects.exists()


def test_tests_wait_for_nobody_else_and_replies_for_no_test(connected, sender):
    ask(connected)

    assert replies.send_due(sender=sender, until=SOON) == 0
    assert send(sender) == 1


def test_a_test_goes_with_its_phone(connected):
    ask(connected)

    phones.forget(phones.DeskPhone.objects.all(), now=NOW)

    assert not PhoneTest.objects.exists()


def test_nothing_is_sent_after_the_shift(connected, sender):
    ask(connected)

    assert send(replace(sender, clock=lambda: SOON)) == 0
