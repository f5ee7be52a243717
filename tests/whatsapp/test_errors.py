"""The table of Meta's codes, written a second time from the error codes page (Meta, 2026-09)."""

import pytest

from whatsapp import errors
from whatsapp.errors import RELICS, TABLE, Verdict, is_known, meaning, verdict

EXPECTED = {
    Verdict.RETRY: [1, 2, 131000, 131016, 131053, 133004, 135000],
    Verdict.SLOW_NUMBER: [130429, 131057],
    Verdict.SLOW_RECIPIENT: [131056],
    Verdict.SLOW_ACCOUNT: [4, 613, 80007, 132069, 134101],
    Verdict.REFUSE_RECIPIENT: [
        *[130403, 130472, 130497, 131021, 131026, 131047, 131049, 131050, 131062, 137000]
    ],
    Verdict.STOP_BROADCAST: [
        *[131014, 131048, 131063, 131064, 132000, 132001, 132005, 132007, 132008, 132012],
        *[132015, 132016, 132018, 132068, 134102, 139200],
    ],
    Verdict.STOP_ACCOUNT: [
        *[0, 3, 10, 33, 102, 104, 190, *range(200, 300), 368, 2500],
        *[131005, 131030, 131031, 131035, 131036, 131037, 131042, 131045],
        *[133000, 133005, 133006, 133008, 133009, 133010, 133015, 133016],
    ],
    Verdict.OUR_MISTAKE: [
        *[100, 131008, 131009, 131051, 131055, 134100, 2388019, 2388039, 2388040, 2388047],
        *[2388072, 2388073, 2388293, 2388299, 2388318, 2388330],
    ],
    Verdict.NONE: [
        *[131020, 131041, 131044, 131052, 131059, *range(131201, 131216), 134011, 136025],
        *[*range(138000, 138019), *range(139000, 139005), *range(139100, 139104)],
        *[*range(147001, 147006), *range(200005, 200008)],
        *[2388001, 2388012, 2388091, 2388093, 2388103, 2494100, 2593107, 2593108],
    ],
}
CODES = [(code, expected) for expected, codes in EXPECTED.items() for code in codes]


@pytest.mark.parametrize(("code", "expected"), CODES)
def test_every_code_of_the_table_has_its_verdict_however_it_comes(code, expected):
    assert verdict(code) is expected
    assert verdict(code, http_status=500, transient=True) is expected
    assert verdict(code, via_webhook=True) is expected


def test_the_table_holds_no_code_that_is_not_tested():
    in_table = [code for row in TABLE for code in row.codes]

    assert sorted(in_table) == sorted(code for code, _ in CODES)


@pytest.mark.parametrize(
    ("code", "retries", "afterwards"),
    [
        (1, 2, Verdict.OUR_MISTAKE),
        (2, 5, Verdict.REFUSE_RECIPIENT),
        (131000, 3, Verdict.REFUSE_RECIPIENT),
        (131016, 5, Verdict.REFUSE_RECIPIENT),
        (131053, 1, Verdict.STOP_BROADCAST),
        (133004, 5, Verdict.REFUSE_RECIPIENT),
        (135000, 1, Verdict.STOP_BROADCAST),
    ],
)
def test_trouble_at_meta_is_tried_again_a_few_times_only(code, retries, afterwards):
    assert verdict(code, retried=retries - 1) is Verdict.RETRY
    assert verdict(code, retried=retries) is afterwards
    assert verdict(code, retried=retries + 1) is afterwards


@pytest.mark.parametrize("code", [130429, 131056, 80007])
def test_patience_with_a_limit_never_ends(code):
    assert verdict(code, retried=1000) is verdict(code)


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ("Recipient phone number not valid", Verdict.REFUSE_RECIPIENT),
        ("The recipient is wrong", Verdict.REFUSE_RECIPIENT),
        ("Parameter value is not valid", Verdict.OUR_MISTAKE),
        ("", Verdict.OUR_MISTAKE),
    ],
)
def test_an_invalid_value_concerns_one_person_if_meta_names_the_recipient(details, expected):
    assert verdict(131009, details=details) is expected


def test_only_the_code_for_invalid_values_looks_at_the_details():
    assert verdict(131008, details="recipient") is Verdict.OUR_MISTAKE


@pytest.mark.parametrize("code", [999999, 131001, 501, 1013, 131043, -1])
@pytest.mark.parametrize(
    ("arrival", "expected"),
    [
        ({"http_status": 500}, Verdict.RETRY),
        ({"http_status": 400, "transient": True}, Verdict.RETRY),
        ({"http_status": 403, "transient": True}, Verdict.RETRY),
        ({"http_status": 401}, Verdict.STOP_ACCOUNT),
        ({"http_status": 403}, Verdict.STOP_ACCOUNT),
        ({"http_status": 400}, Verdict.OUR_MISTAKE),
        ({"http_status": 429}, Verdict.OUR_MISTAKE),
        ({}, Verdict.OUR_MISTAKE),
        ({"via_webhook": True}, Verdict.REFUSE_RECIPIENT),
    ],
)
def test_of_an_unknown_code_the_way_it_came_decides(code, arrival, expected):
    assert not is_known(code)
    assert verdict(code, **arrival) is expected


def test_relics_are_not_in_the_table():
    assert not any(is_known(code) for code in RELICS)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (131056, "too many messages to this person in a short time"),
        (131043, "no longer documented"),
        (999999, "unknown"),
    ],
)
def test_a_code_can_be_said_in_words(code, words):
    assert meaning(code) == words


@pytest.mark.parametrize(
    ("exception", "words"),
    [
        (errors.NotSent("tls"), "tls"),
        (errors.NoAnswer("timeout"), "timeout"),
        (errors.TryLater(4), "4: the app calls too often"),
        (errors.Refused(100, "+4915100000001 is wrong"), "100: wrong or unknown parameter"),
        (errors.StopAccount(190), "190: the access token is invalid or has expired"),
    ],
)
def test_an_exception_says_what_happened_and_nothing_about_anybody(exception, words):
    assert str(exception) == words
    assert "+49" not in repr(exception)
    assert isinstance(exception, errors.WhatsAppError)


def test_a_refusal_keeps_the_words_of_meta_for_whoever_asked():
    assert errors.Refused(100, "Too long.").details == "Too long."
    assert errors.Refused(100).details == ""
