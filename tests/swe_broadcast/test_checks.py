"""Mistakes in the settings are found when the desk starts."""

import base64

import pytest

from campaigns import connections
from subscribers.checkpoints import Folder, Mailbox
from swe_broadcast.checks import (
    alarms_can_be_signed,
    hold_is_sensible,
    ledger_is_anchored,
    ledger_key_fits,
)

SECRET = base64.b64encode(b"k" * 32).decode()


def ids(problems):
    return [problem.id for problem in problems]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"LEDGER_SIGNING_KEY": "short"}, ["swe.E005"]),
        ({"LEDGER_ORIGIN": "two words"}, ["swe.E005"]),
        ({"LEDGER_PUBLIC_KEYS": ["no key"]}, ["swe.E006"]),
        ({"LEDGER_SIGNING_KEY": "", "LEDGER_SIGNING_KEY_FILE": "/not/ours"}, []),
    ],
)
def test_a_malformed_key_of_the_ledger_is_refused(settings, change, found):
    for name, value in change.items():
        setattr(settings, name, value)
    connections.forget()

    assert ids(ledger_key_fits()) == found


@pytest.mark.parametrize(
    ("production", "mailboxes", "found"),
    [(True, 1, ["swe.W002"]), (True, 2, []), (False, 0, [])],
)
def test_production_is_told_to_anchor_its_ledger_at_two_people(
    settings, production, mailboxes, found
):
    settings.PRODUCTION = production
    settings.LEDGER_ANCHOR_EMAILS = ["somebody@example.org"] * mailboxes

    assert ids(ledger_is_anchored()) == found


def test_the_signing_key_may_lie_in_a_file(settings, tmp_path):
    key = tmp_path / "key"
    key.write_text(SECRET + "\n")
    settings.LEDGER_SIGNING_KEY_FILE = str(key)
    settings.LEDGER_ORIGIN = "desk/ledger"
    connections.forget()

    assert connections.ledger_signer().public_key.startswith("desk/ledger+")


def test_a_former_key_still_counts(settings):
    former = connections.ledger_signer().public_key
    settings.LEDGER_SIGNING_KEY, settings.LEDGER_PUBLIC_KEYS = SECRET, [former]
    connections.forget()

    assert len(connections.ledger_keys()) == 2


def test_checkpoints_go_to_the_mailboxes_and_the_folder_that_are_named(settings, tmp_path):
    settings.LEDGER_ANCHOR_EMAILS = ["dpo@example.org"]
    settings.LEDGER_ANCHOR_DIR = str(tmp_path)
    connections.forget()

    assert connections.anchor_places() == (
        Mailbox("mail 1", "dpo@example.org"),
        Folder("folder", tmp_path),
    )


@pytest.mark.parametrize(
    ("url", "secret", "found"),
    [
        ("", "", []),
        ("https://duty.example", "", ["swe.E007"]),
        ("https://duty.example", "whsec_no base64", ["swe.E007"]),
        ("https://duty.example", "whsec_c2hvcnQ=", ["swe.E007"]),
        ("https://duty.example", f"whsec_{SECRET}", []),
    ],
)
def test_a_webhook_for_alarms_without_a_secret_is_refused(settings, url, secret, found):
    settings.ALERT_WEBHOOK, settings.ALERT_WEBHOOK_SECRET = url, secret

    assert ids(alarms_can_be_signed()) == found


@pytest.mark.parametrize(("seconds", "found"), [(-1, ["swe.E008"]), (0, []), (3601, ["swe.E008"])])
def test_a_hold_time_is_no_longer_than_an_hour(settings, seconds, found):
    settings.HOLD_SECONDS = seconds

    assert ids(hold_is_sensible()) == found
