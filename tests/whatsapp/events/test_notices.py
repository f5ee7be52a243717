"""News of templates, of our number and account, and of people's wishes about marketing."""

from datetime import UTC, datetime

import pytest

from tests.whatsapp.events.examples import ACCOUNT, PARENT_ID, read, read_notice
from tests.whatsapp.examples import PHONE, USER_ID
from whatsapp.events import (
    AccountAlert,
    AccountReview,
    AccountUpdate,
    BusinessCapability,
    MarketingPreference,
    NumberName,
    NumberQuality,
    Origin,
    SecurityNotice,
    Sender,
    TemplateCategory,
    TemplateComponents,
    TemplateQuality,
    TemplateRef,
    TemplateStatus,
    Unknown,
)
from whatsapp.reading import UNLIMITED

ORIGIN = Origin(business_account_id=ACCOUNT, reported_at=datetime(2025, 11, 24, 16, 0, tzinfo=UTC))
TEMPLATE = {
    "message_template_id": 594425479261596,
    "message_template_name": "news",
    "message_template_language": "de",
}
NEWS = TemplateRef(id="594425479261596", name="news", language="de")

NOTICES = [
    (
        "message_template_status_update",
        TEMPLATE
        | {
            "event": "PAUSED",
            "reason": "NONE",
            "message_template_category": "UTILITY",
            "other_info": {"title": "SECOND_PAUSE", "description": "..."},
        },
        TemplateStatus(
            origin=ORIGIN,
            template=NEWS,
            event="PAUSED",
            reason="NONE",
            category="UTILITY",
            title="SECOND_PAUSE",
        ),
    ),
    (
        "message_template_quality_update",
        TEMPLATE | {"previous_quality_score": "GREEN", "new_quality_score": "YELLOW"},
        TemplateQuality(origin=ORIGIN, template=NEWS, previous="GREEN", current="YELLOW"),
    ),
    (
        "message_template_components_update",
        TEMPLATE | {"message_template_element": "Es gibt Neues."},
        TemplateComponents(origin=ORIGIN, template=NEWS),
    ),
    (
        "template_category_update",
        TEMPLATE
        | {
            "previous_category": "UTILITY",
            "new_category": "UTILITY",
            "correct_category": "MARKETING",
        },
        TemplateCategory(
            origin=ORIGIN,
            template=NEWS,
            previous="UTILITY",
            current="UTILITY",
            coming="MARKETING",
        ),
    ),
    (
        "phone_number_quality_update",
        {
            "display_phone_number": "4920100000",
            "event": "THROUGHPUT_UPGRADE",
            "max_daily_conversations_per_business": "TIER_2K",
        },
        NumberQuality(origin=ORIGIN, event="THROUGHPUT_UPGRADE", daily_limit=2000),
    ),
    (
        "business_capability_update",
        {"max_daily_conversations_per_business": 2000, "max_phone_numbers_per_business": 25},
        BusinessCapability(origin=ORIGIN, daily_limit=2000),
    ),
    (
        "account_update",
        {
            "event": "ACCOUNT_RESTRICTION",
            "restriction_info": [
                {"restriction_type": "RESTRICTED_UTILITY_TEMPLATES", "expiration": 1},
                {"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION"},
            ],
            "ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE", "waba_ban_date": "x"},
            "violation_info": {"violation_type": "SPAM"},
        },
        AccountUpdate(
            origin=ORIGIN,
            event="ACCOUNT_RESTRICTION",
            restrictions=("RESTRICTED_UTILITY_TEMPLATES", "RESTRICTED_ADD_PHONE_NUMBER_ACTION"),
            ban_state="SCHEDULE_FOR_DISABLE",
            violation="SPAM",
        ),
    ),
    (
        "account_alerts",
        {
            "entity_type": "PHONE_NUMBER",
            "entity_id": "1",
            "alert_info": {
                "alert_severity": "CRITICAL",
                "alert_status": "ACTIVE",
                "alert_type": "OBA_REJECTED",
                "alert_description": "Sorry",
            },
        },
        AccountAlert(
            origin=ORIGIN,
            entity_type="PHONE_NUMBER",
            severity="CRITICAL",
            status="ACTIVE",
            type="OBA_REJECTED",
            description="Sorry",
        ),
    ),
    (
        "account_review_update",
        {"decision": "APPROVED"},
        AccountReview(origin=ORIGIN, decision="APPROVED"),
    ),
    (
        "security",
        {"display_phone_number": "4920100000", "event": "PIN_CHANGED", "requester": "77"},
        SecurityNotice(origin=ORIGIN, event="PIN_CHANGED"),
    ),
    (
        "phone_number_name_update",
        {
            "display_phone_number": "4920100000",
            "decision": "REJECTED",
            "requested_verified_name": "Stadtwerke",
            "rejection_reason": "NAME_FORMAT",
        },
        NumberName(
            origin=ORIGIN,
            decision="REJECTED",
            name="Stadtwerke",
            rejection_reason="NAME_FORMAT",
        ),
    ),
]


@pytest.mark.parametrize(("field", "value", "event"), NOTICES)
def test_every_field_that_we_subscribe_to_has_its_event(field, value, event):
    assert read_notice(field, value) == event


@pytest.mark.parametrize(("field", "value", "event"), NOTICES)
def test_a_notice_that_says_nothing_is_still_an_event_of_its_kind(field, value, event):
    assert type(read_notice(field, {})) is type(event)


@pytest.mark.parametrize("odd", [None, 7, True, [], {"a": {}}, [None, 1], "\x00"])
@pytest.mark.parametrize(("field", "value", "event"), NOTICES)
def test_a_notice_with_the_wrong_types_inside_is_still_an_event(field, value, event, odd):
    assert type(read_notice(field, dict.fromkeys(value, odd))) is type(event)


@pytest.mark.parametrize(("field", "value", "event"), NOTICES)
def test_the_printed_form_of_a_notice_shows_no_number(field, value, event):
    assert "4920100000" not in repr(read_notice(field, value))


def test_a_description_in_free_words_is_not_printed():
    value = {"alert_info": {"alert_description": f"{PHONE} was reported"}}

    assert PHONE not in repr(read_notice("account_alerts", value))


def test_a_category_that_has_changed_already_has_nothing_to_come():
    change = {"previous_category": "UTILITY", "new_category": "MARKETING"}

    event = read_notice("template_category_update", TEMPLATE | change)

    assert (event.current, event.coming) == ("MARKETING", "")


@pytest.mark.parametrize(
    ("value", "limit"),
    [
        ({"max_daily_conversations_per_business": "UNLIMITED"}, UNLIMITED),
        ({"current_limit": "TIER_10K", "old_limit": "TIER_2K"}, 10_000),
        (
            {"current_limit": "TIER_10K", "max_daily_conversations_per_business": "TIER_250"},
            250,
        ),
        ({"max_daily_conversations_per_business": "?", "current_limit": "TIER_10K"}, 10_000),
        ({"max_daily_conversation_per_phone": 250}, None),
    ],
)
@pytest.mark.parametrize("field", ["phone_number_quality_update", "business_capability_update"])
def test_a_daily_limit_is_found_under_its_old_and_new_names(field, value, limit):
    assert read_notice(field, value).daily_limit == limit


@pytest.mark.parametrize(
    "field", ["history", "smb_message_echoes", "calls", "flows", "user_id_update", "", "x" * 100]
)
def test_a_field_that_we_do_not_use_is_named_and_otherwise_left_alone(field):
    assert read_notice(field, {"messages": [{}]}) == Unknown(origin=ORIGIN, field=field)


def test_an_endless_name_of_a_field_is_cut():
    assert read_notice("x" * 5000, {}) == Unknown(origin=ORIGIN, field="x" * 100)


# --- wishes about marketing ------------------------------------------------------------------

WISH = {
    "wa_id": PHONE[1:],
    "user_id": USER_ID,
    "parent_user_id": PARENT_ID,
    "detail": f"{PHONE} requested to stop marketing messages",
    "category": "marketing_messages",
    "value": "stop",
    "timestamp": 1764000060,
}


def wishes(*rows):
    return read({"contacts": [], "user_preferences": list(rows)}, field="user_preferences")


def test_a_wish_about_marketing_is_read_with_the_person_who_has_it():
    (event,) = wishes(WISH).events

    assert event == MarketingPreference(
        origin=ORIGIN,
        sender=Sender(phone=PHONE, user_id=USER_ID, parent_user_id=PARENT_ID),
        category="marketing_messages",
        value="stop",
        at=datetime(2025, 11, 24, 16, 1, tzinfo=UTC),
    )
    assert PHONE[1:] not in repr(event)


@pytest.mark.parametrize("word", ["stop", "resume", "signup", "something_new"])
def test_every_wish_is_handed_on(word):
    (event,) = wishes(WISH | {"value": word}).events

    assert event.value == word


def test_a_person_without_a_number_may_have_wishes():
    (event,) = wishes(WISH | {"wa_id": None}).events

    assert event.sender == Sender(user_id=USER_ID, parent_user_id=PARENT_ID)


def test_a_broken_wish_is_a_problem_beside_the_others():
    found = wishes(WISH, WISH | {"timestamp": None}, 7, WISH)

    assert len(found.events) == 2
    assert [(problem.where, problem.why) for problem in found.problems] == [
        ("entry[0].changes[0].value.user_preferences[1]", "bad_timestamp"),
        ("entry[0].changes[0].value.user_preferences[2]", "not_an_object"),
    ]
