"""`manage.py broadcast`: the verbs of the desk, for scripts and checks."""

from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from campaigns import connections, media, reports, scheduling, standstill, tasks
from campaigns.management.console import VerbConsole, find_category, find_user
from campaigns.models import Broadcast, Category, Media
from campaigns.models.media import HeaderKind
from campaigns.refusals import NotPossible

NOW = "now"
CONSOLE_REASON = "manage.py broadcast create"
STOPPING = {
    "pause": scheduling.pause,
    "resume": scheduling.resume,
    "cancel": scheduling.cancel,
    "send-again": scheduling.send_again,
    "give-up": scheduling.give_up,
}


class Command(VerbConsole):
    """Write, approve, watch and stop broadcasts, by the same rules as the desk."""

    help = "Broadcasts: create, watch, pause, resume, cancel. The rules of the desk apply."
    verbs = {
        "create": "write a message, submit it, have it approved by somebody else, schedule it",
        "list": "show the newest broadcasts",
        "status": "show the balance of one broadcast",
        "pause": "stop one broadcast; what is on the wire still arrives",
        "resume": "go on where a paused broadcast stopped",
        "cancel": "send nothing more of one broadcast, for good",
        "doubts": "count what is unclear of one broadcast",
        "send-again": "send what is unclear once more, though somebody may get it twice",
        "give-up": "close what is unclear as not delivered",
    }

    def add_create(self, parser: ArgumentParser) -> None:
        """Add the arguments of `create`."""
        add = parser.add_argument
        add("--category", required=True, metavar="SLUG")
        add(
            "--value",
            action="append",
            default=[],
            metavar="NAME=TEXT",
            help="one value of the template; `category show` names them",
        )
        add("--media", type=Path, metavar="FILE", help="the header, where the template has one")
        add("--alt", default="", metavar="TEXT", help="what is to be seen in a picture")
        add("--full-text", type=Path, metavar="FILE", help="what “Jetzt lesen” brings")
        add("--at", default=NOW, metavar="TIME", help="ISO 8601, or `now` (the default)")
        add("--not-after", metavar="TIME", help="ISO 8601; what has not left by then is dropped")
        add("--reason", default=CONSOLE_REASON, help="why an urgent one cannot wait")
        add("--also-at", default="", metavar="PLACE", help="where it also stands: intranet, board")
        add("--as", required=True, dest="writer", metavar="USER")
        add("--approve-as", required=True, dest="approver", metavar="OTHER")

    def add_status(self, parser: ArgumentParser) -> None:
        """Add the arguments of `status`."""
        parser.add_argument("id", type=int, metavar="ID")

    add_doubts = add_status

    def _add_stopping(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int, metavar="ID")
        parser.add_argument("--as", dest="writer", metavar="USER", help="whose rights count")

    add_pause = add_resume = add_cancel = add_send_again = add_give_up = _add_stopping

    def do_create(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Bring a message onto the schedule, all or nothing. Raises CommandError."""
        category = find_category(options["category"])
        values = _values(options["value"], category)
        full_text = _full_text(options["full_text"], category)
        writer, approver = find_user(options["writer"]), find_user(options["approver"])
        due_at = _time(options["at"])
        now, hours = timezone.now(), connections.sending_hours()
        try:
            with transaction.atomic():
                broadcast = scheduling.write(
                    category=category,
                    values=values,
                    full_text=full_text,
                    media=_media(options, category=category, by=writer, now=now),
                    due_at=due_at,
                    not_after=_time(options["not_after"] or NOW),
                    also_at=options["also_at"],
                    by=writer,
                    now=now,
                )
                reason = options["reason"] if category.is_urgent else ""
                scheduling.submit(broadcast, by=writer, hours=hours, now=now, reason=reason)
                seen = broadcast.message.content_hash()
                scheduling.approve(broadcast, seen_hash=seen, by=approver, hours=hours, now=now)
                tasks.ring_tick()
        except (NotPossible, media.Unfit) as refusal:
            raise CommandError(str(refusal)) from None
        return _status(broadcast.pk)

    def do_list(self, _options: dict[str, Any]) -> Mapping[str, object]:
        """Return the twenty newest broadcasts."""
        rows = Broadcast.objects.select_related("message__template").order_by("-pk")[:20]
        return {"broadcasts": [_line(broadcast) for broadcast in rows]}

    def do_status(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Return the balance. Raises CommandError."""
        return _status(options["id"])

    def _stop(self, options: dict[str, Any]) -> Mapping[str, object]:
        broadcast = _broadcast(options["id"])
        verb = STOPPING[options["verb"]]
        user = find_user(options["writer"]) if options["writer"] else None
        try:
            with transaction.atomic():
                verb(broadcast, by=user, now=timezone.now())
                tasks.ring_tick()
        except NotPossible as refusal:
            raise CommandError(str(refusal)) from None
        return _status(broadcast.pk)

    do_pause = do_resume = do_cancel = do_send_again = do_give_up = _stop

    def do_doubts(self, options: dict[str, Any]) -> Mapping[str, object]:
        """Return how much is unclear, and what has been closed as such. Raises CommandError."""
        balance = reports.balance(_broadcast(options["id"]).pk)
        return {"id": options["id"], "in_doubt": balance.in_doubt, "unknown": balance.unknown}

    def show(self, facts: Mapping[str, Any]) -> None:
        """Print the list as a table, everything else fact by fact, and what holds a broadcast."""
        if "broadcasts" not in facts:
            super().show(facts)
            if "pause_reason" in facts and (words := _standstill(facts["id"])):
                self.stdout.write(words)
            return
        if not facts["broadcasts"]:
            self.stdout.write("There are no broadcasts yet.")
        for line in facts["broadcasts"]:
            due_at = f"{line['due_at']:%Y-%m-%d %H:%M}" if line["due_at"] else "-"
            self.stdout.write(f"{line['id']:>6}  {line['state']:<10} {due_at:<16} {line['title']}")


def _broadcast(pk: int) -> Broadcast:
    try:
        return Broadcast.objects.with_message().get(pk=pk)
    except Broadcast.DoesNotExist:
        raise CommandError(f"There is no broadcast {pk}.") from None


def _status(pk: int) -> dict[str, object]:
    broadcast = _broadcast(pk)
    state = {"id": pk, "state": broadcast.state, "pause_reason": broadcast.pause_reason}
    return state | reports.balance(pk).as_dict()


def _standstill(pk: int) -> str:
    """Say what holds a broadcast and what to do, for a human; "" if nothing holds it."""
    now, hours = timezone.now(), connections.sending_hours()
    house = standstill.look_at_house(spool=connections.spool(), now=now)
    found = standstill.look([_broadcast(pk)], house, hours=hours, now=now)
    return str(found.get(pk, ""))


def _line(broadcast: Broadcast) -> dict[str, object]:
    return {
        "id": broadcast.pk,
        "state": broadcast.state,
        "due_at": broadcast.due_at and timezone.localtime(broadcast.due_at),
        "title": f"{broadcast.message.category_id}: {broadcast.message.headline}",
    }


def _values(pairs: list[str], category: Category) -> dict[str, str]:
    names = category.template.value_names
    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or name not in names:
            raise CommandError(
                f"“{pair}” is not a value of “{category.slug}”. Write NAME=TEXT; "
                f"the names are: {', '.join(names)}."
            )
        values[name] = text
    return values


def _media(options: dict[str, Any], *, category: Category, by: User, now: datetime) -> Media | None:
    path = options["media"]
    if path is None:
        return None
    if not category.template.header:
        raise CommandError(f"The template of “{category.slug}” has no header for a file.")
    kind = HeaderKind(category.template.header)
    taken = media.take_in(_read(path), kind=kind, filename=path.name, by=by, now=now)
    media.describe(taken, options["alt"])
    return taken


def _full_text(path: Path | None, category: Category) -> str:
    if path is None:
        return ""
    if not category.has_full_text:
        raise CommandError(f"The category “{category.slug}” has no full text.")
    try:
        return _read(path).decode()
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not a text in UTF-8.") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise CommandError(f"{path} cannot be read: {exc.strerror}.") from None


def _time(text: str) -> datetime | None:
    """Read a time; without an offset it is local time. None means at once."""
    if text == NOW:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” is not a time. Write 2026-11-24T07:30 or now.") from None
    return at if at.tzinfo else timezone.make_aware(at)
