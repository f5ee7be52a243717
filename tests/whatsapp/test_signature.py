"""The signature of webhooks, and the handshake when Meta subscribes."""

import pytest

from whatsapp.signature import is_valid, sign, verify_challenge

BODY = b'{"text":"Gr\\u00fc\\u00dfe"}'
CHALLENGE = {"hub.mode": "subscribe", "hub.verify_token": "tür", "hub.challenge": "115"}


def test_the_signature_is_that_of_the_published_example():
    # RFC 4231, test case 2.
    signature = sign(b"what do ya want for nothing?", secret="Jefe")

    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signature == f"sha256={digest}"


@pytest.mark.parametrize("secrets", [["old"], ["new", "old"], ["old", "new"], ["", "old"]])
def test_any_of_our_secrets_may_have_signed(secrets):
    assert is_valid(BODY, sign(BODY, secret="old"), secrets=secrets)


def test_an_empty_body_can_be_signed():
    assert is_valid(b"", sign(b"", secret="s"), secrets=["s"])


@pytest.mark.parametrize(
    "secrets", [[], [""], ["wrong"], ["Old"], ["old "], ["wrong", "other"], ["schlüssel"]]
)
def test_no_other_secret_will_do(secrets):
    assert not is_valid(BODY, sign(BODY, secret="old"), secrets=secrets)


def test_a_forgotten_secret_signs_nothing():
    assert not is_valid(BODY, sign(BODY, secret=""), secrets=[""])


@pytest.mark.parametrize("changed", [BODY + b" ", BODY[:-1], BODY.replace(b"\\u00fc", b"\xc3\xbc")])
def test_a_body_that_differs_in_one_byte_is_not_signed(changed):
    assert not is_valid(changed, sign(BODY, secret="s"), secrets=["s"])


RIGHT = sign(BODY, secret="s")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        "sha256",
        RIGHT.removeprefix("sha256="),
        RIGHT.replace("sha256", "sha1"),
        RIGHT.upper(),
        f" {RIGHT}",
        f"{RIGHT}\n",
        f"{RIGHT},{RIGHT}",
        f"{RIGHT}0",
        RIGHT[:-1],
        RIGHT[:-1] + "é",
        "sha256=\udcff",
        "sha256=" + "０" * 64,
    ],
)
def test_an_odd_header_is_refused_and_never_an_error(header):
    assert is_valid(BODY, RIGHT, secrets=["s"])
    assert not is_valid(BODY, header, secrets=["s"])


def test_meta_gets_its_challenge_back():
    assert verify_challenge(CHALLENGE, verify_token="tür") == "115"


@pytest.mark.parametrize(
    "changes",
    [
        {"hub.mode": "unsubscribe"},
        {"hub.mode": ""},
        {"hub.verify_token": "tuer"},
        {"hub.verify_token": ""},
        {"hub.verify_token": "\udcff"},
        {"hub.challenge": ""},
    ],
)
def test_anybody_else_gets_nothing(changes):
    assert verify_challenge(CHALLENGE | changes, verify_token="tür") is None


def test_a_question_without_parameters_gets_nothing():
    assert verify_challenge({}, verify_token="tür") is None


def test_a_forgotten_verify_token_opens_no_door():
    params = CHALLENGE | {"hub.verify_token": ""}

    assert verify_challenge(params, verify_token="") is None
