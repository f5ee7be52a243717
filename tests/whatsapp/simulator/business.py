"""The business in front of the simulator: what it asks, and the webhooks it receives."""

import contextlib
import http.client
import json
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from tests.whatsapp import server as web
from whatsapp.simulator import Simulator

NUMBER, ACCOUNT = "106600000000001", "102200000000001"
KIM, LEA = "+4915100000001", "+4915100000002"
VERSION = "v25.0"
PATIENCE = 20  # seconds; nothing here takes one

# Everything happens at once and in order, unless a test wants it otherwise.
AT_ONCE = {
    "sent_delay": 0,
    "delivered_delay": 0,
    "read_delay": 0,
    "read_share": 1,
    "review_delay": 0,
    "human_delay_scale": 0,
    "webhook_batch_seconds": 0,
    "webhook_connections": 1,
    "webhook_retry_seconds": 0.02,
}
NEWS = {
    "name": "news",
    "language": "de",
    "category": "UTILITY",
    "components": [
        {
            "type": "BODY",
            "text": "Guten Morgen, heute gilt: {{1}}. Bitte beachten.",
            "example": {"body_text": [["Tor 3 ist zu"]]},
        },
        {"type": "FOOTER", "text": "Abmelden: STOP"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Gelesen"}]},
    ],
}


@dataclass
class Answer:
    """What the Graph API answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """Meta's error code, None if there is none."""
        return self.json.get("error", {}).get("code")


class Graph:
    """A client of the Graph API that allows itself every mistake."""

    def __init__(self, url, *, token="simulator-access-token"):
        self.address = urlsplit(url).netloc
        self.token = token

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
        given = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        # Meta's own header is called file_offset, all others are spelled as usual.
        given |= {
            name.replace("_", "-") if name[0].isupper() else name: value
            for name, value in headers.items()
        }
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        present = {name: value for name, value in given.items() if value is not None}
        with contextlib.closing(connection):
            connection.request(method, path, body, present)
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers), response.read())

    def send(self, to=KIM, **message):
        """Send a message, a text unless told otherwise; what is None is left out."""
        body = {"messaging_product": "whatsapp", "to": to, "type": "text"}
        if "type" not in message:
            body["text"] = {"body": "Hallo"}
        given = {name: value for name, value in (body | message).items() if value is not None}
        return self.ask("POST", f"/{VERSION}/{NUMBER}/messages", given)

    def send_template(self, to=KIM, *values, name="news", **message):
        parameters = [{"type": "text", "text": value} for value in values or ("Tor 3 ist zu",)]
        template = {
            "name": name,
            "language": {"code": "de"},
            "components": [{"type": "body", "parameters": parameters}],
        }
        return self.send(to, type="template", template=template, **message)

    def create_template(self, **changes):
        return self.ask("POST", f"/{VERSION}/{ACCOUNT}/message_templates", NEWS | changes)

    def upload(self, content, *, mime_type, filename="file"):
        part = (
            'Content-Disposition: form-data; name="messaging_product"\r\n\r\nwhatsapp\r\n'
            "--frontier\r\n"
            f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\n'
            f"Content-Type: {mime_type}\r\n\r\n"
        )
        form = b"--frontier\r\n" + part.encode() + content + b"\r\n--frontier--\r\n"
        content_type = "multipart/form-data; boundary=frontier"
        return self.ask("POST", f"/{VERSION}/{NUMBER}/media", form, Content_Type=content_type)


@contextlib.contextmanager
def receiving():
    """A business that is open for webhooks."""
    with web.Server() as server:
        yield Business(server)


class Business:
    """The web server that Meta sends its webhooks to."""

    def __init__(self, server):
        self._server = server
        self.url = server.url + "/webhooks/whatsapp/"
        self.verify_token = "simulator-verify-token"
        self.answer_with(200)

    def answer_with(self, *statuses):
        """Answer the next webhooks with these statuses; the last one stays."""
        self._statuses = list(statuses)
        self._server.reply(self._answer)

    @property
    def posts(self):
        return [seen for seen in self._server.seen if seen.method == "POST"]

    def changes(self, topic="messages"):
        """Every change of this topic, in the order of its arrival."""
        entries = [entry for post in self.posts for entry in post.json()["entry"]]
        found = [change for entry in entries for change in entry["changes"]]
        return [change["value"] for change in found if change["field"] == topic]

    def statuses(self):
        return [item for value in self.changes() for item in value.get("statuses", [])]

    def messages(self):
        return [item for value in self.changes() for item in value.get("messages", [])]

    def _answer(self, handler):
        if handler.command == "GET":
            self._prove(handler)
        else:
            more = len(self._statuses) > 1
            web.raw(self._statuses.pop(0) if more else self._statuses[0], b"")(handler)

    def _prove(self, handler):
        query = parse_qs(urlsplit(handler.path).query)
        right = query["hub.verify_token"] == [self.verify_token]
        web.raw(200 if right else 403, query["hub.challenge"][0].encode() if right else b"")(
            handler
        )


@contextlib.contextmanager
def simulating(business=None, **settings):
    """A simulator that reports to the business."""
    url = business.url if business else None
    with Simulator(webhook_url=url, settings=AT_ONCE | settings) as simulator:
        yield simulator


@contextlib.contextmanager
def simulating_two_people(business):
    """A simulator in which Kim and Lea have phones."""
    with simulating(business) as simulator:
        people = [{"name": "Kim", "phone": KIM}, {"name": "Lea", "phone": LEA}]
        simulator.control.add_people(people)
        yield simulator


def settle(simulator):
    """Wait until nothing is under way any more."""
    assert simulator.control.wait_until_idle(timeout_seconds=PATIENCE, quiet_seconds=0.05)


def open_window(simulator, who=KIM):
    """Let somebody write, so that the business may answer freely."""
    simulator.control.say(who, "Hallo")
    settle(simulator)


def bubbles(simulator, who=KIM):
    """What somebody's phone shows from the business."""
    chat = simulator.control.person(who)["chat"]
    return [bubble for bubble in chat if bubble["from"] == "business"]
