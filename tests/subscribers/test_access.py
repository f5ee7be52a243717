"""The copy of one's own data: who gets it, how often, and what is in it."""

import json
from zoneinfo import ZoneInfo

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone

from subscribers import access, access_log, copies
from subscribers.models import AccessEvent, AccessLink, ConsentEvent
from tests.factories import NOW, SubscriberFactory, UserFactory
from tests.subscribers.people import BOTH_DATABASES, STANDINGS, kinds, who_is
from tests.subscribers.schemas import problems

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

PHONE = "+4915155500033"
ORGANISATION = {"name": "Werke & Söhne", "dpo": "dpo@example", "authority": "TLfDI"}


@pytest.fixture
def subscriber():
    return SubscriberFactory(phone=PHONE, tier="maxi")


@pytest.fixture
def link(subscriber):
    return f"/auskunft/{access.new_link(subscriber, now=timezone.now())}/"


@pytest.fixture
def schema():
    with open(finders.find("schemas/own-data-1.json"), encoding="utf-8") as file:
        return json.load(file)


def test_looking_at_the_page_takes_nothing(client, link):
    for _ in range(3):
        answer = client.get(link)

    assert answer.status_code == 200
    assert answer.context["offer"].formats == ("pdf", "json")


@pytest.mark.parametrize(
    ("form", "mime_type", "begins"),
    [("pdf", "application/pdf", b"%PDF"), ("json", "application/json", b"{")],
)
def test_each_format_is_given_once(client, link, form, mime_type, begins):
    first = client.post(link, {"format": form})
    second = client.post(link, {"format": form})

    assert first.headers["Content-Type"] == mime_type
    assert first.content.startswith(begins)
    assert second.context["offer"].formats == tuple({"pdf", "json"} - {form})


def test_after_both_the_page_says_so(client, link):
    for form in access.FORMATS:
        client.post(link, {"format": form})

    answer = client.get(link)

    assert answer.status_code == 410
    assert "beide Dateien" in answer.content.decode()


def test_after_a_day_the_link_is_over(client, link):
    AccessLink.objects.update(expires_at=timezone.now())

    assert client.get(link).status_code == 410
    assert client.post(link, {"format": "json"}).status_code == 410


@pytest.mark.parametrize("path", ["/auskunft/x/", "/auskunft/" + "a" * 43 + "/"])
def test_a_guess_opens_nothing(client, path):
    assert client.post(path, {"format": "json"}).status_code == 410


def test_the_page_leaves_no_trace(client, link):
    answer = client.get(link)

    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert not answer.cookies


def test_taking_the_copy_is_in_the_history(client, link, subscriber):
    client.post(link, {"format": "json"})

    assert kinds(subscriber)[-1] == "access_answered"


@pytest.mark.parametrize("standing", STANDINGS)
def test_the_copy_keeps_to_its_published_schema_in_every_state(vault, schema, standing):
    copy = json.loads(copies.as_json(access.copy_of(who_is(standing, vault).pk, now=NOW)))

    assert list(problems(copy, schema)) == []


def test_the_schema_would_notice_what_does_not_fit(schema, subscriber):
    copy = access.copy_of(subscriber.pk, now=NOW)
    copy["subscription"]["state"] = "happy"
    copy["events"][0].pop("act")
    copy["phone"] = PHONE

    assert len(list(problems(copy, schema))) == 3


def test_the_copy_holds_the_history_and_no_number(subscriber):
    copy = access.copy_of(subscriber.pk, now=NOW)

    assert [event["kind"] for event in copy["events"]] == ["requested", "notice_sent", "given"]
    assert copy["identifiers"] == [{"kind": "phone"}]
    assert PHONE[3:] not in json.dumps(copy)


def test_the_pdf_is_the_same_each_time_and_brings_its_font(subscriber):
    copy = access.copy_of(subscriber.pk, now=NOW)
    zone = ZoneInfo("Europe/Berlin")

    one, other = [copies.as_pdf(copy, organisation=ORGANISATION, zone=zone) for _ in range(2)]

    assert one == other
    assert b"/FontFile2" in one


def test_the_copy_says_which_group_looked_and_on_which_day_and_nothing_about_others():
    mine, other = SubscriberFactory(), SubscriberFactory()
    dpo = UserFactory(group="Datenschutz")
    for somebody, reason in ((mine, "Frage"), (other, "Streit")):
        event = ConsentEvent.objects.filter(subscriber=somebody).latest("pk")
        access_log.note(
            AccessEvent.What.RECORD, user=dpo, now=NOW, ref=str(event.pk), reason=reason
        )

    copy = access.copy_of(mine.pk, now=NOW)

    assert copy["accesses"] == [{"on": "2026-11-23", "group": "Datenschutz", "what": "record"}]
    assert dpo.username not in str(copy)
    pdf = copies.as_pdf(copy, organisation=ORGANISATION, zone=ZoneInfo("Europe/Berlin"))
    assert pdf.startswith(b"%PDF")
