"""“My phone” and the button that sends a test to it, as the pages show them."""

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import cost
from campaigns.models import Broadcast, PhoneTest
from campaigns.states import BroadcastState
from campaigns.states import DeliveryState as D
from subscribers import phones
from subscribers.identities import Address
from tests.campaigns.admin.addresses import form, press_review, said, writing
from tests.factories import BroadcastFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("audience", "approved_templates"),
]

MINE = reverse("admin:campaigns_phonetest_changelist")
CONNECTED = reverse("admin:campaigns_phonetest_connected")
FATES = reverse("admin:campaigns_phonetest_fates", args=["presseschau"])
TRY = reverse("admin:campaigns_broadcast_test", args=["presseschau"])
TRY_PRESS = reverse("admin:campaigns_press_test", args=["presseschau"])
PHONE = Address(phone="+4915155500042")
NUMBER = "+4936112345"


@pytest.fixture
def with_phone(vault):
    def connect(client):
        code = phones.draw(client.user, vault=vault, now=timezone.now())
        assert phones.connect(code, PHONE, vault=vault, now=timezone.now())
        return client

    return connect


def page_of(answer):
    return answer.content.decode()


def test_a_code_is_shown_with_a_way_to_send_it(editor, settings):
    settings.WHATSAPP_NUMBER = NUMBER

    answer = editor.post(MINE, {"action": "draw"})

    assert phones.is_code(answer.context["code"])
    assert answer.context["code"] in page_of(answer)
    assert f"https://wa.me/{NUMBER.lstrip('+')}?text=TELEFON" in page_of(answer)


def test_a_code_is_not_shown_again(editor):
    code = editor.post(MINE, {"action": "draw"}).context["code"]

    assert code not in page_of(editor.get(MINE))


def test_after_five_codes_the_page_asks_for_patience(editor):
    for _ in range(phones.DRAWN_AT_MOST):
        editor.post(MINE, {"action": "draw"})

    assert "try again later" in said(editor.post(MINE, {"action": "draw"}, follow=True))[0]


def test_the_page_that_waits_notices_that_the_code_has_arrived(editor, with_phone):
    since = int(timezone.now().timestamp())

    assert editor.get(CONNECTED, {"since": since}).status_code == 204
    with_phone(editor)

    assert editor.get(CONNECTED, {"since": since}).headers["HX-Redirect"] == MINE


def test_the_page_shows_no_number_and_disconnects_in_one_act(editor, with_phone):
    with_phone(editor)
    shown = page_of(editor.get(MINE))

    answer = editor.post(MINE, {"action": "forget"}, follow=True)

    assert "Your phone is connected" in shown
    assert PHONE.phone[1:] not in shown
    assert "deleted" in said(answer)[0]
    assert phones.of(editor.user) is None


def test_nobody_disconnects_the_phone_of_somebody_else(editor, approver, with_phone):
    with_phone(editor)

    approver.post(MINE, {"action": "forget"})

    assert phones.of(editor.user)


@pytest.mark.parametrize("address", [TRY, TRY_PRESS])
def test_without_a_phone_the_button_leads_to_it(editor, address):
    answer = editor.post(address, form())

    assert "Connect my phone" in page_of(answer)
    assert not PhoneTest.objects.exists()


def test_what_is_being_written_is_sent_by_one_act_and_not_saved(editor, with_phone):
    with_phone(editor)

    answer = editor.post(TRY, form(schlagzeile_1="TA: Probe"))

    assert "is being sent" in page_of(answer)
    assert "every 2s" in page_of(answer)
    assert PhoneTest.objects.get().values["schlagzeile_1"] == "TA: Probe"
    assert not Broadcast.objects.exists()


def test_a_press_review_is_tried_with_the_template_for_its_lines(editor, with_phone):
    with_phone(editor)
    lines = {"key": ["1", "2"], "text-1": "TA: Eins", "text-2": "TLZ: Zwei"}

    editor.post(TRY_PRESS, {"when": "at_once", "value-datum": "23. November", **lines})

    test = PhoneTest.objects.get()
    assert test.template.name == "presseschau_2"
    assert list(test.values.values()) == ["23. November", "TA: Eins", "TLZ: Zwei"]


def test_what_is_unfinished_is_said_and_not_sent(editor, with_phone):
    with_phone(editor)

    answer = editor.post(TRY, form(schlagzeile_1=""))

    assert "First headline: Please fill this in" in page_of(answer)
    assert not PhoneTest.objects.exists()


@pytest.mark.parametrize("address", [writing(), press_review()])
def test_without_a_script_the_page_comes_back_with_a_message(editor, with_phone, address):
    with_phone(editor)

    answer = editor.post(address, form(action="test"))

    assert answer.status_code == 200
    assert len(said(answer)) == 1
    assert not Broadcast.objects.exists()


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_whoever_decides_sees_it_on_their_own_phone_first(approver, with_phone, headers):
    with_phone(approver)
    broadcast = BroadcastFactory(state=BroadcastState.IN_REVIEW)
    review = reverse("admin:campaigns_broadcast_review", args=[broadcast.pk])
    address = reverse("admin:campaigns_broadcast_test_saved", args=[broadcast.pk])
    offered = page_of(approver.get(review))

    answer = approver.post(address, headers=headers, follow=True)

    assert address in offered
    assert PhoneTest.objects.get().values == broadcast.message.values
    assert "is being sent" in page_of(answer)


@pytest.mark.parametrize(
    ("state", "reason", "words", "is_awaited"),
    [
        (D.ACCEPTED, "", "sent", True),
        (D.DELIVERED, "", "delivered", False),
        (D.FAILED, "unreachable", "refused: not reachable on WhatsApp", False),
        (D.SKIPPED, "expired", "not sent", False),
        (D.IN_DOUBT, "", "look at your phone", True),
    ],
)
def test_the_page_says_what_became_of_a_test(editor, with_phone, state, reason, words, is_awaited):
    with_phone(editor)
    editor.post(TRY, form())
    PhoneTest.objects.update(state=state, reason=reason)

    answer = page_of(editor.get(FATES))

    assert words in answer
    assert ("every 2s" in answer) is is_awaited


def test_nobody_sees_the_tests_of_somebody_else(editor, sign_in, with_phone):
    with_phone(editor).post(TRY, form())

    assert "being sent" not in page_of(sign_in("Redaktion").get(FATES))


def test_whoever_may_not_test_gets_no_button_and_no_answer(it):
    broadcast = BroadcastFactory(state=BroadcastState.IN_REVIEW)

    review = it.get(reverse("admin:campaigns_broadcast_review", args=[broadcast.pk]))

    assert "Test to my phone" not in page_of(review)
    assert it.post(TRY, form()).status_code == 403


def test_the_costs_of_tests_are_a_line_of_the_month(editor):
    cost.charge({(None, "UTILITY", "regular"): 2}, at=timezone.now(), is_test=True)

    page = page_of(editor.get(reverse("admin:campaigns_charge_changelist")))

    assert "€0.09 for tests" in page
