"""What became of our messages."""

from datetime import UTC, datetime

import pytest

from tests.whatsapp.events.examples import (
    ACCOUNT,
    CONTACT,
    NUMBER,
    PARENT_ID,
    of_messages,
    read,
    read_status,
    status,
)
from tests.whatsapp.examples import PHONE, USER_ID, WAMID
from whatsapp.events import Origin, PlatformError, Pricing, StatusUpdate

PRICING = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}


def test_a_status_is_read_with_everything_around_it():
    event = read_status(
        recipient_user_id=USER_ID,
        recipient_parent_user_id=PARENT_ID,
        biz_opaque_callback_data="t-1",
        pricing=PRICING,
    )

    assert event == StatusUpdate(
        origin=Origin(business_account_id=ACCOUNT, phone_number_id=NUMBER),
        wamid=WAMID,
        status="delivered",
        at=datetime(2025, 11, 24, 16, 1, tzinfo=UTC),
        token="t-1",
        recipient_phone=PHONE,
        recipient_user_id=USER_ID,
        recipient_parent_user_id=PARENT_ID,
        pricing=Pricing(category="utility", type="regular", model="PMP", billable=True),
    )


@pytest.mark.parametrize(
    "word", ["sent", "delivered", "read", "played", "failed", "deleted", "warning", "new_word"]
)
def test_every_word_for_a_status_is_handed_on(word):
    assert read_status(status=word).status == word


def test_a_failure_brings_its_codes_and_none_of_its_words():
    errors = [
        {"code": 131026, "title": "Undeliverable", "error_data": {"details": f"to {PHONE}"}},
        {"code": "131049"},
        {"title": "no code"},
    ]

    event = read_status(status="failed", errors=errors)

    assert event.codes == (131026, 131049)
    assert PHONE not in repr(event)


@pytest.mark.parametrize("errors", [None, {}, "x", [None], [{"code": None}], [{"code": -1}]])
def test_a_failure_without_usable_codes_is_still_a_failure(errors):
    event = read_status(status="failed", errors=errors)

    assert (event.status, event.codes) == ("failed", ())


@pytest.mark.parametrize(
    "key", ["recipient_parent_user_id", "parent_recipient_user_id", "parent_user_id"]
)
def test_a_parent_id_is_found_under_each_of_its_names(key):
    assert read_status(**{key: PARENT_ID}).recipient_parent_user_id == PARENT_ID


@pytest.mark.parametrize(
    ("parts", "phone", "user_id"),
    [
        ({"recipient_id": None}, None, None),
        ({"recipient_id": None, "recipient_user_id": USER_ID}, None, USER_ID),
        ({"recipient_id": USER_ID}, None, USER_ID),
        ({"recipient_id": PHONE}, PHONE, None),
        ({"recipient_id": 4915100000001}, PHONE, None),
        ({"recipient_id": ["x"], "recipient_user_id": 7}, None, None),
    ],
)
def test_a_recipient_may_be_a_number_an_id_or_missing(parts, phone, user_id):
    event = read_status(**parts)

    assert (event.recipient_phone, event.recipient_user_id) == (phone, user_id)


@pytest.mark.parametrize("token", [None, "", 7, ["t-1"]])
def test_a_token_that_did_not_come_back_is_none(token):
    assert read_status(biz_opaque_callback_data=token).token is None


@pytest.mark.parametrize("pricing", [None, {}, "regular", []])
def test_a_status_may_say_nothing_about_its_price(pricing):
    assert read_status(pricing=pricing).pricing is None


def test_a_price_may_be_told_in_part():
    pricing = read_status(pricing={"category": "utility", "billable": "yes"}).pricing

    assert pricing == Pricing(category="utility", type="", model="", billable=None)


@pytest.mark.parametrize("timestamp", ["1764000060", 1764000060])
def test_a_time_may_be_written_as_text_or_number(timestamp):
    assert read_status(timestamp=timestamp).at == datetime(2025, 11, 24, 16, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"status": None}, "no_status"),
        ({"status": ""}, "no_status"),
        ({"status": "Delivered to Kim"}, "no_status"),
        ({"status": 7}, "no_status"),
        ({"id": None}, "no_id"),
        ({"id": ""}, "no_id"),
        ({"id": {"x": 1}}, "no_id"),
        ({"timestamp": None}, "bad_timestamp"),
        ({"timestamp": "yesterday"}, "bad_timestamp"),
        ({"timestamp": "0"}, "bad_timestamp"),
        ({"timestamp": 1764000060.5}, "bad_timestamp"),
        ({"timestamp": "1764000060000"}, "bad_timestamp"),
    ],
)
def test_a_broken_status_is_a_problem_beside_the_others(parts, why):
    found = read(of_messages(statuses=[status(), status(**parts), status()]))

    assert len(found.events) == 2
    (problem,) = found.problems
    assert problem.where == "entry[0].changes[0].value.statuses[1]"
    assert problem.why == why


def test_statuses_may_come_with_contacts_and_a_conversation_that_nobody_needs():
    value = of_messages(
        contacts=[CONTACT],
        statuses=[
            status(
                conversation={"id": "c", "expiration_timestamp": 1, "origin": {"type": "utility"}},
                recipient_type="individual",
            )
        ],
    )

    (event,) = read(value).events

    assert event.wamid == WAMID


def test_a_thousand_statuses_in_one_body_are_a_thousand_events():
    found = read(of_messages(statuses=[status(id=f"wamid.{n}") for n in range(1000)]))

    assert [event.wamid for event in found.events] == [f"wamid.{n}" for n in range(1000)]


# --- trouble without a message ---------------------------------------------------------------


def test_trouble_at_meta_is_read_by_its_code():
    errors = [{"code": 131042, "title": "Payment", "error_data": {"details": "x"}, "href": "y"}]

    (event,) = read(of_messages(errors=errors)).events

    assert event == PlatformError(
        origin=Origin(business_account_id=ACCOUNT, phone_number_id=NUMBER), code=131042
    )


@pytest.mark.parametrize("error", [{}, {"code": None}, {"code": "many"}, {"title": "x"}])
def test_trouble_without_a_code_is_a_problem(error):
    found = read(of_messages(errors=[error]))

    assert found.events == ()
    assert [problem.why for problem in found.problems] == ["no_code"]
