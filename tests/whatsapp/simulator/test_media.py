"""Files: which are taken, how long they live, who may fetch them."""

import pytest

from tests.whatsapp.simulator.business import (
    KIM,
    NUMBER,
    VERSION,
    bubbles,
    open_window,
    settle,
)

PNG = b"\x89PNG\r\n\x1a\n and more"
DAY = 24 * 3600


@pytest.fixture
def picture(graph):
    return graph.upload(PNG, mime_type="image/png", filename="a.png").json["id"]


def address(graph, media_id):
    url = graph.ask("GET", f"/{VERSION}/{media_id}").json["url"]
    return url.partition(graph.address)[2]


def test_an_uploaded_file_can_be_fetched(graph, picture):
    answer = graph.ask("GET", address(graph, picture))

    assert (answer.status, answer.body) == (200, PNG)
    assert answer.headers["Content-Type"] == "image/png"


def test_a_file_is_described_with_size_and_checksum(graph, picture):
    about = graph.ask("GET", f"/{VERSION}/{picture}").json

    assert (about["mime_type"], about["file_size"]) == ("image/png", len(PNG))
    assert len(about["sha256"]) == 64


def test_a_file_needs_the_token_to_be_fetched(graph, picture):
    assert graph.ask("GET", address(graph, picture), Authorization=None).status == 403


def test_the_address_of_a_file_is_good_for_five_minutes(graph, picture, control):
    place = address(graph, picture)
    control.change_settings(clock_offset_seconds=301)

    assert graph.ask("GET", place).status == 404


def test_a_file_lives_for_thirty_days(graph, picture, control):
    control.change_settings(clock_offset_seconds=31 * DAY)

    assert graph.ask("GET", f"/{VERSION}/{picture}").code == 100
    assert graph.send(type="image", image={"id": picture}).code == 100


def test_a_deleted_file_is_gone(graph, picture):
    graph.ask("DELETE", f"/{VERSION}/{picture}")

    assert graph.ask("GET", f"/{VERSION}/{picture}").code == 100


@pytest.mark.parametrize(
    ("content", "mime_type", "code"),
    [
        (PNG, "image/jpeg", 131053),
        (PNG, "image/gif", 100),
        (PNG, "text/plain", 131053),
        (b"", "image/png", 131053),
        (PNG + bytes(5 * 1024 * 1024), "image/png", 131053),
        (b"%PDF-1.7", "application/zip", 100),
    ],
)
def test_a_file_must_be_of_a_known_kind_and_size(graph, content, mime_type, code):
    assert graph.upload(content, mime_type=mime_type).code == code


@pytest.mark.parametrize(
    ("content", "mime_type"),
    [
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"%PDF-1.7", "application/pdf"),
        ("Grüße".encode(), "text/plain"),
        (b"OggS", "audio/ogg"),
    ],
)
def test_common_kinds_of_files_are_taken(graph, content, mime_type):
    assert graph.upload(content, mime_type=mime_type).status == 200


def test_a_picture_arrives_with_its_caption(graph, picture, simulator):
    open_window(simulator)

    graph.send(type="image", image={"id": picture, "caption": "Tor 3"})
    settle(simulator)

    [bubble] = bubbles(simulator)
    assert bubble["text"] == "Tor 3"
    assert bubble["content"]["media"]["id"] == picture


def test_a_picture_sent_as_a_video_fails_later(graph, picture, simulator, business):
    open_window(simulator)

    graph.send(type="video", video={"id": picture})
    settle(simulator)

    assert business.statuses()[-1]["errors"][0]["code"] == 131053


def test_what_a_person_sends_can_be_fetched_for_seven_days(graph, simulator, business):
    path = f"people/{KIM.removeprefix('+')}/media?caption=Tor"
    graph.ask("POST", f"/control/{path}", PNG, Content_Type="image/png")
    settle(simulator)

    [message] = business.messages()
    assert (message["type"], message["image"]["caption"]) == ("image", "Tor")
    assert graph.ask("GET", address(graph, message["image"]["id"])).body == PNG
    simulator.control.change_settings(clock_offset_seconds=8 * DAY)
    assert graph.ask("GET", f"/{VERSION}/{message['image']['id']}").code == 100


def test_a_form_needs_a_file(graph):
    form = (
        b'--x\r\nContent-Disposition: form-data; name="messaging_product"\r\n\r\nwhatsapp\r\n--x--'
    )
    content_type = "multipart/form-data; boundary=x"

    answer = graph.ask("POST", f"/{VERSION}/{NUMBER}/media", form, Content_Type=content_type)

    assert answer.code == 131008
