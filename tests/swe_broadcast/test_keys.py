"""Where secrets come from, and which of them protect nothing."""

import base64
import os
import stat

import pytest
from django.core.checks import run_checks

from subscribers.vault import fingerprint
from swe_broadcast.credentials import Credentials
from swe_broadcast.key_checks import KeySetup, weaknesses

GOOD, OTHER, THIRD = (os.urandom(32) for _ in range(3))
MAIN = {"HOST": "db", "PORT": 5432, "NAME": "desk"}


@pytest.fixture
def file(tmp_path):
    """A file with a secret, for its owner's eyes."""
    path = tmp_path / "vault_keys"
    path.write_text("from a file\n")
    path.chmod(0o400)
    return path


def setup(**changes):
    """A good set-up in production, and what a test makes of it."""
    facts = {
        "keys": {"VAULT_KEYS": [GOOD], "INDEX_KEY": [OTHER], "MESSAGE_ID_KEY": [THIRD]},
        "key_ids": ["2026"],
        "files": {},
        "databases": {"default": MAIN, "keys": MAIN | {"NAME": "desk_keys"}},
        "has_proof_key": True,
        "proof_mode": "sealed",
        "is_production": True,
    }
    return KeySetup(**facts | changes)


def test_a_secret_comes_from_the_environment():
    assert Credentials({"INDEX_KEY": "x"}).get("INDEX_KEY") == "x"


def test_a_secret_that_is_nowhere_is_empty():
    assert Credentials({}).get("INDEX_KEY") == ""


def test_a_file_wins_over_the_environment(file):
    secrets = Credentials({"VAULT_KEYS": "x", "VAULT_KEYS_FILE": str(file)})

    assert secrets.get("VAULT_KEYS") == "from a file"
    assert secrets.files == {"VAULT_KEYS": file}


def test_a_credential_of_systemd_wins_over_both(file, tmp_path):
    other = tmp_path / "other"
    other.write_text("from another file")
    environment = {"VAULT_KEYS_FILE": str(other), "CREDENTIALS_DIRECTORY": str(file.parent)}

    assert Credentials(environment).get("VAULT_KEYS") == "from a file"


def test_a_file_that_is_not_there_is_no_empty_secret(tmp_path):
    with pytest.raises(FileNotFoundError):
        Credentials({"INDEX_KEY_FILE": str(tmp_path / "none")}).get("INDEX_KEY")


def test_this_installation_has_no_weakness():
    assert [one for one in run_checks(tags=["security"]) if one.id == "swe.E005"] == []


def test_a_good_set_up_passes():
    assert list(weaknesses(setup())) == []


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"keys": {"A": [GOOD], "B": [OTHER, GOOD]}}, "A and B"),
        ({"keys": {"A": [b"k" * 32]}}, "no random number"),
        ({"keys": {"A": [bytes(range(32))]}}, "no random number"),
        ({"keys": {"A": [b"Das Passwort der Stadtwerke 2026"]}}, "no random number"),
        ({"key_ids": ["2026", "local"]}, "a demo has drawn"),
        ({"databases": {"default": MAIN, "keys": MAIN}}, "main database"),
        ({"has_proof_key": False}, "PROOF_PUBLIC_KEY"),
        ({"proof_mode": "open"}, "PROOF_MODE"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_a_weak_set_up_is_refused(changes, because):
    (words,) = weaknesses(setup(**changes))

    assert because in words


def test_a_file_that_everybody_may_read_is_refused(file):
    file.chmod(0o444)

    (words,) = weaknesses(setup(files={"VAULT_KEYS": file}))

    assert "VAULT_KEYS" in words
    assert stat.S_IMODE(file.stat().st_mode) == 0o444


def test_no_weakness_quotes_a_key():
    weak = setup(keys={"A": [b"k" * 32], "B": [b"k" * 32]})

    words = " ".join(weaknesses(weak))

    assert base64.b64encode(b"k" * 32).decode() not in words
    assert fingerprint(b"k" * 32) not in words


@pytest.mark.parametrize(
    "changes",
    [
        {"key_ids": ["local"]},
        {"databases": {"default": MAIN, "keys": MAIN}},
        {"has_proof_key": False},
        {"has_proof_key": False, "proof_mode": "none", "is_production": True},
    ],
)
def test_a_demo_may_do_what_production_may_not(changes):
    assert list(weaknesses(setup(**{"is_production": False} | changes))) == []
