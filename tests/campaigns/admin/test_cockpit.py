"""The page of the data-protection officer, and the two documents that are generated from it."""

import typing
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from campaigns import connections, housekeeping
from campaigns.admin import keeping, works_council
from campaigns.admin.pages import moment
from subscribers import checkpoints, environment, verification
from subscribers.models import AccessEvent, LedgerCheck, Processor
from tests.factories import NOW, SubscriberFactory
from tests.subscribers.admin import reasons
from whatsapp import events

pytestmark = pytest.mark.django_db(databases="__all__")

PAGE = reverse("admin:subscribers_ledgercheck_changelist")
COUNCIL = reverse("admin:subscribers_ledgercheck_works_council")
PROCESSING = reverse("admin:subscribers_ledgercheck_processing")
PHONE = "+4915112345678"


@pytest.fixture
def dpo(sign_in):
    return sign_in("Datenschutz")


def text(answer):
    return answer.content.decode()


def verified(*, findings=()):
    LedgerCheck.objects.create(
        checked_at=NOW, size=5, erased=0, checkpoints=1, findings=list(findings)
    )


def test_before_the_first_night_the_page_says_so(dpo):
    assert "has not been verified yet" in text(dpo.get(PAGE))


def test_an_intact_ledger_is_green_and_says_when_it_was_verified(dpo):
    verified()

    answer = dpo.get(PAGE)

    assert answer.context["mood"] == "good"
    assert "5 events verified" in text(answer)


def test_a_finding_is_red(dpo):
    verified(findings=[{"what": "state", "where": 1}])

    answer = dpo.get(PAGE)

    assert answer.context["mood"] == "trouble"
    assert "found 1 contradiction" in text(answer)


def test_the_page_counts_exactly_who_subscribed_on_a_day(dpo, audience):
    today = dpo.get(PAGE, {"on": "2026-11-23"})
    before = dpo.get(PAGE, {"on": "2026-11-01"})

    assert (today.context["total"], before.context["total"]) == (2, 0)


def test_nothing_on_the_page_tells_who_anybody_is(dpo):
    subscriber = SubscriberFactory(phone=PHONE)

    page = text(dpo.get(PAGE))

    assert PHONE[1:] not in page
    assert str(subscriber.pk) not in page


def test_the_ledger_can_be_taken_along_and_that_is_logged(dpo):
    address = reverse("admin:subscribers_ledgercheck_bundle")
    answer = reasons.look(dpo, address, about="export ledger")

    assert text(answer).startswith('{"bundle":"consent-ledger"')
    assert AccessEvent.objects.get(what="export").user == dpo.user


def test_the_verifier_can_be_taken_along_too(dpo):
    answer = dpo.get(reverse("admin:subscribers_ledgercheck_verifier"))

    assert "verify_ledger.py" in answer["Content-Disposition"]
    assert "def check_bundle" in text(answer)


def test_a_checkpoint_that_did_not_arrive_is_named(dpo, tmp_path):
    SubscriberFactory()
    checkpoints.take(signer=connections.ledger_signer(), now=NOW)
    checkpoints.anchor([checkpoints.Folder("folder", tmp_path)], now=NOW)
    verification.verify(keys=connections.ledger_keys(), now=NOW)

    assert "Anchor: folder" in text(dpo.get(PAGE))


# --- the works council ------------------------------------------------------------------------


def test_every_kind_of_news_has_been_judged():
    kinds = {*typing.get_args(events.Event), *typing.get_args(events.Content)}
    elsewhere = {events.InboundMessage, events.StatusUpdate}  # its contents, its words

    judged = works_council.FATES.keys() | set(works_council.ABOUT_NOBODY)

    assert judged == kinds - elsewhere


def test_every_assurance_holds():
    broken = [words for words, holds in works_council.assurances() if not holds]

    assert broken == []


def test_an_assurance_that_is_broken_is_seen(monkeypatch):
    monkeypatch.setattr(works_council, "ABOUT_ONE_PERSON", (Processor,))

    broken = [words for words, holds in works_council.assurances() if not holds]

    assert len(broken) == 1


def test_the_works_council_reads_the_hours_in_force(dpo, settings):
    settings.QUIET_HOURS = "mon-thu 06:30-16:45"
    connections.forget()

    page = text(dpo.get(COUNCIL))

    assert "from 06:30 to 16:45" in page
    assert "DOES NOT HOLD" not in page


def test_the_works_council_reads_who_changed_something_last(dpo, it):
    it.post(reverse("admin:campaigns_channel_stop"))

    assert it.user.get_username() in text(dpo.get(COUNCIL))


def test_the_works_council_reads_who_switched_replies_and_how_the_switch_stands(dpo, it):
    before = text(dpo.get(COUNCIL))
    it.post(reverse("admin:subscribers_letterbox_changelist"), {"keep": "no"})

    page = text(dpo.get(COUNCIL))

    assert "kept under an alias for 90 days at most, read by the editors" in before
    assert "discarded, nothing of them is stored" in page
    assert it.user.get_username() in page
    assert "replies are discarded" in page


def test_the_works_council_reads_who_asked_for_the_join_code(dpo, it):
    it.post(reverse("admin:subscribers_joincode_do", args=["require"]))

    page = text(dpo.get(COUNCIL))

    assert "asked for, the same for everybody" in page
    assert it.user.get_username() in page


def test_the_works_council_reads_since_when_the_hours_count_and_what_changed(dpo):
    environment.note({"QUIET_HOURS": "mon-fri 06:00-20:00"}, now=NOW - timedelta(days=9))
    environment.note({"QUIET_HOURS": "mon-fri 07:00-18:00"}, now=NOW)

    page = text(dpo.get(COUNCIL))

    assert "set by IT on the server (QUIET_HOURS)" in page
    with translation.override("en"):
        assert f"first seen like this on {moment(NOW)}" in page
    assert page.index("QUIET_HOURS = mon-fri 07:00-18:00") < page.index(
        "QUIET_HOURS = mon-fri 06:00-20:00"
    )


# --- the record of processing -----------------------------------------------------------------


def test_the_record_of_processing_is_german_and_names_controller_and_recipients(dpo, settings):
    page = text(dpo.get(PROCESSING))

    assert settings.ORGANISATION["name"] in page
    assert "WhatsApp Ireland Limited" in page
    assert "Verantwortlich" in page


def test_a_contract_that_is_over_is_no_recipient_any_more(dpo):
    Processor.objects.update(ended_on="2026-01-01")

    assert "WhatsApp Ireland Limited" not in text(dpo.get(PROCESSING))


@pytest.mark.parametrize("address", [COUNCIL, PROCESSING])
def test_a_document_comes_as_a_pdf(dpo, address):
    answer = dpo.get(address, {"format": "pdf"})

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_every_class_of_data_has_a_german_name_and_a_german_reason():
    rules = housekeeping.rules(keeps_proof=False)

    with translation.override("de"):
        said = [(rule, keeping.described(rule)) for rule in rules]

    assert [rule.name for rule, words in said if words[0] == rule.name] == []
    assert {rule.why for rule, words in said if words[2] == rule.why} <= {
        "Art. 7(1), 17(3)(e) GDPR; §§ 195, 199 BGB"
    }
