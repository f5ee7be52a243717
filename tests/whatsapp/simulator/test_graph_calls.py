"""What every call of the Graph API has in common."""

import base64
import json

import pytest

from tests.whatsapp.simulator.business import ACCOUNT, KIM, NUMBER, VERSION

UNKNOWN_ID = "999999999999999"


def test_an_accepted_message_is_answered_as_meta_does(graph, control):
    answer = graph.send()

    assert answer.status == 200
    assert answer.json["messaging_product"] == "whatsapp"
    [contact], [message] = answer.json["contacts"], answer.json["messages"]
    assert contact["input"] == KIM
    assert contact["wa_id"] == "4915100000001"
    assert contact["user_id"] == control.person(KIM)["user_id"]
    assert message == {"id": message["id"]}


def test_a_message_id_contains_the_number_of_the_recipient(graph):
    wamid = graph.send().json["messages"][0]["id"]

    content = base64.b64decode(wamid.removeprefix("wamid."))
    assert content.startswith(b"\x1c\x18\x0d4915100000001\x15\x02\x00\x11\x18")
    assert content.endswith(b"\x00")


def test_an_answer_carries_metas_headers(graph):
    headers = graph.send().headers

    assert headers["facebook-api-version"] == VERSION
    assert headers["x-fb-trace-id"]
    assert ACCOUNT in json.loads(headers["x-business-use-case-usage"])


def test_an_error_has_metas_shape(graph):
    error = graph.send(type="hologram").json["error"]

    assert error["type"] == "OAuthException"
    assert error["message"].startswith("(#131051)")
    assert "hologram" in error["error_data"]["details"]
    assert error["fbtrace_id"]
    assert error["is_transient"] is False


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        (None, 403, 200),
        ("Bearer wrong", 401, 190),
        ("Basic simulator-access-token", 401, 190),
    ],
)
def test_only_the_business_may_call(graph, header, status, code):
    answer = graph.ask("GET", f"/{VERSION}/{NUMBER}", Authorization=header)

    assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize("version", ["v20.0", "v99.0", "latest"])
def test_an_unknown_version_is_refused(graph, version):
    assert graph.ask("GET", f"/{version}/{NUMBER}").code == 2500


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", UNKNOWN_ID),
        ("POST", f"{UNKNOWN_ID}/messages"),
        ("POST", f"{UNKNOWN_ID}/media"),
        ("GET", f"{UNKNOWN_ID}/message_templates"),
        ("POST", f"{NUMBER}/message_templates"),
    ],
)
def test_an_object_that_is_not_there_is_refused(graph, method, path):
    answer = graph.ask(method, f"/{VERSION}/{path}", {"messaging_product": "whatsapp"})

    assert answer.status == 400
    assert answer.json["error"]["error_subcode"] == 33


@pytest.mark.parametrize("path", [f"/{VERSION}/{NUMBER}/telepathy", f"/{VERSION}/", "/nonsense"])
def test_an_unknown_path_is_refused(graph, path):
    assert graph.ask("POST", path).code == 2500


@pytest.mark.parametrize("body", [b"{", b"[]", b"", b"\xff\xfe"])
def test_a_body_that_is_no_json_object_has_no_parameters(graph, body):
    answer = graph.ask("POST", f"/{VERSION}/{NUMBER}/messages", body)

    assert answer.code == 100


def test_the_number_tells_how_it_is_doing(graph):
    fields = "verified_name,quality_rating,throughput,health_status"

    phone = graph.ask("GET", f"/{VERSION}/{NUMBER}?fields={fields}").json

    assert phone["id"] == NUMBER
    assert phone["quality_rating"] == "GREEN"
    assert phone["throughput"] == {"level": "STANDARD"}
    assert phone["health_status"]["can_send_message"] == "AVAILABLE"


def test_a_field_that_does_not_exist_cannot_be_read(graph):
    assert graph.ask("GET", f"/{VERSION}/{NUMBER}?fields=shoe_size").code == 100


def test_the_account_names_its_number_and_its_app(graph):
    numbers = graph.ask("GET", f"/{VERSION}/{ACCOUNT}/phone_numbers").json["data"]
    apps = graph.ask("GET", f"/{VERSION}/{ACCOUNT}/subscribed_apps").json["data"]

    assert [number["id"] for number in numbers] == [NUMBER]
    assert apps[0]["whatsapp_business_api_data"]["id"]
