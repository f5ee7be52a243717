"""Costs: the right price on the right day, each delivery charged once, and no figure betrayed."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from campaigns import cost, lookout, preflight, statuses
from campaigns.models import Alarm, Broadcast, Budget, Charge, MessageTemplate, Rate
from campaigns.states import BroadcastState
from tests.campaigns.webhooks import body, status
from tests.factories import (
    NOW,
    AttemptFactory,
    BroadcastFactory,
    DeliveryFactory,
    MessageFactory,
    SubscriberFactory,
    publish,
)
from whatsapp.events import StatusUpdate, parse

pytestmark = pytest.mark.django_db(databases="__all__")

MARKETING = Decimal("0.1131")
NOVEMBER = date(2026, 11, 1)
REGULAR = {"category": "marketing", "type": "regular", "pricing_model": "PMP", "billable": True}


def tell(vault, *values):
    updates = [event for event in parse(body(*values)).events if isinstance(event, StatusUpdate)]
    statuses.apply(updates, vault=vault, now=NOW)


def charged():
    return list(Charge.objects.order_by("purpose", "kind").values_list("purpose", "kind", "n"))


def by_news():
    return MessageTemplate.objects.get(name="neues")


@pytest.mark.parametrize(
    ("day", "euros"), [(date(2026, 9, 30), Decimal(0)), (date(2026, 10, 1), Decimal("0.0456"))]
)
def test_a_rate_counts_from_its_day_on(day, euros):
    assert cost.rate_card().on(day)["SERVICE"] == euros


def test_before_the_first_rate_there_is_no_price():
    assert cost.rate_card().on(date(2025, 6, 30)) == {}


def test_an_estimate_multiplies_rounded_people():
    item = cost.estimate(by_news(), people=813, on=date(2026, 11, 23))

    assert (item.people, item.euros) == (810, 810 * MARKETING)


def test_an_estimate_for_a_few_says_nothing():
    item = cost.estimate(by_news(), people=19, on=date(2026, 11, 23))

    assert item.euros is None


def test_a_full_text_costs_as_much_as_an_answer():
    item = cost.reading(people=813, on=date(2026, 11, 23))

    assert (item.purpose, item.euros) == ("SERVICE", 810 * Decimal("0.0456"))


@pytest.mark.parametrize(("full_text", "fits"), [("", True), ("Alles zur Linie 3", False)])
def test_the_budget_has_to_cover_both_messages(full_text, fits):
    SubscriberFactory()
    limit = MARKETING + Decimal("0.01")
    Budget.objects.create(valid_from=date(2026, 11, 1), warn_at=0, stop_at=limit)
    broadcast = BroadcastFactory(message=MessageFactory(full_text=full_text))

    assert cost.fits_the_budget(broadcast, now=NOW) is fits


@pytest.mark.parametrize("there_are", [104, 105])
def test_the_budget_reckons_with_the_figures_that_were_published(there_are):
    publish(mini=60, maxi=50)
    SubscriberFactory.create_batch(there_are)
    broadcast = BroadcastFactory()
    Budget.objects.create(valid_from=NOVEMBER, warn_at=0, stop_at=Decimal("12.45"))
    covered = cost.fits_the_budget(broadcast, now=NOW)  # 110 × 0.1131 = 12.441
    Budget.objects.update(stop_at=Decimal("12.44"))

    assert (covered, cost.fits_the_budget(broadcast, now=NOW)) == (True, False)


@pytest.mark.parametrize("words", [["delivered"], ["sent", "delivered", "read"], ["read", "sent"]])
def test_what_arrives_is_charged_once(vault, words):
    attempt = AttemptFactory()

    for word in [*words, *words]:
        tell(vault, status(word, token=attempt.token, pricing=REGULAR))

    assert charged() == [("MARKETING", "regular", 1)]


def test_what_does_not_arrive_is_not_charged(vault):
    attempt = AttemptFactory()

    tell(vault, status("sent", token=attempt.token, pricing=REGULAR))
    tell(vault, status("failed", token=attempt.token, codes=[131026]))

    assert charged() == []


def test_without_a_word_from_whatsapp_the_category_of_the_template_counts(vault):
    attempt = AttemptFactory()

    tell(vault, status("delivered", token=attempt.token))

    assert charged() == [(attempt.delivery.broadcast.message.template.purpose, "", 1)]


def bill_of(*charges, planned):
    broadcast = BroadcastFactory(slug="neues", state=BroadcastState.DONE, planned=planned)
    for purpose, kind, n in charges:
        month = NOW.date().replace(day=1)
        Charge.objects.create(broadcast=broadcast, month=month, purpose=purpose, kind=kind, n=n)
    return cost.bill(Broadcast.objects.with_message().get(pk=broadcast.pk))


def test_a_bill_adds_up_what_was_charged():
    bill = bill_of(("MARKETING", "regular", 300), ("UTILITY", "regular", 60), planned=360)

    assert bill.euros == 300 * MARKETING + 60 * Decimal("0.0456")


def test_a_bill_that_is_as_estimated_needs_no_explanation():
    difference = bill_of(("MARKETING", "regular", 360), planned=360).difference

    assert difference == cost.Difference(
        fewer_arrived=False, other_category=False, some_were_free=False, some_unpriced=False
    )


@pytest.mark.parametrize(
    ("charges", "because"),
    [
        ([("MARKETING", "regular", 300)], "fewer_arrived"),
        ([("UTILITY", "regular", 360)], "other_category"),
        ([("MARKETING", "free_entry_point", 360)], "some_were_free"),
        ([("MARKETING", "", 360)], "some_unpriced"),
    ],
)
def test_a_difference_is_explained(charges, because):
    difference = bill_of(*charges, planned=360).difference

    assert getattr(difference, because)


def test_a_bill_with_few_people_in_it_is_not_shown():
    assert (
        bill_of(("MARKETING", "regular", 300), ("UTILITY", "regular", 3), planned=303).euros is None
    )


def test_nobody_is_found_out_by_the_sum_of_a_month():
    month = NOW.date().replace(day=1)
    row = Charge.objects.create(month=month, purpose="UTILITY", kind="regular", n=433)
    before = cost.month(month).shown

    Charge.objects.filter(pk=row.pk).update(n=432)

    assert cost.month(month).shown == before


def begun_on(day, n):
    """A broadcast of November, of which `n` messages were charged."""
    broadcast = BroadcastFactory(slug="neues", state=BroadcastState.DONE, planned=n)
    # Half an hour after midnight here is the day before in Greenwich.
    began = datetime.combine(day, time(0, 30), tzinfo=ZoneInfo("Europe/Berlin"))
    Broadcast.objects.filter(pk=broadcast.pk).update(started_at=began)
    Charge.objects.create(
        broadcast=broadcast, month=NOVEMBER, purpose="MARKETING", kind="regular", n=n
    )
    return broadcast.pk


def dearer_from(day):
    Rate.objects.create(purpose="MARKETING", valid_from=day, euros=Decimal("0.2"), source="Test")


def test_a_price_that_changes_within_the_month_counts_for_what_begins_from_then_on():
    dearer_from(date(2026, 11, 15))
    for day in (14, 15):
        begun_on(date(2026, 11, day), 100)

    assert cost.month(NOVEMBER).spent == 100 * MARKETING + 100 * Decimal("0.2")


@pytest.mark.parametrize("change", [date(2026, 11, 1), date(2026, 11, 15), date(2026, 12, 1)])
def test_a_month_costs_what_the_bills_of_its_broadcasts_say(change):
    dearer_from(change)
    begun = [begun_on(date(2026, *day), 430) for day in ((10, 31), (11, 14), (11, 15), (11, 30))]

    bills = cost.bills(Broadcast.objects.with_message().filter(pk__in=begun))

    assert cost.month(NOVEMBER).shown == sum(bill.euros for bill in bills.values())


def test_before_any_price_a_month_costs_as_little_as_its_bills():
    begun_on(date(2025, 6, 30), 430)

    assert cost.month(NOVEMBER).shown == 0


def test_answers_cost_what_the_last_day_of_their_month_says():
    dearer_from(date(2026, 11, 15))
    cost.charge({(None, "MARKETING", "regular"): 100}, at=NOW)

    assert cost.month(NOVEMBER).spent == 100 * Decimal("0.2")


def test_what_whatsapp_named_no_price_for_is_summed_apart():
    cost.charge({(None, "SERVICE", ""): 100, (None, "SERVICE", "regular"): 300}, at=NOW)

    assert cost.month(NOVEMBER).assumed == 100 * Decimal("0.0456")


def test_the_price_of_each_broadcast_takes_no_query_of_its_own(django_assert_num_queries):
    for day in range(1, 11):
        begun_on(date(2026, 11, day), 100)

    with django_assert_num_queries(3):  # the prices, the charges, the budgets
        cost.month(NOVEMBER)


def test_each_month_has_the_latest_budget():
    Budget.objects.create(valid_from=date(2026, 1, 1), warn_at=80, stop_at=100)
    Budget.objects.create(valid_from=date(2026, 11, 15), warn_at=160, stop_at=200)

    october, november = cost.months([date(2026, 10, 1), date(2026, 11, 1)])

    assert (october.budget.stop_at, november.budget.stop_at) == (100, 200)


def in_review(slug):
    MessageTemplate.objects.update(status=MessageTemplate.Status.APPROVED)
    SubscriberFactory(tier="maxi")
    Rate.objects.create(
        purpose="MARKETING", valid_from=date(2026, 1, 1), euros=Decimal("0.1"), source="Test"
    )
    Rate.objects.create(
        purpose="UTILITY", valid_from=date(2026, 1, 1), euros=Decimal("0.1"), source="Test"
    )
    broadcast = BroadcastFactory(slug=slug, state=BroadcastState.IN_REVIEW)
    return Broadcast.objects.with_message().get(pk=broadcast.pk)


@pytest.mark.parametrize(("stop_at", "is_refused"), [("0.09", True), ("0.10", False)])
def test_what_the_month_cannot_afford_is_not_sent(stop_at, is_refused):
    Budget.objects.create(valid_from=date(2026, 1, 1), warn_at=0, stop_at=Decimal(stop_at))

    problems = preflight.problems(in_review("presseschau"), now=NOW)

    assert any("udget" in problem for problem in problems) is is_refused


def test_an_urgent_notice_is_never_held_back_by_money():
    Budget.objects.create(valid_from=date(2026, 1, 1), warn_at=0, stop_at=0)

    assert preflight.problems(in_review("eilmeldung"), now=NOW) == []


def test_a_charge_belongs_to_the_month_here_not_in_greenwich():
    delivery = DeliveryFactory()

    cost.charge(
        {(delivery.broadcast_id, "utility", "regular"): 2},
        at=datetime(2026, 11, 30, 23, 30, tzinfo=UTC),
    )

    assert Charge.objects.get().month == date(2026, 12, 1)


@pytest.mark.parametrize(("warn_at", "is_told"), [("11.30", True), ("11.32", False)])
def test_somebody_is_told_when_the_warning_line_is_passed(warn_at, is_told):
    month = NOW.date().replace(day=1)
    Charge.objects.create(month=month, purpose="MARKETING", kind="regular", n=100)
    Budget.objects.create(valid_from=month, warn_at=Decimal(warn_at), stop_at=Decimal(100))

    lookout.sweep(now=NOW)

    assert Alarm.objects.filter(kind="budget", cleared_at__isnull=True).exists() is is_told


def test_a_new_month_begins_without_the_warning():
    month = NOW.date().replace(day=1)
    Charge.objects.create(month=month, purpose="MARKETING", kind="regular", n=100)
    Budget.objects.create(valid_from=month, warn_at=1, stop_at=100)
    lookout.sweep(now=NOW)

    lookout.sweep(now=datetime(2026, 12, 1, 6, tzinfo=UTC))

    assert not Alarm.objects.filter(kind="budget", cleared_at__isnull=True).exists()
