"""An ordinary morning on the desk: at least one row of everything that a page shows."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

from django.contrib.admin.models import CHANGE, LogEntry
from django.utils import timezone

from campaigns import alarms, connections, series, versions
from campaigns.models import (
    About,
    Alarm,
    Budget,
    Charge,
    Check,
    Fault,
    Feed,
    FeedItem,
    Heartbeat,
    MessageTemplate,
)
from campaigns.models.editorial import HeaderKind
from campaigns.states import BroadcastState
from campaigns.tasks import QUEUES
from subscribers import incidents, threads
from subscribers.models import LedgerCheck, MonthlyFigure, Processor, Tier
from subscribers.threads import Letter
from tests.campaigns.pictures import medium
from tests.factories import (
    BroadcastFactory,
    DeliveryFactory,
    MessageFactory,
    SeriesFactory,
    UserFactory,
)
from tests.subscribers.letters import crowd


def furnish(*, editor):
    """Make everything; the drafts are the editor's. Return what addresses need."""
    now = timezone.now()
    MessageTemplate.objects.update(status=MessageTemplate.Status.APPROVED)
    people = crowd()
    _letter(people, now=now)
    _plan(now=now)
    _govern(now=now)
    return SimpleNamespace(broadcasts=_broadcasts(editor, now=now))


def break_in():
    """From now on an incident goes on."""
    now = timezone.now()
    incident = incidents.declare("Ein Laptop fehlt", known_at=now, by="anna", now=now)
    incidents.note(incident, "Alle Sitzungen sind beendet.", by="anna", now=now, sha256="5e" * 32)


def _well(*, now):
    for name in QUEUES:
        Heartbeat.objects.create(name=name, at=now)
    LedgerCheck.objects.create(checked_at=now, size=412, erased=0, checkpoints=3)


def _broadcasts(editor, *, now):
    soon = now + timedelta(hours=3)  # pages in the hold time load themselves anew behind it
    made = {
        state: BroadcastFactory(state=state, slug=slug)
        for state, slug in (
            ("in_review", "presseschau"),
            ("approved", "neues"),
            ("sending", "presseschau"),
            ("paused", "neues"),
            ("missed", "presseschau"),
            ("cancelled", "neues"),
        )
    }
    pictured = MessageFactory(slug="bilder", media=medium(HeaderKind.IMAGE))
    made["done"] = BroadcastFactory(state="done", message=pictured, due_at=now, closed_at=now)
    made["draft"] = BroadcastFactory(message=MessageFactory(created_by=editor))
    _rewrite(made["draft"].message)
    made["written"] = BroadcastFactory(message=MessageFactory(created_by=editor, slug="neues"))
    made["scheduled"] = BroadcastFactory(
        state=BroadcastState.SCHEDULED, due_at=soon, held_until=soon
    )
    for about, fault in ((About.LIMIT, Fault.LIMIT), (About.WORDS, Fault.WORDS)):
        Check.objects.create(
            broadcast=made["scheduled"], about=about, light=fault.light, fault=fault, at=now
        )
    for state in ("delivered", "in_doubt", "queued"):
        DeliveryFactory(broadcast=made["sending"], state=state)
    alarms.raise_(Alarm.Kind.MISSED, f"broadcast {made['missed'].pk}", now=now)
    return made


def _rewrite(message):
    """Keep a version of the words before, and one of those after."""
    versions.note(message)
    first = message.template.value_names[0]
    message.values = {**message.values, first: f"Heute: {message.values[first]}"}
    message.revision += 1
    message.save(update_fields=["values", "revision"])
    versions.note(message)


def _letter(somebody, *, now):
    words = "Ruft mich an: 0171 2345678. LG Mandy"
    letter = Letter(text=words, about="Neue Bahnen", at=now)
    threads.take_in(somebody, letter, vault=connections.vault(), now=now)


def _plan(*, now):
    SeriesFactory()
    series.sweep(now=now)
    feed = Feed.objects.create(name="MDR", url="https://www.mdr.de/rss", trouble="silent")
    FeedItem.objects.create(
        feed=feed, title="Eins", link="https://www.mdr.de/1", found_at=now, listed_at=now
    )
    medium(HeaderKind.IMAGE)


def _govern(*, now):
    month = timezone.localdate().replace(day=1)
    _well(now=now)
    past = incidents.declare("Ein Fehlalarm", known_at=now, by="anna", now=now)
    incidents.end(past, conclusion="Es war keiner.", by="anna", now=now)
    Budget.objects.create(valid_from=month, warn_at=10, stop_at=Decimal(100))
    Charge.objects.create(month=month, purpose="MARKETING", kind="regular", n=437)
    for tier, shown in zip(Tier.objects.order_by("level"), (110, None), strict=True):
        MonthlyFigure.objects.create(month=date(2026, 10, 1), tier=tier, shown=shown, taken_at=now)
    Processor.objects.create(
        name="Rechenzentrum Neustadt", role="processor", duty="hosting", country="Deutschland"
    )
    LogEntry.objects.create(
        user=UserFactory(group="IT"), action_flag=CHANGE, object_repr="1", change_message="x"
    )
