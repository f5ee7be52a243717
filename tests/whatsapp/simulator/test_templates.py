"""The life of a template: review, pause, category, quality, deletion."""

import pytest

from tests.whatsapp.simulator.business import ACCOUNT, NEWS, VERSION, Graph, settle, simulating

TEMPLATES = f"/{VERSION}/{ACCOUNT}/message_templates"
OTHER_TEXT = [{"type": "BODY", "text": "Heute ist frei."}]


def events(business):
    return [item["event"] for item in business.changes("message_template_status_update")]


def test_a_new_template_is_reviewed_and_approved(graph, business, simulator):
    answer = graph.create_template()
    settle(simulator)

    assert answer.json["status"] == "PENDING"
    [update] = business.changes("message_template_status_update")
    assert (update["event"], update["message_template_name"]) == ("APPROVED", "news")
    assert update["message_template_id"] == int(answer.json["id"])


def test_a_template_under_review_cannot_be_sent(business):
    with simulating(business, review="by_hand") as simulator:
        graph = Graph(simulator.url)
        graph.create_template()

        assert graph.send_template().code == 132001


def test_a_template_can_be_rejected(business):
    with simulating(business, review="reject") as simulator:
        Graph(simulator.url).create_template()
        settle(simulator)

        assert simulator.control.templates()[0]["status"] == "REJECTED"
        assert events(business) == ["REJECTED"]


def test_the_same_words_under_another_name_are_rejected(graph, news, simulator):
    graph.create_template(name="copy")
    settle(simulator)

    [copy] = [item for item in simulator.control.templates() if item["name"] == "copy"]
    assert copy["status"] == "REJECTED"


def test_a_name_can_be_taken_only_once_in_a_language(graph, news):
    assert graph.create_template().json["error"]["error_subcode"] == 2388024


@pytest.mark.parametrize(("status", "code"), [("PAUSED", 132015), ("DISABLED", 132016)])
def test_a_template_that_people_dislike_cannot_be_sent(
    graph, news, simulator, business, status, code
):
    simulator.control.change_template("news", status=status)
    settle(simulator)

    assert graph.send_template().code == code
    assert events(business)[-1] == status


def test_a_pause_ends_when_the_business_wants_it(graph, news, control):
    control.change_template("news", status="PAUSED")

    graph.ask("POST", f"/{VERSION}/{news}/unpause", {})

    assert graph.send_template().status == 200


def test_the_third_pause_is_for_good(graph, news, control):
    for _ in range(2):
        control.change_template(news, status="PAUSED")
        control.change_template(news, status="APPROVED")
    control.change_template(news, status="PAUSED")

    assert graph.send_template().code == 132016


def test_meta_can_change_the_category(graph, news, simulator, business):
    simulator.control.change_template("news", category="MARKETING")
    settle(simulator)

    [update] = business.changes("template_category_update")
    assert (update["previous_category"], update["new_category"]) == ("UTILITY", "MARKETING")
    assert graph.ask("GET", f"/{VERSION}/{news}").json["category"] == "MARKETING"


def test_meta_can_rate_the_quality(news, simulator, business):
    simulator.control.change_template("news", quality="RED")
    settle(simulator)

    [update] = business.changes("message_template_quality_update")
    assert update["new_quality_score"] == "RED"


def test_templates_are_listed_page_by_page(graph, news):
    graph.create_template(name="second", components=OTHER_TEXT)

    first = graph.ask("GET", f"{TEMPLATES}?limit=1").json
    after = first["paging"]["cursors"]["after"]
    last = graph.ask("GET", f"{TEMPLATES}?limit=1&after={after}").json

    assert [item["name"] for item in first["data"] + last["data"]] == ["news", "second"]
    assert "next" in first["paging"]
    assert "next" not in last["paging"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status=APPROVED", ["news"]),
        ("status=REJECTED,PAUSED", []),
        ("name=other", []),
        ("language=de&category=UTILITY", ["news"]),
    ],
)
def test_templates_are_listed_by_what_they_are(graph, news, query, names):
    found = graph.ask("GET", f"{TEMPLATES}?{query}").json["data"]

    assert [item["name"] for item in found] == names


def test_an_edited_template_is_reviewed_again(graph, news, simulator):
    graph.ask("POST", f"/{VERSION}/{news}", {"components": OTHER_TEXT})
    settle(simulator)

    [template] = simulator.control.templates()
    assert template["status"] == "APPROVED"
    assert template["components"] == OTHER_TEXT


def test_the_category_of_an_approved_template_is_fixed(graph, news):
    assert graph.ask("POST", f"/{VERSION}/{news}", {"category": "MARKETING"}).code == 100


def test_the_name_of_a_deleted_template_is_blocked_for_a_month(graph, news, control):
    graph.ask("DELETE", f"{TEMPLATES}?name=news")

    assert graph.create_template().json["error"]["error_subcode"] == 2388023
    control.change_settings(clock_offset_seconds=31 * 24 * 3600)
    assert graph.create_template().status == 200


def test_an_account_holds_a_limited_number_of_templates(graph, control):
    control.change_settings(review="by_hand")
    for number in range(250):
        assert graph.create_template(name=f"t{number}").status == 200

    assert graph.create_template().json["error"]["error_subcode"] == 2388019


def test_the_header_of_a_template_needs_an_uploaded_sample(graph):
    png = b"\x89PNG\r\n\x1a\n and more"
    about = f"file_name=a.png&file_length={len(png)}&file_type=image/png"

    session = graph.ask("POST", f"/{VERSION}/1/uploads?{about}", {}).json["id"]
    finished = graph.ask(
        "POST", f"/{VERSION}/{session}", png, Content_Type="image/png", file_offset="0"
    )

    header = {"type": "HEADER", "format": "IMAGE"}
    header["example"] = {"header_handle": [finished.json["h"]]}
    components = [header, *NEWS["components"]]
    assert graph.create_template(components=components).status == 200


@pytest.mark.parametrize("content", [b"too short", b"GIF89a and much more bytes"])
def test_a_sample_must_be_the_announced_file(graph, content):
    about = "file_name=a.png&file_length=26&file_type=image/png"
    session = graph.ask("POST", f"/{VERSION}/1/uploads?{about}", {}).json["id"]

    assert graph.ask("POST", f"/{VERSION}/{session}", content, file_offset="0").code == 100
