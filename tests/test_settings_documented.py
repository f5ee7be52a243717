"""Every variable that the settings read is explained in .env.example, and no other."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SETTINGS = (PROJECT / "swe_broadcast" / "settings.py").read_text(encoding="utf-8")
COMPOSE = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
EXAMPLE = (PROJECT / ".env.example").read_text(encoding="utf-8")
READ = sorted(set(re.findall(r'\b(?:env\.\w+|env|secret)\(\s*"([A-Z_]+)"', SETTINGS)))

# In a container these are what they are, and a secret comes from the environment.
NOT_HANDED_ON = {
    "ENV_FILE",
    "DATA_DIR",
    "PORT",
    "SIMULATOR_PORT",
    "DEBUG",
    "FAILPOINT",
    "SPOOL_DIR",
    "VAULT_KEYS_FILE",
    "LEDGER_SIGNING_KEY_FILE",
    "JOURNAL_DIR",
}


def test_the_containers_are_handed_every_setting():
    handed_on = re.findall(r"^    - ([A-Z_]+)$", COMPOSE, flags=re.MULTILINE)

    assert sorted(handed_on) == sorted(set(READ) - NOT_HANDED_ON)


def test_the_example_names_exactly_what_the_settings_read():
    assert sorted(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, flags=re.MULTILINE)) == READ


def test_the_example_changes_nothing_as_it_is():
    lines = [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")]

    assert lines == []


def test_without_a_mail_server_mails_lie_in_the_data_folder(settings):
    assert f"{settings.DATA_DIR}/mail" == settings.EMAIL_FILE_PATH
