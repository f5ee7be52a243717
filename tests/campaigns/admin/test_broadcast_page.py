"""The page of a broadcast: what it shows, and what its buttons do."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from campaigns import allowance, connections, sending, waves
from campaigns.models import Broadcast, Category
from campaigns.states import BroadcastState
from tests.campaigns.admin.addresses import do, page, said
from tests.factories import (
    NOW,
    BroadcastFactory,
    DeliveryFactory,
    MessageFactory,
    SubscriberFactory,
    UserFactory,
)

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("audience", "approved_templates"),
]

S = BroadcastState


def sent(*states, **broadcast):
    """A broadcast with one delivery in each of the states."""
    made = BroadcastFactory(**{"state": S.SENDING, **broadcast})
    for state in states:
        reason = {"failed": "unreachable", "skipped": "withdrawn"}.get(state, "")
        DeliveryFactory(broadcast=made, state=state, reason=reason)
    return made


def fragment(client, broadcast, stage):
    address = reverse("admin:campaigns_broadcast_progress", args=[broadcast.pk])
    return client.get(address, {"state": stage})


def confirmation(broadcast, verb):
    return reverse("admin:campaigns_broadcast_confirm", args=[broadcast.pk, verb])


def test_approving_puts_it_on_the_schedule(approver):
    broadcast = BroadcastFactory(state=S.IN_REVIEW)
    seen = {"seen_hash": broadcast.message.content_hash()}

    answer = approver.post(do(broadcast, "approve"), seen, follow=True)

    broadcast.refresh_from_db()
    assert (broadcast.state, broadcast.approved_by) == (S.SCHEDULED, approver.user)
    assert said(answer) == ["Approved. It will be sent as planned."]


def test_what_has_changed_since_it_was_shown_is_not_approved(approver):
    broadcast = BroadcastFactory(state=S.IN_REVIEW)

    answer = approver.post(do(broadcast, "approve"), {"seen_hash": "of other words"})

    broadcast.refresh_from_db()
    assert broadcast.state == S.IN_REVIEW
    assert "Please read it again" in said(answer)[0]


@pytest.fixture
def both(sign_in):
    """Somebody who writes and approves."""
    user = UserFactory(group="Redaktion", is_staff=True)
    user.groups.add(Group.objects.get(name="Freigabe"))
    return sign_in(user)


def test_ones_own_message_is_not_approved_by_a_forged_form_either(both):
    broadcast = BroadcastFactory(message=MessageFactory(created_by=both.user), state=S.IN_REVIEW)
    seen = {"seen_hash": broadcast.message.content_hash()}

    answer = both.post(do(broadcast, "approve"), seen)

    broadcast.refresh_from_db()
    assert broadcast.state == S.IN_REVIEW
    assert said(answer) == ["Nobody approves their own message. Please ask a colleague."]


def test_a_note_leads_back_to_the_author(approver):
    broadcast = BroadcastFactory(state=S.IN_REVIEW)

    answer = approver.post(do(broadcast, "send_back"), {"note": "Bitte kürzer"}, follow=True)

    broadcast.refresh_from_db()
    assert broadcast.state == S.DRAFT
    assert "<q>Bitte kürzer</q>" in answer.content.decode()


def test_a_note_that_comes_too_late_stays_on_the_screen(approver):
    broadcast = BroadcastFactory(state=S.SCHEDULED)

    answer = approver.post(do(broadcast, "send_back"), {"note": "Bitte kürzer"})

    assert "not possible now" in said(answer)[0]
    assert answer.context["note"] == "Bitte kürzer"


def test_a_schedule_without_a_day_is_refused(approver):
    broadcast = BroadcastFactory(state=S.APPROVED)

    answer = approver.post(do(broadcast, "schedule"), {"when": "later", "time": "12:00"})

    assert said(answer) == ["Please choose a day and a time."]
    assert answer.context["time_form"]["time"].value() == "12:00"


def test_cancelling_asks_first(editor):
    broadcast = BroadcastFactory(state=S.SCHEDULED)

    answer = editor.get(confirmation(broadcast, "cancel"))

    assert "nobody can undo this" in answer.content.decode()
    assert Broadcast.objects.get().state == S.SCHEDULED


@pytest.mark.parametrize(
    ("verb", "state"), [("cancel", S.DONE), ("pause", S.SENDING), ("x", S.DRAFT)]
)
def test_nothing_else_is_asked_about(editor, verb, state):
    broadcast = BroadcastFactory(state=state)

    answer = editor.get(confirmation(broadcast, verb))

    assert answer.url == page(broadcast)


def test_an_unknown_verb_is_not_found(editor):
    assert editor.post(do(BroadcastFactory(), "delete")).status_code == 404


@pytest.mark.parametrize("verb", ["approve", "cancel"])
def test_no_button_is_pressed_by_following_a_link(approver, verb):
    assert approver.get(do(BroadcastFactory(), verb)).status_code == 405


@pytest.mark.parametrize("state", S.values)
def test_every_state_has_its_page(editor, state):
    broadcast = BroadcastFactory(state=state)

    answer = editor.get(page(broadcast))

    assert f"badge-{state}" in answer.content.decode()


def test_the_balance_names_reasons_and_adds_up(editor):
    broadcast = sent("delivered", "accepted", "failed", "skipped", "in_doubt", "queued")

    account = editor.get(page(broadcast)).context["account"]

    assert account.adds_up
    assert account.planned == "6"
    assert [(line.kind, line.number) for line in account.lines] == [
        ("accepted", "2"),
        ("failed", "1"),
        ("skipped", "1"),
        ("doubt", "1"),
        ("open", "1"),
    ]
    (reason,) = account.lines[1].reasons
    assert (reason.label, reason.number) == ("not reachable on WhatsApp", "1")
    assert reason.advice.startswith("Nothing to do: after three misses")
    assert (account.percent_done, account.delivered) == (83, "50 %")


def test_a_balance_that_does_not_add_up_says_so(editor):
    broadcast = sent("delivered")
    Broadcast.objects.update(planned=2)

    shown = editor.get(page(broadcast)).content.decode()

    assert "It does not add up" in shown


def test_once_closed_its_figures_are_hidden_where_they_could_betray_somebody(editor):
    broadcast = sent("delivered", "failed", state=S.DONE, closed_at=NOW)

    account = editor.get(page(broadcast)).context["account"]

    numbers = {account.planned, *(line.number for line in account.lines)}
    assert numbers == {"fewer than 20"}
    assert [line.reasons for line in account.lines] == [()] * 4
    assert (account.delivered, account.segments) == ("", ())


def test_progress_is_asked_for_again_while_something_can_change(editor):
    broadcast = sent("queued")

    shown = fragment(editor, broadcast, "sending").content.decode()

    assert 'hx-trigger="every 2s"' in shown


def test_a_page_whose_buttons_are_out_of_date_is_loaded_anew(editor):
    broadcast = sent("queued")
    Broadcast.objects.update(state=S.PAUSED, pause_reason="template")

    assert fragment(editor, broadcast, "sending").headers["HX-Refresh"] == "true"


def test_a_closed_broadcast_asks_for_nothing_more(editor):
    broadcast = sent("delivered", state=S.DONE, closed_at=NOW)

    assert "hx-get" not in editor.get(page(broadcast)).content.decode()


def outlook(client, *states, **broadcast):
    return client.get(page(sent(*states, **broadcast))).context["account"].outlook


def test_the_outlook_is_guessed_from_the_pace_so_far(editor):
    began = timezone.now() - timedelta(minutes=10)

    words = outlook(editor, "delivered", "queued", started_at=began)

    assert words in {"About 10 minutes to go.", "About 11 minutes to go."}


def test_nothing_is_guessed_before_anything_has_left(editor):
    assert outlook(editor, "queued", started_at=timezone.now()) == "It has just begun."


def test_when_all_has_left_the_outlook_says_so(editor):
    assert outlook(editor, "accepted").startswith("Everything has been sent.")


def test_what_stands_still_says_why_and_that_nothing_is_lost(editor):
    broadcast = BroadcastFactory(state=S.PAUSED, pause_reason="template")

    shown = editor.get(page(broadcast)).content.decode()

    assert "WhatsApp no longer accepts the template." in shown
    assert "Nothing is lost" in shown


def to_five_people(slug, **times):
    """A broadcast that three of five people may get today."""
    SubscriberFactory.create_batch(3)
    allowance.note(3, now=timezone.now())
    return BroadcastFactory(slug=slug, **times)


def started(slug):
    """A broadcast to five people that has begun, of which the limit lets three go."""
    broadcast = to_five_people(slug, state=S.SCHEDULED, due_at=timezone.now())
    sending.start(broadcast.pk, now=timezone.now())
    waves.release(hours=connections.sending_hours(), now=timezone.now())
    return broadcast


def test_before_it_is_approved_everybody_sees_that_it_leaves_in_waves(approver):
    Category.objects.update(useful_for=timedelta(days=2))
    broadcast = to_five_people("presseschau", state=S.IN_REVIEW)
    allowance.note(250, now=timezone.now())

    shown = approver.get(page(broadcast)).content.decode()

    assert "today about 230 of about 410, the rest tomorrow." in shown


def test_what_is_useful_for_hours_only_is_announced_as_lost_for_the_rest(approver):
    broadcast = to_five_people("presseschau", state=S.IN_REVIEW)

    shown = approver.get(page(broadcast)).content.decode()

    assert "For the rest it would be too late to be useful." in shown


def test_while_it_is_sent_the_page_says_who_waits_for_the_limit_and_until_when(approver):
    Category.objects.update(useful_for=timedelta(days=2))

    outlook = approver.get(page(started("presseschau"))).context["account"].outlook

    assert "3 of 5 people get it now, the rest from " in outlook


def test_the_page_does_not_promise_what_will_be_too_late(approver):
    outlook = approver.get(page(started("presseschau"))).context["account"].outlook

    assert outlook.endswith("3 of 5 people get it. For the rest it would be too late to be useful.")
