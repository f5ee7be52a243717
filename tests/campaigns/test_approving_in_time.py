"""What waits for approval: its approvers are told, and its time passes like any other."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from campaigns import asking, scheduling, sending
from campaigns.asking import Asking
from campaigns.lookout import sweep as look_out
from campaigns.models import Alarm, Broadcast
from campaigns.refusals import NotPossible
from campaigns.states import BroadcastState as S
from campaigns.telling import Words
from tests.campaigns.desk import AFTERNOON, HOURS, approve, diary, submit
from tests.factories import NOW, BroadcastFactory, MessageFactory, SubscriberFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("approved_templates", "english"),
]

ASKING = Asking(
    sender="desk@example.org", words=Words(language="en", base_url="https://desk.example.org")
)
LATER = AFTERNOON + timedelta(minutes=1)


class NoServer(BaseEmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, email_messages):
        raise OSError


@pytest.fixture(autouse=True)
def _somebody_to_write_to():
    SubscriberFactory()


@pytest.fixture
def approver():
    return UserFactory(group="Freigabe", email="freigabe@example.org")


def state(broadcast):
    return Broadcast.objects.get(pk=broadcast.pk).state


def test_approvers_get_a_link_to_the_page_on_which_they_decide(approver):
    broadcast = BroadcastFactory(state=S.IN_REVIEW)

    asking.ask(ASKING, now=NOW)

    (sent,) = mail.outbox
    assert (sent.to, sent.bcc) == ([], [approver.email])
    assert f"https://desk.example.org/admin/campaigns/broadcast/{broadcast.pk}/review/" in sent.body


def test_the_mail_tells_no_word_of_the_message(approver):
    broadcast = BroadcastFactory(state=S.IN_REVIEW)

    asking.ask(ASKING, now=NOW)

    words = mail.outbox[0].subject + mail.outbox[0].body
    assert not any(text in words for text in broadcast.message.values.values())


@pytest.mark.usefixtures("approver")
def test_they_are_asked_once():
    BroadcastFactory(state=S.IN_REVIEW)

    asking.ask(ASKING, now=NOW)
    asking.ask(ASKING, now=NOW)

    assert len(mail.outbox) == 1


@pytest.mark.usefixtures("approver")
def test_they_are_asked_again_when_it_is_submitted_again():
    broadcast = BroadcastFactory(state=S.IN_REVIEW)
    asking.ask(ASKING, now=NOW)
    scheduling.send_back(broadcast, note="Bitte kürzer.", by=UserFactory(group="Freigabe"), now=NOW)
    submit(broadcast, broadcast.message.created_by)

    asking.ask(ASKING, now=NOW)

    assert len(mail.outbox) == 2


@pytest.mark.usefixtures("approver")
def test_a_mail_that_cannot_leave_is_tried_again(settings):
    BroadcastFactory(state=S.IN_REVIEW)
    settings.EMAIL_BACKEND = f"{__name__}.NoServer"
    asking.ask(ASKING, now=NOW)

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    asking.ask(ASKING, now=NOW)

    assert len(mail.outbox) == 1


def test_only_colleagues_who_may_approve_are_asked(approver):
    author = UserFactory(group="Freigabe", email="author@example.org")
    UserFactory(group="Redaktion", email="redaktion@example.org")
    UserFactory(group="Freigabe", email="left@example.org", is_active=False)
    UserFactory(group="Freigabe")  # without an address
    message = MessageFactory(created_by=author)

    asked = asking.approvers(BroadcastFactory(state=S.IN_REVIEW, message=message))

    assert asked == [approver.email]


@pytest.mark.parametrize(
    ("times", "at", "reached"),
    [
        ({"due_at": AFTERNOON}, NOW, S.IN_REVIEW),
        ({"due_at": AFTERNOON}, AFTERNOON, S.MISSED),
        ({"not_after": AFTERNOON}, AFTERNOON, S.MISSED),
        ({}, LATER, S.IN_REVIEW),
    ],
)
def test_what_nobody_approved_in_time_is_missed(times, at, reached):
    broadcast = BroadcastFactory(state=S.IN_REVIEW, **times)

    sending.sweep(now=at)

    assert state(broadcast) == reached


def test_that_nobody_approved_it_in_time_is_told():
    broadcast = BroadcastFactory(state=S.IN_REVIEW, due_at=AFTERNOON)

    sending.sweep(now=LATER)
    look_out(now=LATER)

    assert diary(broadcast) == [("unapproved", "")]
    assert Alarm.objects.get().subject == f"broadcast {broadcast.pk}"


def test_the_person_on_duty_can_still_have_it_approved_for_now(approver):
    broadcast = BroadcastFactory(state=S.IN_REVIEW, due_at=NOW - timedelta(minutes=1))
    sending.sweep(now=NOW)
    broadcast.refresh_from_db()

    approve(broadcast, approver)

    assert (broadcast.state, broadcast.due_at) == (S.SCHEDULED, NOW)


def test_what_was_approved_at_the_last_moment_is_not_missed(approver):
    broadcast = BroadcastFactory(state=S.IN_REVIEW, due_at=NOW)
    approve(broadcast, approver)

    sending.sweep(now=NOW)

    assert state(broadcast) == S.SCHEDULED


def test_what_was_missed_unapproved_is_not_put_on_the_schedule(approver):
    broadcast = BroadcastFactory(state=S.IN_REVIEW, due_at=NOW)
    sending.sweep(now=NOW)

    with pytest.raises(NotPossible):
        scheduling.schedule(broadcast, at=None, by=approver, hours=HOURS, now=NOW)

    assert state(broadcast) == S.MISSED
