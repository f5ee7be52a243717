"""A glance may be wrong in one direction only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.whatsapp.events.examples import change, message, of_messages, status, webhook
from tests.whatsapp.examples import USER_ID
from whatsapp.events import may_speak, parse

SAYS_STOP = of_messages(messages=[message(type="text", text={"body": "STOP"})])
PREFERS = {"user_preferences": [{"user_id": USER_ID, "value": "stop", "timestamp": 1764000060}]}
BLANKS = st.text(" \t\r\n", max_size=3)


@st.composite
def spellings(draw, word):
    """The same string of JSON, some of its characters escaped."""
    escaped = [f"\\u{ord(letter):04x}" for letter in word]
    return "".join(
        draw(st.sampled_from([letter, code, code.replace(code[2:], code[2:].upper())]))
        for letter, code in zip(word, escaped, strict=True)
    )


@given(
    value=st.sampled_from([("messages", SAYS_STOP), ("user_preferences", PREFERS)]),
    data=st.data(),
)
def test_who_speaks_is_noticed_however_the_bytes_are_spelled(value, data):
    field, said = value
    raw = webhook(change(said, field=field)).decode()
    key = f'"{data.draw(spellings(field))}"{data.draw(BLANKS)}:'
    raw = data.draw(st.sampled_from(["", "\ufeff"])) + raw.replace(f'"{field}":', key)

    assert len(parse(raw.encode()).events) == 1
    assert may_speak(raw.encode())


@pytest.mark.parametrize("number", [1, 50])
def test_a_body_of_statuses_is_silent(number):
    raw = webhook(change(of_messages(statuses=[status()] * number)))

    assert not may_speak(raw)


def test_people_who_speak_beside_statuses_are_noticed():
    raw = webhook(change(of_messages(statuses=[status()])), change(SAYS_STOP))

    assert may_speak(raw)


@given(st.binary(max_size=200))
def test_any_bytes_may_be_looked_at(raw):
    assert may_speak(raw) in {True, False}
