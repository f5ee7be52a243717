"""The verbs of the desk as tests use them: at NOW, on a Monday morning in sending hours."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns import scheduling
from campaigns.hours import SendingHours
from campaigns.models import Category
from campaigns.states import BroadcastState as S
from tests.factories import NOW, BroadcastFactory, MessageFactory

BERLIN = ZoneInfo("Europe/Berlin")
HOURS = SendingHours.parse("mon-fri 07:00-18:00", zone=BERLIN)
TONIGHT = NOW + timedelta(hours=12)  # 22:00 in Berlin
TOMORROW = datetime(2026, 11, 24, 7, 0, tzinfo=BERLIN)
AFTERNOON = NOW + timedelta(hours=4)


def diary(broadcast):
    return list(broadcast.events.order_by("pk").values_list("what", "actor"))


def draft(writer, **message):
    return BroadcastFactory(message=MessageFactory(created_by=writer, **message))


def in_review(writer, *, due_at=None, **message):
    message = MessageFactory(created_by=writer, **message)
    return BroadcastFactory(state=S.IN_REVIEW, message=message, due_at=due_at)


def write(by, *, slug="presseschau", full_text="", **values):
    return scheduling.write(
        category=Category.objects.get(slug=slug),
        values=values,
        full_text=full_text,
        media=None,
        due_at=None,
        by=by,
        now=NOW,
    )


def change(broadcast, by, *, revision=1, media=None, due_at=None, full_text=None, **values):
    scheduling.change(
        broadcast,
        revision=revision,
        values=broadcast.message.values | values,
        full_text=full_text,
        media=media,
        due_at=due_at,
        by=by,
        now=NOW,
    )


def submit(broadcast, by, *, reason=""):
    scheduling.submit(broadcast, by=by, hours=HOURS, now=NOW, reason=reason)


def approve(broadcast, by, *, seen_hash=None):
    seen_hash = seen_hash or broadcast.message.content_hash()
    scheduling.approve(broadcast, seen_hash=seen_hash, by=by, hours=HOURS, now=NOW)


def schedule(broadcast, by, *, at=None, now=NOW):
    scheduling.schedule(broadcast, at=at, by=by, hours=HOURS, now=now)


def reschedule(broadcast, by, *, at=TOMORROW):
    scheduling.reschedule(broadcast, at=at, by=by, hours=HOURS, now=NOW)


def send_back(broadcast, by):
    scheduling.send_back(broadcast, note="Bitte kürzer.", by=by, now=NOW)


def plainly(verb):
    """A verb that needs nothing but the broadcast and a user."""
    return lambda broadcast, by: verb(broadcast, by=by, now=NOW)
