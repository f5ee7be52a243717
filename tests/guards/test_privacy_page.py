"""docs/privacy.md answers every requirement, and names no test that does not exist."""

import re

import pytest

from tests.guards.source import ROOT

PAGE = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| R\d\d ", line)]
QUOTED = re.compile(r"`((?:tests/[\w/]+\.py)?(?:::\w+)?)`")


def named_tests():
    """Every file or test that the page names; `::name` belongs to the file before it."""
    path = ""
    for quoted in filter(None, QUOTED.findall(PAGE)):
        file, _, name = quoted.partition("::")
        path = file or path
        yield path, name


@pytest.mark.parametrize("number", range(1, 46))
def test_every_requirement_has_one_row(number):
    assert sum(row.startswith(f"| R{number:02} ") for row in ROWS) == 1


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:5])
def test_every_row_names_a_test_or_says_in_a_sentence_why_there_is_none(row):
    _, _requirement, answer, test, _ = re.split(r"(?<!\\)\|", row)

    assert "`tests/" in test or (test.strip() == "–" and answer.strip().endswith("."))


@pytest.mark.parametrize(("path", "name"), sorted(set(named_tests())))
def test_every_named_test_exists(path, name):
    assert f"def {name}" in (ROOT / path).read_text(encoding="utf-8")
