"""Templates and our number as Meta describes them."""

import pytest

from whatsapp.reading import UNLIMITED
from whatsapp.remote import (
    CreatedTemplate,
    PhoneNumber,
    RemoteTemplate,
    read_created,
    read_phone_number,
    read_template,
)

ROW = {
    "id": "77",
    "name": "news",
    "language": "de",
    "status": "APPROVED",
    "category": "UTILITY",
    "parameter_format": "NAMED",
    "quality_score": {"score": "GREEN", "date": 1764000000},
    "rejected_reason": "NONE",
    "components": [
        {"type": "HEADER", "format": "TEXT", "text": "Guten Morgen"},
        {"type": "BODY", "text": "Guten Tag {{name}}, lesen Sie."},
        {"type": "FOOTER", "text": "Abmelden: STOP"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Jetzt lesen"}]},
    ],
}


def test_a_template_is_read_with_all_its_parts():
    assert read_template(ROW) == RemoteTemplate(
        id="77",
        name="news",
        language="de",
        status="APPROVED",
        category="UTILITY",
        parameter_format="named",
        body="Guten Tag {{name}}, lesen Sie.",
        header_format="TEXT",
        header_text="Guten Morgen",
        footer="Abmelden: STOP",
        buttons=("Jetzt lesen",),
        quality="GREEN",
        rejected_reason="NONE",
    )


def test_a_header_with_a_file_has_no_text():
    template = read_template(ROW | {"components": [{"type": "HEADER", "format": "IMAGE"}]})

    assert (template.header_format, template.header_text) == ("IMAGE", "")


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"id": 77}, "id", "77"),
        ({"status": "SOMETHING_NEW"}, "status", "SOMETHING_NEW"),
        ({"parameter_format": None}, "parameter_format", "positional"),
        ({"parameter_format": "positional"}, "parameter_format", "positional"),
        ({"quality_score": "GREEN"}, "quality", ""),
        ({"components": None}, "body", ""),
        ({"components": [{"type": "body", "text": "x"}]}, "body", "x"),
        ({"components": [7, {"type": "BODY"}]}, "body", ""),
        ({"components": [{"type": "BUTTONS", "buttons": [None, {}]}]}, "buttons", ("",)),
    ],
)
def test_odd_fields_of_a_template_are_tolerated(changes, field, expected):
    assert getattr(read_template(ROW | changes), field) == expected


def test_an_empty_row_is_a_template_that_may_not_be_sent():
    assert read_template({}).status == ""


def test_a_created_template_is_what_meta_made_of_it():
    created = read_created({"id": 5, "status": "PENDING", "category": "MARKETING"})

    assert created == CreatedTemplate(id="5", status="PENDING", category="MARKETING")


def test_the_health_of_our_number_is_read_without_the_number():
    number = read_phone_number(
        {
            "display_phone_number": "+49 201 00000",
            "verified_name": "Stadtwerke",
            "status": "CONNECTED",
            "quality_rating": "GREEN",
            "name_status": "APPROVED",
            "throughput": {"level": "STANDARD"},
            "whatsapp_business_manager_messaging_limit": "TIER_2K",
            "health_status": {"can_send_message": "AVAILABLE", "entities": []},
        }
    )

    assert number == PhoneNumber(
        verified_name="Stadtwerke",
        status="CONNECTED",
        quality_rating="GREEN",
        name_status="APPROVED",
        throughput="STANDARD",
        can_send="AVAILABLE",
        daily_limit=2000,
    )
    assert "201" not in repr(number)


def test_a_number_about_which_meta_says_nothing_is_empty():
    number = read_phone_number({})

    assert (number.status, number.can_send, number.daily_limit) == ("", "", None)


def test_a_number_without_limit_has_one_that_nobody_reaches():
    number = read_phone_number({"whatsapp_business_manager_messaging_limit": "TIER_UNLIMITED"})

    assert number.daily_limit == UNLIMITED
