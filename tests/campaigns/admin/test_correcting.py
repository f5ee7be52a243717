"""Korrektur in three acts: press the button, put the words right, submit."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import stopping
from campaigns.models import Broadcast
from campaigns.reasons import PauseReason
from campaigns.states import BroadcastState
from tests.campaigns.admin.addresses import form, page, said, writing
from tests.factories import NOW, BroadcastFactory, DeliveryFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("audience", "approved_templates"),
]

S = BroadcastState


@pytest.fixture
def wrong():
    """A broadcast that one person has got and one not yet."""
    broadcast = DeliveryFactory(state="delivered").broadcast
    DeliveryFactory(broadcast=broadcast)
    return broadcast


def begin(client, broadcast, **options):
    address = reverse("admin:campaigns_broadcast_correct", args=[broadcast.pk])
    return client.post(address, **options)


def closed(**times):
    broadcast = DeliveryFactory(state="delivered").broadcast
    Broadcast.objects.update(state=S.DONE, **times)
    return broadcast


def test_three_acts_lead_from_the_wrong_words_to_a_correction_that_waits_for_approval(
    editor, wrong
):
    opened = begin(editor, wrong, follow=True)
    right = form(schlagzeile_1="TA: Linie 4", corrects=wrong.pk, action="submit")
    answer = editor.post(writing(), right, follow=True)

    correction = Broadcast.objects.get(corrects=wrong)
    wrong.refresh_from_db()
    assert "TA: Neue" in opened.content.decode()
    assert correction.message.values["schlagzeile_1"] == "Korrektur: TA: Linie 4"
    assert (correction.state, wrong.state) == (S.IN_REVIEW, S.CANCELLED)
    assert "A correction of:" in answer.content.decode()


def test_the_first_act_lets_nobody_else_get_the_wrong_words(editor, wrong):
    answer = begin(editor, wrong, follow=True)

    wrong.refresh_from_db()
    assert (wrong.state, wrong.pause_reason) == (S.PAUSING, "operator")
    assert "The original stands still." in answer.content.decode()


def test_the_first_act_holds_what_would_go_on_by_itself_in_the_morning(editor, wrong):
    stopping.pause(wrong.pk, PauseReason.QUIET_HOURS, now=NOW)

    begin(editor, wrong)

    wrong.refresh_from_db()
    assert (wrong.state, wrong.pause_reason) == (S.PAUSING, PauseReason.OPERATOR)


def test_the_form_speaks_of_those_who_got_the_original_and_not_of_the_tier(editor, wrong):
    DeliveryFactory.create_batch(30, broadcast=wrong, state="delivered")

    shown = begin(editor, wrong, follow=True)

    assert shown.context["reach"].people == "as many as got the original"
    assert "for each person (marketing)" in shown.context["price"]


def test_a_draft_of_a_correction_stays_one_when_it_is_edited(editor, wrong):
    editor.post(writing(), form(corrects=wrong.pk))
    draft = Broadcast.objects.get(corrects=wrong)

    shown = editor.get(reverse("admin:campaigns_broadcast_edit", args=[draft.pk]))

    assert shown.context["original"] == wrong


def test_the_original_leads_to_its_correction_and_offers_no_second_one(editor, wrong):
    editor.post(writing(), form(corrects=wrong.pk))

    shown = editor.get(page(wrong))

    assert page(Broadcast.objects.get(corrects=wrong)) in shown.content.decode()
    assert not shown.context["can_correct"]


def test_a_closed_broadcast_says_until_when_it_can_be_corrected(editor):
    broadcast = closed(closed_at=timezone.now())

    assert "is possible until" in editor.get(page(broadcast)).content.decode()


def test_a_week_later_it_says_that_nobody_knows_any_more_who_got_it(editor):
    broadcast = closed(closed_at=timezone.now() - timedelta(days=8))

    shown = editor.get(page(broadcast))

    assert "forgotten who got it" in shown.content.decode()
    assert not shown.context["can_correct"]


def test_what_cannot_be_corrected_stays_as_it_is(editor):
    broadcast = BroadcastFactory(state=S.SCHEDULED)

    answer = begin(editor, broadcast, follow=True)

    assert said(answer) == ["Nobody has got this message yet: please change the message itself."]
    assert not Broadcast.objects.filter(corrects=broadcast).exists()


def test_whoever_writes_no_messages_corrects_none(approver, wrong):
    assert begin(approver, wrong).status_code == 403
    assert not approver.get(page(wrong)).context["can_correct"]


def test_a_link_corrects_nothing(editor, wrong):
    address = reverse("admin:campaigns_broadcast_correct", args=[wrong.pk])

    assert editor.get(address).status_code == 405
