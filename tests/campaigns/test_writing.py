"""Writing, submitting and approving: only what was read is approved, and by somebody else."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns import scheduling
from campaigns.models import Broadcast, BroadcastEvent, Category, Message, MessageTemplate
from campaigns.refusals import NotPossible
from campaigns.states import CLOSED, RUNNING
from campaigns.states import BroadcastState as S
from tests.campaigns.desk import (
    AFTERNOON,
    TONIGHT,
    approve,
    change,
    diary,
    draft,
    in_review,
    send_back,
    submit,
    write,
)
from tests.campaigns.pictures import medium
from tests.factories import NOW, BroadcastFactory, SubscriberFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("approved_templates"),
]


@pytest.fixture(autouse=True)
def _english_desk_with_a_subscriber(english):
    SubscriberFactory()


@pytest.fixture
def writer():
    return UserFactory(group="Redaktion")


@pytest.fixture
def approver():
    return UserFactory(group="Freigabe")


def test_a_full_text_brings_the_template_with_the_button_and_takes_it_away_again(writer):
    broadcast = write(writer, full_text="  Alles\r\nzur Linie 3 ")
    assert broadcast.message.full_text == "Alles\nzur Linie 3"
    assert broadcast.message.template.name == "presseschau_lesen"

    change(broadcast, writer, full_text="")

    message = Message.objects.get()
    assert (message.full_text, message.template.name) == ("", "presseschau")


def test_a_change_that_says_nothing_of_the_full_text_leaves_it(writer):
    broadcast = write(writer, full_text="Alles zur Linie 3")

    change(broadcast, writer, datum="24. November")

    assert Message.objects.get().full_text == "Alles zur Linie 3"


def test_a_category_without_full_texts_takes_none(writer):
    with pytest.raises(NotPossible, match="no full text"):
        write(writer, slug="gewinnspiel", full_text="Alles")


def test_an_approval_covers_the_full_text(writer, approver):
    broadcast = in_review(writer)
    seen_hash = broadcast.message.content_hash()
    Message.objects.update(full_text="Nachträglich")

    with pytest.raises(NotPossible, match="changed since you opened it"):
        approve(Broadcast.objects.get(pk=broadcast.pk), approver, seen_hash=seen_hash)


def test_a_new_message_is_a_draft_with_the_values_of_its_template(writer):
    broadcast = write(writer, datum=" 24. November ", nonsense="x")

    assert broadcast.state == S.DRAFT
    assert broadcast.message.values == {
        "datum": "24. November",
        "schlagzeile_1": "",
        "schlagzeile_2": "",
        "schlagzeile_3": "",
    }
    assert diary(broadcast) == [("written", writer.username)]


def test_only_editors_write(approver):
    with pytest.raises(NotPossible):
        write(approver)

    assert not Message.objects.exists()


def test_a_change_is_kept_and_counted(writer):
    broadcast, colleague, picture = draft(writer), UserFactory(group="Redaktion"), medium()

    change(broadcast, colleague, datum="25. November", media=picture, due_at=AFTERNOON)

    message = Message.objects.get(pk=broadcast.message_id)
    assert (message.values["datum"], message.media) == ("25. November", picture)
    assert (message.revision, message.changed_by) == (2, colleague)
    assert broadcast.due_at == AFTERNOON
    assert diary(broadcast) == [("changed", colleague.username)]


def test_nobody_overwrites_a_colleague_unknowingly(writer):
    broadcast = draft(writer)
    change(broadcast, writer, datum="von mir")

    with pytest.raises(NotPossible, match="in the meantime"):
        change(broadcast, writer, datum="von gestern", revision=1)

    assert Message.objects.get(pk=broadcast.message_id).values["datum"] == "von mir"


@pytest.mark.parametrize("state", [S.IN_REVIEW, S.APPROVED, S.SCHEDULED, S.MISSED])
def test_every_change_makes_the_approval_void(writer, state):
    broadcast = BroadcastFactory(state=state, message__created_by=writer)

    change(broadcast, writer, datum="25. November")

    assert broadcast.state == S.DRAFT
    assert (broadcast.submitted_by, broadcast.approved_by, broadcast.approved_hash) == (None,) * 3
    assert broadcast.expires_at is None


@pytest.mark.parametrize("state", sorted(RUNNING | CLOSED))
def test_what_is_being_sent_does_not_change_even_for_a_page_opened_before(writer, state):
    stale = draft(writer)
    sent = BroadcastFactory(state=state)
    fields = [field.attname for field in Broadcast._meta.fields[2:]]
    Broadcast.objects.filter(pk=stale.pk).update(
        **{name: getattr(sent, name) for name in fields if name != "message_id"}
    )

    with pytest.raises(NotPossible, match="not possible now"):
        change(stale, writer, datum="zu spät")

    assert Message.objects.get(pk=stale.message_id).values["datum"] != "zu spät"


def test_a_message_keeps_its_template_when_its_category_gets_another(writer):
    broadcast = draft(writer)
    other = MessageTemplate.objects.get(name="neues")
    Category.objects.filter(slug="presseschau").update(template=other)

    change(Broadcast.objects.get(pk=broadcast.pk), writer, datum="25. November")

    assert Message.objects.get(pk=broadcast.message_id).values["datum"] == "25. November"


def test_a_finished_message_waits_for_a_colleague(writer):
    broadcast = draft(writer)

    submit(broadcast, writer)

    assert (broadcast.state, broadcast.submitted_by) == (S.IN_REVIEW, writer)
    assert diary(broadcast) == [("submitted", writer.username)]


def test_an_unfinished_message_is_not_submitted(writer):
    broadcast = draft(writer, values={})

    with pytest.raises(NotPossible, match="First headline"):
        submit(broadcast, writer)


@pytest.mark.parametrize(
    ("due_at", "words"),
    [
        (NOW - timedelta(seconds=1), "This time has passed"),
        (TONIGHT, "next possible time is 24.11.2026 07:00"),
    ],
)
def test_a_time_that_cannot_be_kept_is_refused_when_submitting(writer, due_at, words):
    broadcast = draft(writer)
    broadcast.due_at = due_at

    with pytest.raises(NotPossible, match=words):
        submit(broadcast, writer)


def test_what_is_approved_leaves_at_once_if_no_time_was_chosen(writer, approver):
    broadcast = in_review(writer)

    approve(broadcast, approver)

    assert (broadcast.state, broadcast.due_at) == (S.SCHEDULED, NOW)
    assert broadcast.expires_at == NOW + broadcast.message.category.useful_for
    assert broadcast.approved_by == approver
    assert diary(broadcast) == [
        ("approved", approver.username),
        ("scheduled", approver.username),
    ]


def test_what_is_approved_leaves_at_the_time_that_was_chosen(writer, approver):
    broadcast = in_review(writer, due_at=AFTERNOON)

    approve(broadcast, approver)

    assert broadcast.due_at == AFTERNOON


def test_an_approval_that_comes_too_late_approves_nothing(writer, approver):
    broadcast = in_review(writer, due_at=NOW - timedelta(minutes=1))

    with pytest.raises(NotPossible, match="This time has passed"):
        approve(broadcast, approver)

    assert Broadcast.objects.get(pk=broadcast.pk).state == S.IN_REVIEW
    assert diary(broadcast) == []


@pytest.mark.parametrize("role", ["submitted_by", "message__changed_by"])
def test_nobody_approves_their_own_message(writer, role):
    both = UserFactory(group="Freigabe")
    broadcast = BroadcastFactory(state=S.IN_REVIEW, message__created_by=writer, **{role: both})

    with pytest.raises(NotPossible, match="approves their own"):
        approve(broadcast, both)


def test_not_even_an_administrator_approves_their_own_message():
    administrator = UserFactory(is_superuser=True)

    with pytest.raises(NotPossible, match="approves their own"):
        approve(in_review(administrator), administrator)


def test_the_database_refuses_an_approval_of_ones_own_too(writer):
    broadcast = in_review(writer)
    approval = {"approved_by": writer, "approved_at": NOW, "approved_hash": "0"}

    with pytest.raises(IntegrityError, match="broadcast_four_eyes"), transaction.atomic():
        Broadcast.objects.filter(pk=broadcast.pk).update(**approval)


def test_only_what_was_read_is_approved(writer, approver):
    broadcast = in_review(writer)
    seen_hash = broadcast.message.content_hash()
    Message.objects.filter(pk=broadcast.message_id).update(values={"datum": "anders"})

    with pytest.raises(NotPossible, match="changed since you opened it"):
        approve(Broadcast.objects.get(pk=broadcast.pk), approver, seen_hash=seen_hash)


def test_a_message_comes_back_with_a_reason(writer, approver):
    broadcast = in_review(writer)

    send_back(broadcast, approver)

    event = broadcast.events.get()
    assert (broadcast.state, broadcast.submitted_by) == (S.DRAFT, None)
    assert (event.what, event.note) == (BroadcastEvent.What.RETURNED, "Bitte kürzer.")


def test_a_message_does_not_come_back_without_a_word(writer, approver):
    with pytest.raises(NotPossible, match="in a few words"):
        scheduling.send_back(in_review(writer), note=" \n", by=approver, now=NOW)
