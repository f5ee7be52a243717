"""Every variable that the settings read is explained in .env.example, and no other."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SETTINGS = (PROJECT / "swe_broadcast" / "settings.py").read_text(encoding="utf-8")
EXAMPLE = (PROJECT / ".env.example").read_text(encoding="utf-8")
READ = sorted(set(re.findall(r'\b(?:env\.\w+|env|secret)\(\s*"([A-Z_]+)"', SETTINGS)))


def test_the_example_names_exactly_what_the_settings_read():
    assert sorted(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, flags=re.MULTILINE)) == READ


def test_the_example_changes_nothing_as_it_is():
    lines = [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")]

    assert lines == []
