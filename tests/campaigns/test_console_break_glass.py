"""Opening who somebody is: two holders, a reason, a ledger, and a mail before anything shows."""

import io
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from campaigns import connections
from subscribers import consent, erasure, sealed_box
from subscribers.models import ConsentEvent, SealedProof
from tests.campaigns.console import facts, refused
from tests.factories import SubscriberFactory
from tests.subscribers.people import act

pytestmark = pytest.mark.django_db(databases="__all__")

PHONE = "+4915198765432"
HOLDERS = ("--holder", "Anna", "--holder", "Bert")


@pytest.fixture
def shares(settings):
    """Three envelopes."""
    settings.PROOF_PUBLIC_KEY, shares = sealed_box.draw()
    connections.forget()
    return [str(share) for share in shares]


@pytest.fixture
def receipt(shares):
    """The receipt code of somebody who agreed."""
    person = SubscriberFactory(phone=PHONE)
    events = ConsentEvent.objects.filter(subscriber=person, kind="given")
    return events.values_list("receipt_code", flat=True).get()


@pytest.fixture
def typed(monkeypatch):
    """What the holders type, one line each."""

    def type_in(*lines):
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return type_in


def ask(receipt, **changes):
    options = {"reason": "court-order", "case": "12 Js 345/26", "by": "Carla"} | changes
    given = [part for name, value in options.items() for part in (f"--{name}", value)]
    return facts("break-glass", "ask", receipt, *given)["id"]


def kinds():
    return set(ConsentEvent.objects.values_list("kind", flat=True))


def test_two_holders_open_who_it_is(receipt, shares, typed):
    asked = ask(receipt)
    typed(shares[0], shares[2])

    assert facts("break-glass", "open", asked, *HOLDERS) == {"phone": PHONE}


def test_both_steps_stand_in_the_ledger_of_that_record_without_who_it_is(receipt, shares, typed):
    asked = ask(receipt)
    typed(*shares[:2])
    facts("break-glass", "open", asked, *HOLDERS)

    events = ConsentEvent.objects.filter(kind__startswith="break_glass").order_by("pk")
    assert [event.kind for event in events] == ["break_glass_asked", "break_glass_opened"]
    assert events[1].details["holders"] == ["Anna", "Bert"]
    assert PHONE[1:] not in str([event.details for event in events])


def test_the_data_protection_officer_is_told_of_both_steps_and_not_who_it_is(
    receipt, shares, typed, settings
):
    asked = ask(receipt)
    typed(*shares[:2])
    facts("break-glass", "open", asked, *HOLDERS)

    assert [letter.to for letter in mail.outbox] == [[settings.ORGANISATION["dpo"]]] * 2
    assert "12 Js 345/26" in mail.outbox[1].body
    assert PHONE[1:] not in mail.outbox[1].body


def test_without_the_mail_nothing_is_opened(receipt, shares, typed, monkeypatch):
    asked = ask(receipt)
    typed(*shares[:2])
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", _no_route)

    refused("break-glass", "open", asked, *HOLDERS, because="cannot be told")

    assert "break_glass_opened" not in kinds()


def _no_route(*_):
    raise OSError("no route to host")


@pytest.mark.parametrize("lines", [(0, 0), (0, None)], ids=["one share twice", "a stranger's"])
def test_one_holder_alone_opens_nothing_and_the_attempt_is_written_down(
    receipt, shares, typed, lines
):
    foreign = str(sealed_box.draw()[1][1])
    asked = ask(receipt)
    typed(*(foreign if line is None else shares[line] for line in lines))

    refused("break-glass", "open", asked, *HOLDERS, because="shares")

    assert "break_glass_refused" in kinds()
    assert "break_glass_opened" not in kinds()


@pytest.mark.parametrize("holders", [("Anna",), ("Anna", "Anna"), ("Anna", "Carla")])
def test_it_takes_two_holders_besides_who_asked(receipt, shares, typed, holders):
    asked = ask(receipt)
    typed(*shares)

    options = [part for name in holders for part in ("--holder", name)]
    refused("break-glass", "open", asked, *options, because="two different holders")


def test_it_can_be_opened_once(receipt, shares, typed):
    asked = ask(receipt)
    typed(*shares[:2])
    facts("break-glass", "open", asked, *HOLDERS)
    typed(*shares[:2])

    refused("break-glass", "open", asked, *HOLDERS, because="opened before")


def test_after_four_hours_somebody_has_to_ask_again(receipt, shares, typed, monkeypatch):
    asked = ask(receipt)
    typed(*shares[:2])
    later = timezone.now() + timedelta(hours=4, minutes=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)

    refused("break-glass", "open", asked, *HOLDERS, because="too long ago")


def test_whoever_left_nothing_behind_cannot_be_opened(receipt):
    SealedProof.objects.all().delete()

    with pytest.raises(Exception, match="Nothing is kept"):
        ask(receipt)


def test_whoever_has_left_can_still_be_named_to_a_court(receipt, shares, typed):
    event = ConsentEvent.objects.get(receipt_code=receipt)
    consent.withdraw(event.subscriber_id, act=act(minutes=10), now=event.recorded_at)
    erasure.erase(event.subscriber_id, now=event.recorded_at)
    asked = ask(receipt)
    typed(*shares[1:])

    assert facts("break-glass", "open", asked, *HOLDERS) == {"phone": PHONE}


@pytest.mark.parametrize(
    ("changes", "because"),
    [({"case": "x"}, "case number"), ({"case": "+49151; drop"}, "case number")],
)
def test_a_case_number_is_needed(receipt, changes, because):
    with pytest.raises(Exception, match=because):
        ask(receipt, **changes)


def test_curiosity_is_no_reason(receipt):
    with pytest.raises(Exception, match="invalid choice"):
        call_command("break-glass", "ask", receipt, "--reason=curiosity", "--case=1", "--by=Carla")


@pytest.mark.parametrize("code", ["O1O1-O1O1", "2345-6789"])
def test_a_code_that_nobody_has_finds_nobody(shares, code):
    with pytest.raises(Exception, match="receipt code"):
        ask(code)
