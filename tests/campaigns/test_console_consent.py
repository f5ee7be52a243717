"""`manage.py consent`: what a data-protection officer or a script asks the ledger."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from campaigns import connections
from campaigns.models import Reply
from subscribers import consent
from subscribers.models import AccessEvent, ConsentEvent, Subscriber
from tests.campaigns.console import facts, refused, words
from tests.factories import NOW, SubscriberFactory
from verifier.verify_ledger import main

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def subscriber():
    person = SubscriberFactory()
    connection.check_constraints()
    return person


@pytest.fixture
def bundle(tmp_path, subscriber):
    path = tmp_path / "ledger.jsonl"
    words("consent", "export", "--output", path)
    return path


def fails(*arguments):
    """Run a verification that must fail; return what it printed before."""
    printed = io.StringIO()
    with pytest.raises(CommandError, match="The ledger does not verify"):
        call_command(*map(str, arguments), stdout=printed)
    return printed.getvalue()


def test_an_untouched_ledger_verifies(subscriber):
    assert facts("consent", "verify") == {
        "ok": True,
        "events": 3,
        "erased": 0,
        "checkpoints": 0,
        "findings": [],
    }


def test_a_wrong_subscription_is_said_in_words_and_by_the_exit_code(subscriber):
    Subscriber.objects.update(tier="maxi")

    assert "subscriptions that are not what their events say: 1." in fails("consent", "verify")


def test_an_edited_event_is_said_in_the_words_of_the_verifier(subscriber):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL swe_broadcast.ledger_maintenance = 'on'")
        cursor.execute("UPDATE subscribers_consentevent SET act = 'button' WHERE kind = 'given'")

    printed = json.loads(fails("consent", "verify", "--json"))

    assert printed["findings"] == ["Event 2: the content does not fit its seal, it was changed."]


def test_an_exported_bundle_verifies_here_and_at_an_auditors_desk(bundle, tmp_path):
    anchor = tmp_path / "anchor.txt"
    anchor.write_text(json.loads(bundle.read_text().splitlines()[1])["checkpoint"])
    key = facts("consent", "key")["key"]

    said = words("consent", "verify", "--bundle", bundle)

    assert "RESULT: UNCHANGED." in said
    assert main([str(bundle), "--key", key, "--anchor", str(anchor)], say=str) == 0


def test_an_edited_bundle_does_not_verify(bundle):
    bundle.write_text(bundle.read_text().replace('"tier":"mini"', '"tier":"maxi"'))

    assert "RESULT: CHANGED." in fails("consent", "verify", "--bundle", bundle)


def test_a_bundle_that_was_cut_is_betrayed_by_a_mail(bundle, tmp_path, subscriber):
    consent.withdraw(subscriber.pk, act=consent.Act(by="word", at=NOW), now=NOW)
    connection.check_constraints()
    newer = tmp_path / "newer.jsonl"
    words("consent", "export", "--output", newer)
    mail = tmp_path / "mail.txt"
    mail.write_text(json.loads(newer.read_text().splitlines()[2])["checkpoint"])

    said = fails("consent", "verify", "--bundle", bundle, "--anchor", mail)

    assert "The end is missing, or the bundle is older than an anchor." in said


def test_a_bundle_that_is_none_is_refused(tmp_path):
    path = tmp_path / "bundle"

    refused("consent", "verify", "--bundle", path, because=f"{path} is not readable.")


@pytest.mark.parametrize(("file_format", "entries"), [("bundle", 3), ("jsonld", 1), ("csv", 3)])
def test_every_format_says_how_much_it_wrote(file_format, entries, tmp_path, subscriber):
    path = tmp_path / "export"

    said = facts("consent", "export", "--format", file_format, "--output", path)

    assert said == {"file": str(path), "format": file_format, "entries": entries}
    assert path.stat().st_size > 0


def test_a_folder_that_does_not_exist_is_said_so(tmp_path, subscriber):
    path = tmp_path / "nowhere" / "file"

    refused("consent", "export", "--output", path, because=f"{path} cannot be written")


def test_a_receipt_is_printed_as_it_may_be_handed_out(subscriber):
    code = ConsentEvent.objects.get(kind="given").receipt_code

    said = words("consent", "receipt", code.lower().replace("-", " "))

    assert code in said
    assert "SHA-256" in said


def test_a_receipt_that_does_not_exist_is_said_so():
    refused("consent", "receipt", "7KQF-M2XR", because="There is no receipt “7KQF-M2XR”.")


def held_receipt():
    return ConsentEvent.objects.get(kind="given").receipt_code


def by_letter(verb, *, reason="Brief vom 3. Mai"):
    return facts("consent", verb, held_receipt(), "--reason", reason)


@pytest.mark.parametrize(
    ("verb", "kind", "state"),
    [("withdraw", "withdrawn", "withdrawn"), ("erase", "erasure_requested", "erasing")],
)
def test_who_writes_a_letter_is_let_go_by_the_receipt_code(subscriber, verb, kind, state):
    said = by_letter(verb)

    subscriber.refresh_from_db()
    event = ConsentEvent.objects.get(receipt_code=said["receipt"])
    assert (said["event"], event.kind, event.act) == (kind, kind, "letter")
    assert subscriber.state == state
    connection.check_constraints()
    assert facts("consent", "verify")["ok"]


def test_the_reason_of_a_letter_stands_in_the_access_log(subscriber):
    by_letter("withdraw")

    noted = AccessEvent.objects.get()
    assert (noted.user, noted.role, noted.what) == (None, "console", "record")
    assert noted.reason == "Brief vom 3. Mai"


@pytest.mark.parametrize(("verb", "purpose"), [("withdraw", "withdrawn"), ("erase", "erased")])
def test_whoever_is_let_go_by_letter_is_told_in_the_chat(subscriber, verb, purpose):
    said = by_letter(verb)

    reply = Reply.objects.get()
    assert (reply.purpose, reply.template) == (purpose, None)
    assert said["receipt"] in reply.text


@pytest.mark.usefixtures("approved_templates")
def test_whoever_has_not_written_for_long_is_told_by_a_template(subscriber):
    by_letter("withdraw")

    reply = Reply.objects.select_related("template").get()
    assert (reply.template.name, list(reply.values)) == ("abo_beendet", ["datum"])


@pytest.mark.parametrize("verb", ["withdraw", "erase"])
def test_a_letter_of_somebody_who_is_gone_ends_nothing(subscriber, verb):
    code = held_receipt()
    Subscriber.objects.all().delete()

    refused("consent", verb, code, "--reason", "Brief", because="has left already")
    assert AccessEvent.objects.get().reason == "Brief"


def test_a_second_letter_ends_nothing_twice(subscriber):
    by_letter("withdraw")

    refused("consent", "withdraw", held_receipt(), "--reason", "x", because="has left already")


def test_whoever_left_by_letter_can_still_be_erased_by_letter(subscriber):
    by_letter("withdraw")

    assert by_letter("erase")["event"] == "erasure_requested"


def test_a_letter_without_a_reason_is_not_acted_upon(subscriber):
    refused("consent", "withdraw", held_receipt(), "--reason", " ", because="for what reason")


def test_the_public_key_carries_the_name_of_the_ledger(settings):
    settings.LEDGER_ORIGIN = "desk.example/ledger"
    connections.forget()

    assert facts("consent", "key")["key"].startswith("desk.example/ledger+")
