"""Our templates at Meta, played by the simulator: submitted once, and Meta's word counts."""

import pytest

from campaigns import connections, templates_sync
from campaigns.models import MessageTemplate
from tests.factories import NOW
from whatsapp.errors import WhatsAppError
from whatsapp.events import Origin, TemplateCategory, TemplateQuality, TemplateRef, TemplateStatus

pytestmark = pytest.mark.django_db(databases="__all__")

Status = MessageTemplate.Status
NAME = "presseschau"


@pytest.fixture
def client(simulator):
    return connections.cloud_client()


def push(client):
    return templates_sync.push(client=client, app_id="app", now=NOW)


def sync(client, simulator):
    simulator.wait_until_idle(quiet_seconds=0)
    templates_sync.sync(client=client, now=NOW)


def ours():
    return MessageTemplate.objects.get(name=NAME)


def told(kind, **what):
    """A webhook about our template."""
    name = TemplateRef(id="1", name=NAME, language="de")
    return kind(origin=Origin(business_account_id="2"), template=name, **what)


def test_whatever_meta_does_not_have_is_submitted_with_a_sample_of_its_header(client, simulator):
    submitted = push(client)

    known = {row["name"] for row in simulator.templates()}
    assert {template.name for template in submitted} == known
    assert set(MessageTemplate.objects.values_list("status", flat=True)) == {Status.PENDING}
    assert all(template.meta_id for template in MessageTemplate.objects.all())


def test_a_second_push_submits_nothing_twice(client, simulator):
    push(client)

    assert push(client) == []
    assert len(simulator.templates()) == MessageTemplate.objects.count()


def test_what_is_gone_at_meta_is_submitted_again(client, simulator):
    push(client)
    simulator.reset()
    sync(client, simulator)
    assert ours().status == Status.DELETED

    push(client)

    assert NAME in {row["name"] for row in simulator.templates()}


def test_a_template_that_we_did_not_submit_is_not_called_deleted(client, simulator):
    sync(client, simulator)

    assert ours().status == Status.LOCAL


def test_metas_word_is_taken_over(client, simulator):
    push(client)
    simulator.wait_until_idle(quiet_seconds=0)
    simulator.change_template(NAME, quality="RED", category="UTILITY")

    sync(client, simulator)

    template = ours()
    assert (template.status, template.quality, template.purpose) == ("APPROVED", "RED", "UTILITY")
    assert template.synced_at == NOW


def test_a_rejection_comes_with_its_reason(client, simulator):
    simulator.change_settings(review="by_hand")
    push(client)
    simulator.change_template(NAME, status="REJECTED", reason="TAG_CONTENT_MISMATCH")

    sync(client, simulator)

    assert (ours().status, ours().rejected_reason) == ("REJECTED", "TAG_CONTENT_MISMATCH")


def test_what_was_submitted_before_the_trouble_stays_submitted(client, simulator):
    simulator.add_fault("refuse", endpoint="templates", code=80007, skip=2)

    with pytest.raises(WhatsAppError):
        push(client)

    pending = MessageTemplate.objects.filter(status=Status.PENDING)
    assert pending.count() == len(simulator.templates()) == 1


def test_one_refused_template_keeps_no_other_from_being_submitted(client, simulator):
    simulator.add_fault("refuse", endpoint="templates", code=100, skip=1, next=1)

    with pytest.raises(templates_sync.NotAllSubmitted, match="presseschau: 100"):
        push(client)

    assert len(simulator.templates()) == MessageTemplate.objects.count() - 1
    assert ours().status == Status.LOCAL


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("APPROVED", Status.APPROVED),
        ("REINSTATED", Status.APPROVED),
        ("PAUSED", Status.PAUSED),
        ("DISABLED", Status.DISABLED),
        ("A_WORD_OF_TOMORROW", "A_WORD_OF_TOMORROW"),
    ],
)
def test_a_webhook_changes_the_status_at_once(event, status):
    templates_sync.take_news(told(TemplateStatus, event=event))

    assert ours().status == status


def test_a_webhook_tells_why_a_template_was_rejected():
    reason = "INVALID_FORMAT, " + 100 * "x"

    templates_sync.take_news(told(TemplateStatus, event="REJECTED", reason=reason))

    assert ours().rejected_reason == reason[:60]


def test_a_webhook_changes_price_and_quality():
    templates_sync.take_news(told(TemplateCategory, previous="MARKETING", current="UTILITY"))
    templates_sync.take_news(told(TemplateQuality, previous="GREEN", current="YELLOW"))

    assert (ours().purpose, ours().quality) == ("UTILITY", "YELLOW")


def test_news_about_somebody_elses_template_change_nothing():
    before = list(MessageTemplate.objects.order_by("pk").values())
    other = TemplateRef(id="1", name="fremd", language="de")
    origin = Origin(business_account_id="2")

    templates_sync.take_news(TemplateStatus(origin=origin, template=other, event="DISABLED"))

    assert list(MessageTemplate.objects.order_by("pk").values()) == before
