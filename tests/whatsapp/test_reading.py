"""Reading what Meta sends: one odd field never spoils the fields around it."""

from datetime import UTC, datetime

import pytest

from whatsapp import reading
from whatsapp.reading import UNLIMITED, Unreadable


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"{} {}", "not_json"),
        (b"{'a': 1}", "not_json"),
        (b'{"a": NaN}', "not_json"),
        (b'{"a": -Infinity}', "not_json"),
        (b'"text"', "not_an_object"),
        (b"[{}]", "not_an_object"),
        (b"null", "not_an_object"),
        (b"\xc3", "not_utf8"),
        ('{"a": 1}'.encode("utf-16"), "not_utf8"),
        (b'{"a":' * 200_000, "too_deep"),
        (b"[" * 200_000, "too_deep"),
    ],
)
def test_bytes_that_are_no_object_are_unreadable_for_one_reason(body, reason):
    with pytest.raises(Unreadable) as caught:
        reading.load(body)

    assert caught.value.reason == str(caught.value) == reason


@pytest.mark.parametrize("body", [b'{"from": "4915100000001"', b'{"from": "4915100000001\xff"}'])
def test_the_reason_is_cut_off_from_its_cause_which_carries_the_body(body):
    with pytest.raises(Unreadable) as caught:
        reading.load(body)

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_byte_order_mark_is_tolerated():
    assert reading.load(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_of_a_key_that_comes_twice_the_last_one_counts():
    assert reading.load(b'{"a": 1, "a": 2}') == {"a": 2}


def test_a_number_of_many_thousand_digits_costs_one_field_only():
    body = b'{"a": %s, "b": %s, "c": 3}' % (b"9" * 5000, b"9" * 20)

    assert reading.load(body) == {"a": None, "b": int("9" * 20), "c": 3}


ODD = {"none": None, "yes": True, "float": 1.5, "list": [1], "object": {"a": 1}}


@pytest.mark.parametrize("key", [*ODD, "missing"])
def test_a_text_that_is_none_reads_as_empty(key):
    assert reading.text(ODD, key) == ""
    assert reading.identifier(ODD, key) == ""


@pytest.mark.parametrize("key", [*ODD, "missing"])
def test_a_number_that_is_none_reads_as_nothing(key):
    assert reading.number(ODD, key) is None
    assert reading.code(ODD, key) is None
    assert reading.moment(ODD, key) is None


@pytest.mark.parametrize("key", ["none", "float", "missing"])
def test_what_holds_no_objects_reads_as_empty(key):
    assert reading.child(ODD, key) == {}
    assert reading.children(ODD, key) == []
    assert reading.flag(ODD, key) is None


def test_other_things_in_a_list_of_objects_are_passed_over():
    source = {"rows": [{"a": 1}, None, "x", [{}], {"b": 2}]}

    assert reading.children(source, "rows") == [{"a": 1}, {"b": 2}]


def test_what_postgresql_cannot_keep_is_replaced():
    assert reading.text({"a": "x\x00y\ud83dz✓😀"}, "a") == "x\ufffdy\ufffdz✓😀"


@pytest.mark.parametrize(("value", "expected"), [(7, "7"), ("7", "7"), (10**19, "1" + "0" * 19)])
def test_an_id_is_text_however_it_is_written(value, expected):
    assert reading.identifier({"id": value}, "id") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(7, 7), ("7", 7), ("007", 7), (-7, -7), ("-7", None), ("٧", None), ("7 ", None), ("", None)],
)
def test_a_number_may_be_written_as_digits(value, expected):
    assert reading.number({"n": value}, "n") == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(0, 0), (2**31 - 1, 2**31 - 1), (2**31, None), (-1, None)]
)
def test_a_code_fits_into_an_integer_of_the_database(value, expected):
    assert reading.code({"code": value}) == expected


def test_codes_leave_titles_and_broken_entries_behind():
    source = {"errors": [{"code": 131026, "title": "x"}, {"title": "y"}, 5, {"code": "131050"}]}

    assert reading.codes(source) == (131026, 131050)


@pytest.mark.parametrize("value", [1764000000, "1764000000"])
def test_a_moment_may_be_a_number_or_digits(value):
    found = reading.moment({"timestamp": value}, "timestamp")

    assert found == datetime(2025, 11, 24, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize("value", [0, -1, 1_451_606_399, 4_102_444_800, 1764000000000, 10**19])
def test_a_moment_outside_our_years_is_a_mistake(value):
    assert reading.moment({"timestamp": value}, "timestamp") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2000, 2000),
        ("2000", 2000),
        ("TIER_250", 250),
        ("TIER_2K", 2000),
        ("TIER_10K", 10_000),
        ("tier_100k", 100_000),
        ("UNLIMITED", UNLIMITED),
        ("TIER_UNLIMITED", UNLIMITED),
        (-1, UNLIMITED),
        ("999999999K", UNLIMITED),
        ("TIER_NOT_SET", None),
        ("2.000", None),
        ("", None),
        (None, None),
        (True, None),
        (["TIER_2K"], None),
    ],
)
def test_a_daily_limit_is_read_in_all_its_spellings(value, expected):
    assert reading.daily_limit(value) == expected
