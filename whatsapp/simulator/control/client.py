"""The control API from Python: what tests and demonstrations hold in their hands.

Any number of threads may share a `Control`; every call uses a connection of its own.
"""

import http.client
import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

PATIENCE = 30.0  # seconds for an ordinary answer

Json = dict[str, Any]


class ControlError(Exception):
    """The simulator did not take an order; the message is its own explanation."""


class Control:
    """Rules the simulator at `url`. Every method raises ControlError, and OSError without it."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._host = address.hostname or ""
        self._port = address.port or 80

    def people(self, *, chat: bool = False) -> list[Json]:
        return _many("people", self.ask("GET", "people", query={"chat": str(chat).lower()}))

    def person(self, who: str) -> Json:
        """Return somebody, by number, id or user id, with what their phone shows in `chat`."""
        return self.ask("GET", _who(who))

    def add_people(self, people: Iterable[Mapping[str, Any]]) -> list[Json]:
        """Give people phones: `{"name", "phone", "script", "reachable", ...}` each."""
        return _many("people", self.ask("POST", "people", {"people": list(people)}))

    def add_person(self, name: str, phone: str, **about: object) -> Json:
        return self.add_people([{"name": name, "phone": phone, **about}])[0]

    def change_person(self, who: str, **changes: object) -> Json:
        return self.ask("PATCH", _who(who), changes)

    def say(self, who: str, text: str, *, reply_to: str | None = None) -> str:
        """Let somebody write; return the id of the message."""
        return _id(self.ask("POST", _who(who, "say"), {"text": text, "reply_to": reply_to}))

    def tap(self, who: str, button: str, **how: object) -> str:
        """Let somebody tap the newest button with this title or id; return the message's id."""
        return _id(self.ask("POST", _who(who, "tap"), {"button": button, **how}))

    def extend_script(self, who: str, *steps: Mapping[str, Any]) -> Json:
        return self.ask("POST", _who(who, "script"), {"steps": list(steps)})

    def read(self, who: str) -> Json:
        """Let somebody open the chat, and return what they see."""
        return self.ask("POST", _who(who, "read"), {})

    def settings(self) -> Json:
        return self.ask("GET", "settings")

    def change_settings(self, **changes: object) -> Json:
        return self.ask("PATCH", "settings", changes)

    def faults(self) -> list[Json]:
        return _many("faults", self.ask("GET", "faults"))

    def add_fault(self, kind: str, **about: object) -> Json:
        return self.ask("POST", "faults", {"kind": kind, **about})

    def clear_faults(self) -> None:
        self.ask("DELETE", "faults")

    def templates(self) -> list[Json]:
        return _many("templates", self.ask("GET", "templates"))

    def change_template(self, template: str, **opinion: object) -> list[Json]:
        """Let Meta change its mind about a template, by id or name."""
        answer = self.ask("PATCH", f"templates/{quote(template, safe='')}", opinion)
        return _many("templates", answer)

    def notify(self, field: str, value: Mapping[str, Any]) -> None:
        """Send a webhook about the account."""
        self.ask("POST", "notices", {"field": field, "value": dict(value)})

    def ledger(self, **filters: str | int) -> list[Json]:
        """Return what Meta accepted: all of it, or by person, token, template, type, after."""
        return _many("messages", self.ask("GET", "ledger", query=filters))

    def ledger_counts(self, **filters: str | int) -> Json:
        return self.ask("GET", "ledger/counts", query=filters)

    def webhook(self) -> Json:
        return self.ask("GET", "webhook")

    def pause_webhook(self) -> None:
        self.ask("POST", "webhook/pause", {})

    def resume_webhook(self) -> None:
        self.ask("POST", "webhook/resume", {})

    def subscribe_webhook(self, url: str) -> None:
        self.ask("POST", "webhook/subscribe", {"url": url})

    def posts(self, **filters: str | int) -> list[Json]:
        """Return the webhooks that were sent, oldest first."""
        return _many("posts", self.ask("GET", "webhook/posts", query=filters))

    def replay(self, **choice: object) -> int:
        """Send webhooks once more: `posts=[ids]`, `last=number`, or all; return how many."""
        return int(self.ask("POST", "webhook/replay", choice)["posts"])

    def stats(self) -> Json:
        return self.ask("GET", "stats")

    def wait_until_idle(
        self,
        *,
        timeout_seconds: float = 30.0,
        quiet_seconds: float = 0.5,
        ignored: Iterable[str] = (),
    ) -> bool:
        """Wait until nothing is under way in the simulator; False if that took too long.

        Scripts that still have a step to take, statuses to come and webhooks that nobody
        has acknowledged are under way, unless their kind (see `stats`) is ignored.
        """
        patience = {
            "timeout_seconds": timeout_seconds,
            "quiet_seconds": quiet_seconds,
            "ignored": list(ignored),
        }
        answer = self.ask("POST", "wait-until-idle", patience, wait=timeout_seconds + PATIENCE)
        return bool(answer["idle"])

    def reset(self) -> None:
        """Forget everybody and everything; the settings are those of the start again."""
        self.ask("POST", "reset", {})

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        wait: float = PATIENCE,
    ) -> Json:
        """Ask anything else of the control API; `wait` is in seconds."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=wait)
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            connection.request(
                method,
                f"/control/{path}?{urlencode(query or {})}",
                None if body is None else json.dumps(body),
                headers,
            )
            with connection.getresponse() as response:
                status, answer = response.status, response.read()
        finally:
            connection.close()
        if status != 200:
            raise ControlError(f"{method} /control/{path}: {_explanation(answer)}")
        found: Json = json.loads(answer)
        return found


def _many(name: str, answer: Json) -> list[Json]:
    found: list[Json] = answer[name]
    return found


def _id(answer: Json) -> str:
    return str(answer["id"])


def _who(reference: str, act: str = "") -> str:
    path = f"people/{quote(reference, safe='')}"
    return f"{path}/{act}" if act else path


def _explanation(answer: bytes) -> str:
    try:
        error = json.loads(answer)["error"]
        return ": ".join(error[part] for part in ("field", "problem") if part in error)
    except (ValueError, KeyError, TypeError):
        return answer.decode(errors="replace")
