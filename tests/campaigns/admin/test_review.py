"""The page on which somebody decides: whom it reaches, what it costs, when, and two ways on."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from campaigns import connections
from campaigns.models import Broadcast
from campaigns.states import BroadcastState as S
from subscribers.models import MonthlyFigure
from tests.campaigns.admin.addresses import do, edit, page, said
from tests.factories import BroadcastFactory, DeliveryFactory, MessageFactory, UserFactory, publish

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("audience", "approved_templates"),
]


def review(broadcast):
    return reverse("admin:campaigns_broadcast_review", args=[broadcast.pk])


def seen(broadcast):
    return {"seen_hash": broadcast.message.content_hash()}


@pytest.fixture
def waiting():
    return BroadcastFactory(state=S.IN_REVIEW)


def test_the_approver_sees_the_message_as_on_a_phone(approver, waiting):
    shown = approver.get(review(waiting)).content.decode()

    assert "<strong>Presseschau</strong>" in shown
    assert waiting.message.content_hash() in shown


@pytest.mark.parametrize(
    ("slug", "words"), [("presseschau", "everybody: Mini and Maxi"), ("neues", "only Maxi")]
)
def test_it_says_in_words_who_gets_it(approver, slug, words):
    shown = approver.get(review(BroadcastFactory(slug=slug, state=S.IN_REVIEW))).content.decode()

    assert words in shown


def test_it_says_how_many_when_and_for_how_much(approver, waiting):
    shown = approver.get(review(waiting)).content.decode()

    assert 'about 410 people <span class="quiet">(as of Nov. 23, 2026)</span>' in shown
    assert "at once" in shown
    assert "<dt>Costs</dt>" in shown


def test_with_a_hold_time_it_says_for_how_long_it_can_be_undone(settings, approver, waiting):
    settings.HOLD_SECONDS = 300
    connections.forget()

    shown = approver.get(review(waiting)).content.decode()

    assert "at once; for 5 min it can be undone" in shown


def test_the_page_of_the_broadcast_leads_there(approver, waiting):
    assert review(waiting) in approver.get(page(waiting)).content.decode()


def test_the_start_page_leads_those_there_who_may_decide(approver, editor, waiting):
    assert review(waiting) in approver.get("/admin/").content.decode()
    assert review(waiting) not in editor.get("/admin/").content.decode()


def test_where_nothing_is_to_be_decided_it_leads_to_the_broadcast(approver):
    broadcast = BroadcastFactory(state=S.SCHEDULED)

    assert approver.get(review(broadcast)).url == page(broadcast)


def test_ones_own_message_offers_no_approval_but_an_explanation(sign_in):
    user = UserFactory(group="Redaktion")
    user.groups.add(Group.objects.get(name="Freigabe"))
    broadcast = BroadcastFactory(message=MessageFactory(created_by=user), state=S.IN_REVIEW)

    answer = sign_in(user).get(review(broadcast))

    assert "approve" not in answer.context["verbs"]
    assert "Nobody approves their own message" in answer.content.decode()


def test_what_stands_in_the_way_is_said_before_anybody_approves(approver, waiting):
    template = waiting.message.template
    template.status = "PAUSED"
    template.save(update_fields=["status"])

    shown = approver.get(review(waiting)).content.decode()

    assert "WhatsApp has not approved the template" in shown


def test_a_refused_approval_shows_the_page_again(approver, waiting):
    answer = approver.post(do(waiting, "approve"), {"seen_hash": "of other words"})

    assert "Please read it again" in said(answer)[0]
    assert waiting.message.content_hash() in answer.content.decode()


def test_a_message_goes_back_only_with_a_reason(approver, waiting):
    answer = approver.post(do(waiting, "send_back"), {"note": " "})

    assert said(answer) == ["Please say in a few words what should be changed."]
    assert Broadcast.objects.get().state == S.IN_REVIEW


@pytest.mark.parametrize("place", [page, edit])
def test_the_reason_stands_above_the_draft_until_it_is_submitted_anew(editor, approver, place):
    waiting = BroadcastFactory(slug="neues", state=S.IN_REVIEW)
    approver.post(do(waiting, "send_back"), {"note": "Which Monday?"})
    before = editor.get(place(waiting)).text

    editor.post(do(waiting, "submit"))
    after = editor.get(place(waiting)).text

    reason = "sent it back: <q>Which Monday?</q>"
    assert (reason in before, reason in after) == (True, False)


@pytest.fixture
def large(settings):
    """410 people are many here."""
    settings.CONFIRM_ABOVE = 410


@pytest.mark.usefixtures("large")
def test_many_people_are_confirmed_with_a_tick(approver, waiting):
    assert 'name="confirmed"' in approver.get(review(waiting)).content.decode()

    refused = approver.post(do(waiting, "approve"), seen(waiting))
    approver.post(do(waiting, "approve"), seen(waiting) | {"confirmed": "on"})

    assert "confirm with the tick" in said(refused)[0]
    assert Broadcast.objects.get().state == S.SCHEDULED


def test_few_people_need_no_tick(settings, approver, waiting):
    settings.CONFIRM_ABOVE = 420

    assert 'name="confirmed"' not in approver.get(review(waiting)).content.decode()


@pytest.mark.parametrize("shown", [{}, {"mini": None, "maxi": None}], ids=["never", "too few"])
def test_as_long_as_nobody_knows_how_many_they_are_there_is_a_tick(approver, waiting, shown):
    MonthlyFigure.objects.all().delete()
    publish(**shown)

    refused = approver.post(do(waiting, "approve"), seen(waiting))

    assert "confirm with the tick" in said(refused)[0]
    assert "Yes, all of them shall get it." in approver.get(review(waiting)).text


def test_a_tick_of_a_correction_asks_how_many_got_the_original(settings, approver):
    settings.CONFIRM_ABOVE = 20
    original = BroadcastFactory(state=S.DONE, closed_at=timezone.now())
    correction = BroadcastFactory(corrects=original, state=S.IN_REVIEW)
    DeliveryFactory.create_batch(19, broadcast=original, state="delivered")
    before = approver.get(review(correction)).context["wants_tick"]
    DeliveryFactory(broadcast=original, state="delivered")

    assert (before, approver.get(review(correction)).context["wants_tick"]) == (False, True)


def missed(**broadcast):
    """Submitted, and its time passed before anybody approved it."""
    made = BroadcastFactory(state=S.IN_REVIEW, **broadcast)
    Broadcast.objects.filter(pk=made.pk).update(state=S.MISSED, due_at=timezone.now())
    return made


def test_what_nobody_approved_in_time_can_still_be_approved(approver):
    broadcast = missed()

    shown = approver.get(review(broadcast)).content.decode()
    approver.post(do(broadcast, "approve"), seen(broadcast))

    assert "Nobody approved it in time" in shown
    assert Broadcast.objects.get().state == S.SCHEDULED


def test_what_nobody_approved_in_time_is_not_sent_with_one_button(editor):
    verbs = editor.get(page(missed())).context["verbs"]

    assert {"send_now", "schedule"} & verbs.keys() == set()
    assert "drop" in verbs


@pytest.fixture
def held(settings, approver, waiting):
    """Just approved, in its hold time of five minutes."""
    settings.HOLD_SECONDS = 300
    connections.forget()
    approver.post(do(waiting, "approve"), seen(waiting))
    return Broadcast.objects.get()


@pytest.mark.parametrize("address", ["/admin/", None])
def test_a_held_broadcast_counts_down_beside_its_way_back(editor, held, address):
    shown = editor.get(address or page(held)).content.decode()

    assert "It can be undone until" in shown
    assert do(held, "undo") in shown


def test_undoing_is_one_act(editor, held):
    answer = editor.post(do(held, "undo"), follow=True)

    assert said(answer) == ["Undone. Nothing has been sent; it stays approved."]
    assert Broadcast.objects.get().state == S.APPROVED


def test_when_the_hold_time_is_over_it_says_that_it_leaves(editor, held):
    Broadcast.objects.update(held_until=timezone.now() - timedelta(seconds=1))

    assert "It leaves any moment." in editor.get(page(held)).content.decode()


def test_a_held_broadcast_is_undone_and_not_taken_off_the_schedule(editor, held):
    verbs = editor.get(page(held)).context["verbs"]

    assert "undo" in verbs
    assert "unschedule" not in verbs
