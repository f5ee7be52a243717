"""What redaction finds in the corpus: measured, printed, and held against docs/privacy.md."""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.redaction import CUT, redact

HERE = Path(__file__).parent
SECRET = re.compile(r"\{([pmiknux]):([^}]*)\}")
NAMES = "x"
KINDS = {"p": "phone", "m": "mail", "i": "IBAN", "k": "plate", "n": "number", "u": "link"}
KINDS |= {NAMES: "name"}


def lines(name):
    text = (HERE / name).read_text(encoding="utf-8")
    return [line.replace("\\n", "\n") for line in text.splitlines() if not line.startswith("#")]


LETTERS = lines("letters.txt")


def survives(kind, secret, text):
    """Whether anything of a secret is still to be read."""
    if kind == NAMES:
        words = re.findall(r"[^\W\d_]{3,}", secret)
        return any(re.search(rf"\b{re.escape(word)}\b", text) for word in words)
    pieces = re.findall(r"\d{3,}", secret) or [secret]
    return any(piece in text for piece in pieces)


def measure():
    total, found, missed = Counter(), Counter(), []
    for letter in LETTERS:
        shown = redact(SECRET.sub(r"\2", letter)).text
        for kind, secret in SECRET.findall(letter):
            total[kind] += 1
            if survives(kind, secret, shown):
                missed.append((KINDS[kind], secret, shown))
            else:
                found[kind] += 1
    return {KINDS[kind]: 100 * found[kind] / total[kind] for kind in total}, missed, total


def test_the_corpus_is_large_enough():
    _recall, _missed, total = measure()

    assert len(LETTERS) >= 300
    assert min(total.values()) >= 10


def test_enough_is_found_of_every_kind():
    recall, missed, _total = measure()
    report = [f"{kind:8} {percent:5.1f} % found" for kind, percent in sorted(recall.items())]
    report += [f"missed {kind}: {shown!r}" for kind, _secret, shown in missed]
    sys.stdout.write("\n".join(["", *report, ""]))  # shown by -s, and when it is not enough

    assert all(percent >= 95 for kind, percent in recall.items() if kind != "name")
    assert recall["name"] >= 80


@pytest.mark.parametrize("letter", lines("harmless_letters.txt"))
def test_nothing_is_cut_out_of_a_harmless_letter(letter):
    assert redact(letter).text == letter
    assert not redact(letter).is_shortened


def test_whoever_reads_sees_that_something_is_missing():
    redacted = redact("Bitte um Rückruf: 0171 2345678")

    assert redacted.text == f"Bitte um Rückruf: {CUT}"
    assert redacted.is_shortened


def test_an_emoji_stays_whole():
    assert redact("👩‍🔧 👍🏽").text == "👩‍🔧 👍🏽"


def test_a_mark_that_somebody_types_is_not_taken_for_ours():
    assert not redact(f"Was ist {CUT}?").is_shortened


@given(st.text(max_size=60), st.integers(10**9, 10**11), st.text(max_size=60))
def test_no_number_of_a_phone_survives_any_surroundings(before, number, after):
    text = redact(f"{before} 0{number} {after}").text

    assert f"0{number}" not in text
