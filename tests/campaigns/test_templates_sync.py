"""Our templates at Meta, played by the simulator: submitted once, and Meta's word counts."""

from datetime import timedelta

import pytest

from campaigns import alarms, connections, stopping, templates_sync
from campaigns.models import Alarm, ForeignTemplate, MessageTemplate, TemplateEvent
from tests.factories import NOW, BroadcastFactory
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
    templates_sync.take_news(told(TemplateStatus, event=event), now=NOW)

    assert ours().status == status


def test_a_webhook_tells_why_a_template_was_rejected():
    reason = "INVALID_FORMAT, " + 100 * "x"

    templates_sync.take_news(told(TemplateStatus, event="REJECTED", reason=reason), now=NOW)

    assert ours().rejected_reason == reason[:60]


def test_a_webhook_changes_price_and_quality():
    templates_sync.take_news(
        told(TemplateCategory, previous="MARKETING", current="UTILITY"), now=NOW
    )
    templates_sync.take_news(told(TemplateQuality, previous="GREEN", current="YELLOW"), now=NOW)

    assert (ours().purpose, ours().quality) == ("UTILITY", "YELLOW")


def test_news_about_somebody_elses_template_change_nothing():
    before = list(MessageTemplate.objects.order_by("pk").values())
    other = TemplateRef(id="1", name="fremd", language="de")
    origin = Origin(business_account_id="2")

    templates_sync.take_news(
        TemplateStatus(origin=origin, template=other, event="DISABLED"), now=NOW
    )

    assert list(MessageTemplate.objects.order_by("pk").values()) == before


def history():
    """What is kept about templates: what, before, after, how we know."""
    rows = TemplateEvent.objects.order_by("pk")
    return list(rows.values_list("what", "before", "after", "source"))


def test_every_change_is_kept_with_what_it_was_before():
    templates_sync.take_news(told(TemplateStatus, event="REJECTED", reason="SCAM"), now=NOW)
    templates_sync.take_news(told(TemplateQuality, previous="GREEN", current="RED"), now=NOW)

    assert history() == [
        ("status", "LOCAL", "REJECTED", "webhook"),
        ("quality", "", "RED", "webhook"),
    ]
    assert TemplateEvent.objects.earliest("pk").reason == "SCAM"


def test_what_is_told_twice_is_kept_once():
    for _ in range(2):
        templates_sync.take_news(told(TemplateStatus, event="APPROVED"), now=NOW)

    assert history() == [("status", "LOCAL", "APPROVED", "webhook")]


def test_a_word_longer_than_any_known_is_cut_and_breaks_nothing():
    templates_sync.take_news(told(TemplateStatus, event="A_VERY_LONG_WORD_OF_TOMORROW"), now=NOW)

    assert ours().status == "A_VERY_LONG_WORD_OF_"


def test_an_answer_while_sending_is_part_of_the_history():
    broadcast = BroadcastFactory(state="sending")

    stopping.pause_for_code(broadcast.pk, 132015, now=NOW)

    [event] = TemplateEvent.objects.filter(template=broadcast.message.template)
    assert (event.what, event.after, event.source) == ("status", "PAUSED", "sending")


def test_a_comparison_says_what_it_found_and_keeps_what_is_deleted(client, simulator):
    push(client)
    simulator.wait_until_idle(quiet_seconds=0)
    total = MessageTemplate.objects.count()

    first = templates_sync.sync(client=client, now=NOW)
    simulator.reset()
    second = templates_sync.sync(client=client, now=NOW + timedelta(days=1))
    third = templates_sync.sync(client=client, now=NOW + timedelta(days=2))

    assert (first.ours, first.changed, first.gone, first.foreign) == (total, total, 0, 0)
    assert [(each.ours, each.gone) for each in (second, third)] == [(0, total), (0, 0)]
    assert MessageTemplate.objects.filter(status=Status.DELETED).count() == total
    assert ours().events.get(after="DELETED").at == NOW + timedelta(days=1)


def test_what_was_never_at_meta_is_not_called_deleted_there(client, simulator):
    MessageTemplate.objects.update(status=Status.APPROVED)  # as before a comparison

    templates_sync.sync(client=client, now=NOW)

    assert ours().status == Status.APPROVED


def test_a_comparison_that_breaks_off_deletes_nothing(client, simulator):
    push(client)
    simulator.add_fault("refuse", endpoint="templates", code=80007)

    with pytest.raises(WhatsAppError):
        templates_sync.sync(client=client, now=NOW)

    assert not MessageTemplate.objects.filter(status=Status.DELETED).exists()


def test_what_only_meta_knows_is_remembered_until_it_is_gone(client, simulator):
    push(client)
    MessageTemplate.objects.filter(name="neues_lesen").update(name="neues_anders")

    found = templates_sync.sync(client=client, now=NOW)

    assert found.foreign == 1
    assert ForeignTemplate.objects.get().name == "neues_lesen"

    MessageTemplate.objects.filter(name="neues_anders").update(name="neues_lesen")
    templates_sync.sync(client=client, now=NOW)
    assert not ForeignTemplate.objects.exists()


def test_words_that_somebody_changed_at_meta_are_noticed(client, simulator):
    push(client)
    MessageTemplate.objects.filter(name=NAME).update(footer="Ganz anders")

    sync(client, simulator)
    sync(client, simulator)

    others = MessageTemplate.objects.filter(has_other_words=True)
    assert [template.name for template in others] == [NAME]
    assert TemplateEvent.objects.filter(what="words").count() == 1


def open_alarms():
    rows = Alarm.objects.filter(kind=Alarm.Kind.DEARER, cleared_at__isnull=True)
    return [alarm.subject for alarm in rows]


def is_utility():
    MessageTemplate.objects.filter(name=NAME).update(purpose="UTILITY")


def becomes(purpose, **more):
    event = told(TemplateCategory, previous="", current=purpose, **more)
    templates_sync.take_news(event, now=NOW)


def test_an_alarm_is_raised_when_a_utility_template_becomes_marketing_until_it_is_taken_back():
    is_utility()

    becomes("MARKETING")
    assert open_alarms() == [f"template {ours().pk}"]

    becomes("UTILITY")
    assert open_alarms() == []


def test_the_alarm_is_raised_a_day_ahead_if_meta_announces_it():
    is_utility()

    becomes("UTILITY", coming="MARKETING")
    becomes("UTILITY", coming="MARKETING")

    assert open_alarms() == [f"template {ours().pk}"]
    assert history() == [("coming", "UTILITY", "MARKETING", "webhook")]
    assert ours().purpose == "UTILITY"


def test_a_comparison_after_the_announcement_does_not_silence_the_alarm(client, simulator):
    is_utility()
    push(client)
    becomes("UTILITY", coming="MARKETING")

    sync(client, simulator)

    assert open_alarms() == [f"template {ours().pk}"]


def test_the_alarm_is_raised_when_meta_decides_so_at_once(client, simulator):
    is_utility()
    push(client)
    simulator.wait_until_idle(quiet_seconds=0)
    simulator.change_template(NAME, category="MARKETING")

    sync(client, simulator)

    assert open_alarms() == [f"template {ours().pk}"]


def test_what_was_always_marketing_raises_no_alarm():
    MessageTemplate.objects.filter(name=NAME).update(purpose="MARKETING")

    becomes("MARKETING")

    assert open_alarms() == []


def test_whoever_has_seen_it_closes_the_alarm():
    is_utility()
    becomes("MARKETING")

    templates_sync.acknowledge(ours(), now=NOW)

    assert not templates_sync.is_alarming(ours())
    assert ours().purpose == "MARKETING"


def test_the_alarm_leads_to_the_template():
    is_utility()
    becomes("MARKETING")

    page = alarms.page(Alarm.objects.get(kind=Alarm.Kind.DEARER))

    assert page == f"/admin/campaigns/messagetemplate/{ours().pk}/change/"


def compare(client, *, after):
    templates_sync.compare_if_due(client=client, now=NOW + after)
    return templates_sync.compared_at()


def test_ours_are_compared_by_themselves_every_hour_after_the_first_time(client, simulator):
    hour = timedelta(hours=1)

    assert compare(client, after=hour) is None
    push(client)
    assert compare(client, after=hour / 2) == NOW
    assert compare(client, after=hour) == NOW + hour


def test_no_answer_is_asked_for_again_an_hour_later(client, simulator):
    push(client)
    hour = timedelta(hours=1)
    simulator.add_fault("refuse", endpoint="templates", code=80007, next=1)

    assert compare(client, after=hour) == NOW
    assert compare(client, after=1.5 * hour) == NOW
    assert compare(client, after=2 * hour) == NOW + 2 * hour
