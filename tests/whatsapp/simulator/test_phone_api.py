"""What the phone page asks of the simulator, and what other sites may not."""

import json
import urllib.request

import pytest

from tests.whatsapp.simulator.phone_server import PATIENCE, PNG, YES_NO

PEOPLE = "/phone/api/people"
SIZE = len(PNG)


def of(person, rest=""):
    return f"{PEOPLE}/{person.id}{rest}"


def test_the_list_shows_the_last_message_and_what_is_unread(phones, anna):
    phones.write(anna, text="*Presseschau*")

    [person] = phones.ask("GET", PEOPLE).json()["people"]

    assert (person["name"], person["unread"]) == ("Anna Bauer", 1)
    assert person["last"]["text"] == "*Presseschau*"


def test_the_list_names_the_business(phones):
    answer = phones.ask("GET", PEOPLE).json()

    assert answer["business"] == {"name": "SWE Aktuell", "phone": "493023125042"}


def test_a_chat_shows_its_bubbles_in_order(phones, anna):
    phones.say(anna, "START")
    phones.write(anna, "interactive", text="MINI oder MAXI?", footer="SWE", buttons=YES_NO)

    first, second = phones.ask("GET", of(anna)).json()["messages"]

    assert (first["text"], first["from_person"], first["ticks"]) == ("START", True, "delivered")
    assert (second["footer"], second["buttons"]) == ("SWE", YES_NO)


def test_nothing_shows_before_it_arrives(phones, anna):
    phones.say(anna)
    phones.do(phones.platform.people.change, anna, reachable=False)
    phones.write(anna, text="lost")

    messages = phones.ask("GET", of(anna)).json()["messages"]

    assert [message["text"] for message in messages] == ["START"]


def test_what_somebody_writes_reaches_the_business(phones, anna):
    answer = phones.ask("POST", of(anna, "/say"), {"text": " JA MAXI "})

    assert answer.status == 201
    assert phones.said_by(anna) == ["JA MAXI"]


def test_a_reply_quotes_the_message_that_it_answers(phones, anna):
    question = phones.write(anna, text="Wer kommt?")

    phones.ask("POST", of(anna, "/say"), {"text": "Ich", "reply_to": question.id})

    [*_, reply] = phones.ask("GET", of(anna)).json()["messages"]
    assert (reply["quote"]["id"], reply["quote"]["text"]) == (question.id, "Wer kommt?")


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "  "}, {"text": 7}])
def test_an_empty_message_is_not_sent(phones, anna, body):
    answer = phones.ask("POST", of(anna, "/say"), body)

    assert (answer.status, answer.json()["error"]) == (400, "wrong_value")


def test_nobody_quotes_from_somebody_elses_chat(phones, anna):
    other = phones.write(phones.person("Bekir", "491713920011"), text="only for Bekir")

    answer = phones.ask("POST", of(anna, "/say"), {"text": "Ich", "reply_to": other.id})

    assert answer.status == 400


def test_a_tap_sends_the_button_and_marks_it(phones, anna):
    question = phones.write(anna, "interactive", text="Welcher Tarif?", buttons=YES_NO)
    tapped = {"message": question.id, "button": "consent:maxi"}

    answer = phones.ask("POST", of(anna, "/tap"), tapped)

    assert answer.status == 201
    assert phones.said_by(anna)[-1] == "MAXI"
    assert phones.ask("GET", of(anna)).json()["messages"][1]["tapped"] == "consent:maxi"


def test_a_button_that_is_not_there_cannot_be_tapped(phones, anna):
    message = phones.write(anna, text="Kein Knopf")

    answer = phones.ask("POST", of(anna, "/tap"), {"message": message.id, "button": "x"})

    assert (answer.status, answer.json()["error"]) == (409, "no_button")


def test_a_tap_without_a_message_is_refused(phones, anna):
    answer = phones.ask("POST", of(anna, "/tap"), {"button": "consent:maxi"})

    assert answer.status == 400


@pytest.mark.parametrize(
    ("receipts", "statuses"),
    [(True, ["sent", "delivered", "read"]), (False, ["sent", "delivered"])],
)
def test_the_business_learns_of_reading_only_with_read_receipts(phones, receipts, statuses):
    person = phones.person(read_receipts=receipts)
    message = phones.write(person, text="Neues")

    answer = phones.ask("POST", of(person, "/read"), {})

    assert answer.json()["unread"] == 0
    assert [status["status"] for status in message.statuses] == statuses


@pytest.mark.parametrize("act", ["/say", "/tap", "/read", "/files"])
def test_nothing_leaves_a_phone_in_flight_mode(phones, act):
    person = phones.person(reachable=False)

    answer = phones.ask("POST", of(person, act), {"text": "START", "message": "", "button": ""})

    assert (answer.status, answer.json()["error"]) == (409, "flight_mode")
    assert phones.said_by(person) == []


@pytest.mark.parametrize("number", ["+49 171 3920001", "0171/392 00 01", "0049 (171) 3920001"])
def test_a_number_may_be_written_as_at_home(phones, number):
    answer = phones.ask("POST", PEOPLE, {"name": "Carla", "phone": number})

    assert (answer.status, answer.json()["phone"]) == (201, "491713920001")


@pytest.mark.parametrize("number", ["+49 171 3920010", "+49 30 23125042"])
def test_a_number_belongs_to_one_person_only(phones, anna, number):
    answer = phones.ask("POST", PEOPLE, {"name": "Carla", "phone": number})

    assert (answer.status, answer.json()["error"]) == (409, "phone_taken")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Carla", "phone": "12"}, "phone"),
        ({"name": "Carla"}, "phone"),
        ({"name": " ", "phone": "+491713920001"}, "name"),
    ],
)
def test_a_person_needs_a_name_and_a_number(phones, body, field):
    answer = phones.ask("POST", PEOPLE, body)

    assert answer.status == 400
    assert answer.json()["detail"].startswith(f"{field}:")


def test_switches_change_the_person(phones, anna):
    answer = phones.ask("PATCH", of(anna), {"reachable": False, "read_receipts": False})

    assert not answer.json()["reachable"]
    assert not anna.read_receipts


def test_who_hides_the_number_gets_a_username(phones, anna):
    phones.ask("PATCH", of(anna), {"hides_phone": True})

    assert (anna.hides_phone, anna.username) == (True, "person.0010")


def test_stopping_marketing_is_told_to_the_business(phones, anna):
    phones.ask("PATCH", of(anna), {"marketing_stopped": True})
    phones.do(lambda: None)

    assert anna.marketing_stopped
    assert '"value":"stop"' in phones.platform.outbox.finished[-1].as_json()["body"]


def test_only_switches_can_be_turned(phones, anna):
    answer = phones.ask("PATCH", of(anna), {"phone": "491713920099"})

    assert answer.status == 400


def test_nobody_acts_for_somebody_who_does_not_exist(phones):
    answer = phones.ask("POST", f"{PEOPLE}/77/say", {"text": "START"})

    assert (answer.status, answer.json()["error"]) == (404, "no_person")


def test_a_picture_is_sent_with_its_caption(phones, anna):
    path = of(anna, "/files?filename=tram.png&caption=Linie%204")

    answer = phones.ask("POST", path, PNG, Content_Type="image/png")

    [message] = phones.ask("GET", of(anna)).json()["messages"]
    assert answer.status == 201
    assert (message["text"], message["media"]["filename"]) == ("Linie 4", "tram.png")
    assert phones.ask("GET", message["media"]["url"]).body == PNG


def test_a_file_that_nobody_may_send_is_refused(phones, anna):
    answer = phones.ask("POST", of(anna, "/files"), b"<script>", Content_Type="text/html")

    assert (answer.status, answer.json()["error"]) == (422, "file_refused")


@pytest.mark.parametrize(
    ("wanted", "part", "found"),
    [
        ("bytes=0-3", PNG[:4], f"bytes 0-3/{SIZE}"),
        ("bytes=50-", PNG[50:], f"bytes 50-{SIZE - 1}/{SIZE}"),
        ("bytes=-2", PNG[-2:], f"bytes {SIZE - 2}-{SIZE - 1}/{SIZE}"),
    ],
)
def test_a_file_can_be_fetched_in_parts(phones, anna, wanted, part, found):
    file = phones.write_picture(anna)

    answer = phones.ask("GET", f"/phone/media/{file.id}", Range=wanted)

    assert (answer.status, answer.body) == (206, part)
    assert answer.headers["Content-Range"] == found


@pytest.mark.parametrize(("wanted", "status"), [("bytes=500-", 416), ("bytes=0-1,3-4", 200)])
def test_a_range_that_makes_no_sense_is_no_error_of_ours(phones, anna, wanted, status):
    file = phones.write_picture(anna)

    answer = phones.ask("GET", f"/phone/media/{file.id}", Range=wanted)

    assert answer.status == status


def test_a_deleted_file_is_gone_from_the_bubble(phones, anna):
    file = phones.write_picture(anna)

    phones.do(phones.platform.media_shelf.delete, file)

    assert phones.ask("GET", f"/phone/media/{file.id}").status == 404
    assert phones.ask("GET", of(anna)).json()["messages"][-1]["media"]["url"] is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_another_site_cannot_act_through_a_visitors_browser(phones, anna, headers):
    answer = phones.ask("POST", of(anna, "/say"), {"text": "STOP"}, **headers)

    assert (answer.status, answer.json()["error"]) == (403, "foreign_site")
    assert phones.said_by(anna) == []


@pytest.mark.parametrize("mime_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_form_is_not_taken_for_json(phones, anna, mime_type):
    body = b'{"text": "STOP"}'

    answer = phones.ask("POST", of(anna, "/say"), body, Content_Type=mime_type)

    assert answer.status == 415


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_broken_json_is_refused(phones, anna, body):
    answer = phones.ask("POST", of(anna, "/say"), body, Content_Type="application/json")

    assert answer.status == 400


@pytest.mark.parametrize("path", ["/phone/", "/phone", "/phone/static/main.js"])
def test_the_page_runs_nothing_that_is_not_its_own(phones, path):
    answer = phones.ask("GET", path)

    policy = answer.headers["Content-Security-Policy"]
    assert answer.status == 200
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["nothing.js", "..%2fapi.py", "%2fetc%2fpasswd"])
def test_only_the_files_of_the_page_are_served(phones, name):
    assert phones.ask("GET", f"/phone/static/{name}").status == 404


def test_every_open_page_hears_of_news(phones, anna):
    with urllib.request.urlopen(f"{phones.url}/phone/api/events", timeout=PATIENCE) as stream:
        hello = next_event(stream)

        phones.say(anna, "Guten Morgen")

        news = next_event(stream)
    assert (hello["count"], hello["people"]) == (1, [])
    assert news["people"][0]["last"]["text"] == "Guten Morgen"


def next_event(stream):
    name, data, end = (stream.readline() for _ in range(3))
    assert (name, end) == (b"event: news\n", b"\n")
    return json.loads(data.removeprefix(b"data: "))
