"""The copy of one's own data is complete: every table that leads to somebody is in it."""

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.contrib.staticfiles import finders

from campaigns.models import Reply
from subscribers import access, copies, holdings, lifecycle, limits, threads
from subscribers.models import (
    AccessEvent,
    ConsentEvent,
    Identity,
    Subscriber,
    ThreadMessage,
    Unreached,
)
from tests.factories import NOW, DeliveryFactory, SubscriberFactory
from tests.subscribers.letters import crowd, write
from tests.subscribers.people import BOTH_DATABASES
from tests.subscribers.schemas import problems

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

ORGANISATION = {"name": "Werke", "dpo": "dpo@example", "authority": "TLfDI"}
# In the copy under names of their own: subscription, identifiers, events, replies, accesses.
CORE = {Subscriber, Identity, ConsentEvent, threads.Thread, ThreadMessage, AccessEvent}
# Tables that lead to a subscriber, or say something of one, and are in no copy.
LEFT_OUT = {
    "Attempt": "random tokens and hashes of a delivery, which is in the copy with their number",
    "Doubt": "whether a delivery is to be repeated; the delivery is in the copy as unclear",
    "Erasure": "written when somebody is gone; then there is nobody to ask, and no chat to answer",
    "InboxEntry": "a webhook nobody could read yet: sealed, and it cannot be told whose it is",
    "LedgerLeaf": "a salted hash of an event, which is in the copy itself",
    "SeenMessage": "a keyed hash of a message, which leads to nobody",
    "SubjectKey": "the key that seals the identifiers; its value would open them for a finder",
}
# Tables about members of the desk, who are no subscribers by what stands there.
ABOUT_THE_DESK = {
    *("ArchivedBroadcast", "Broadcast", "BroadcastEvent", "Channel", "Clearance", "DeskPhone"),
    *("Incident", "IncidentStep", "Media", "Message", "MessageVersion", "PhoneCode", "PhoneTest"),
    *("TemplateEvent", "TextVersion", "Unsaved"),
}


def models():
    for label in ("subscribers", "campaigns"):
        yield from apps.get_app_config(label).get_models()


def leads_to_somebody(model, seen=()):
    """Tell whether foreign keys lead from a table to a subscriber, however many."""
    return model is Subscriber or any(
        leads_to_somebody(field.related_model, (*seen, model))
        for field in model._meta.concrete_fields
        if field.related_model and field.related_model not in (*seen, model)
    )


def test_every_table_that_leads_to_somebody_is_in_the_copy_or_left_out_for_a_reason():
    about_people = {model for model in models() if model.personal_fields}
    about_people |= {model for model in models() if leads_to_somebody(model)}
    told = CORE | {holding.of for holding in holdings.every()}

    missing = {model.__name__ for model in about_people - told} - ABOUT_THE_DESK

    assert missing == LEFT_OUT.keys()


def test_nothing_about_the_desk_leads_to_a_subscriber():
    """A table that begins to lead there has to be judged anew. Replies of the desk are answers."""
    leading = {model.__name__ for model in models() if leads_to_somebody(model)}

    assert leading & ABOUT_THE_DESK == set()


@pytest.fixture
def somebody(vault):
    """A subscriber of whom every table holds something."""
    somebody = crowd()
    write(somebody, "Wann fährt die 4?", about="Neue Bahnen", vault=vault)
    threads.take_in(somebody, threads.Letter(text=None, about="", at=NOW), vault=vault, now=NOW)
    threads.is_news(somebody, threads.Fate.TAKEN, now=NOW)
    limits.note(somebody, now=NOW)
    access.new_link(somebody, now=NOW)
    DeliveryFactory(subscriber=somebody, state="failed", reason="unreachable")
    Reply.objects.create(
        subscriber=somebody, purpose="help", text="Hilfe", not_before=NOW, created_at=NOW
    )
    Unreached.objects.create(subscriber=somebody, failures=2, since=NOW - timedelta(days=9))
    lifecycle.consent.remind(somebody.pk, act=lifecycle.consent.by_system(at=NOW), now=NOW)
    return somebody


def test_the_copy_tells_what_each_table_holds(somebody):
    copy = access.copy_of(somebody.pk, now=NOW)

    assert {name: len(copy[name]) for name in (held.name for held in holdings.every())} == {
        "sealed_proof": 1,
        "unreached": 1,
        "messages_per_hour": 1,
        "told": 1,
        "links": 1,
        "deliveries": 1,
        "answers": 1,
    }
    assert copy["deliveries"][0]["reason"] == "unreachable"
    assert copy["unreached"][0]["failures"] == 2
    assert copy["subscription"]["reminded_at"] == NOW.isoformat()
    assert copy["replies"][0]["about"] == "Neue Bahnen"
    assert copy["sealed_proof"][0]["kind"] == "phone"


def test_it_tells_nothing_of_others(somebody):
    other = SubscriberFactory()

    copy = access.copy_of(other.pk, now=NOW)

    held = {name: copy[name] for name in (held.name for held in holdings.every())}
    assert [name for name, rows in held.items() if rows] == ["sealed_proof"]


def test_the_full_copy_keeps_to_its_schema(somebody):
    with open(finders.find("schemas/own-data-1.json"), encoding="utf-8") as file:
        schema = json.load(file)

    copy = json.loads(copies.as_json(access.copy_of(somebody.pk, now=NOW)))

    assert list(problems(copy, schema)) == []


@pytest.mark.parametrize("language", ["de", "en"])
def test_everything_can_be_read_on_paper(somebody, language, monkeypatch):
    Subscriber.objects.filter(pk=somebody.pk).update(language=language)
    written = []
    paragraph = copies.Paragraph
    monkeypatch.setattr(
        copies, "Paragraph", lambda text, style: written.append(text) or paragraph(text, style)
    )

    copies.as_pdf(
        access.copy_of(somebody.pk, now=NOW), organisation=ORGANISATION, zone=ZoneInfo("UTC")
    )

    page = " ".join(written)
    assert "Wann fährt die 4?" in page
    assert ("90 Tage" if language == "de" else "90 days") in page
    assert ("versiegelt" if language == "de" else "sealed") in page
    reason = "über WhatsApp nicht erreichbar" if language == "de" else "not reachable on WhatsApp"
    assert reason in page


@pytest.mark.parametrize(
    ("keeps_proof", "kept"),
    [(True, "until the end of year 3 after the end of the subscription"), (False, "there is none")],
)
def test_it_says_how_long_the_proof_is_kept(somebody, keeps_proof, kept):
    copy = access.copy_of(somebody.pk, now=NOW, keeps_proof=keeps_proof)

    assert copy["keeps_proof"] is keeps_proof
    assert copy["kept"]["sealed_proof"] == kept
    assert copy["kept"]["replies"].startswith("90 days at most")


def test_it_costs_the_same_however_many_were_written_to(somebody, django_assert_max_num_queries):
    for _ in range(3):
        DeliveryFactory(subscriber=somebody, state="delivered")

    with django_assert_max_num_queries(20):
        copy = access.copy_of(somebody.pk, now=NOW)

    assert len(copy["deliveries"]) == 4
