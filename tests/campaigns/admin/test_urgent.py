"""What cannot wait: one page from the start page, a reason, and a second person."""

import pytest
from django.utils import timezone

from campaigns.models import Broadcast, Category
from campaigns.states import BroadcastState as S
from tests.campaigns.admin.addresses import do, form, page, writing
from tests.campaigns.console import facts
from tests.factories import BroadcastFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("audience", "approved_templates"),
]

REASON = "Rohrbruch, die Frühschicht ist schon unterwegs"


def submitted(client, **changes):
    """Post a finished urgent notice."""
    return client.post(writing("eilmeldung"), form("eilmeldung", action="submit", **changes))


def test_the_start_page_leads_editors_straight_to_it(editor, approver):
    assert f'href="{writing("eilmeldung")}"' in editor.get("/admin/").content.decode()
    assert writing("eilmeldung") not in approver.get("/admin/").content.decode()


def test_where_nothing_is_urgent_the_start_page_offers_nothing(editor):
    Category.objects.filter(lane=Category.Lane.URGENT).update(is_archived=True)

    assert editor.get("/admin/").context["pens"].urgent is None


def test_the_time_is_filled_in_already(editor):
    values = editor.get(writing("eilmeldung")).context["form"].values

    assert values["stand"] == f"{timezone.localtime():%H.%M}"


def test_without_a_reason_it_is_not_submitted_and_nothing_typed_is_lost(editor):
    answer = submitted(editor, betreff="Halle Ost ist gesperrt")

    assert "why this cannot wait" in answer.content.decode()
    assert "Halle Ost ist gesperrt" in answer.content.decode()
    assert not Broadcast.objects.exists()


def test_whoever_approves_reads_the_reason(editor, approver):
    submitted(editor, reason=REASON)
    broadcast = Broadcast.objects.get()

    shown = approver.get(f"/admin/campaigns/broadcast/{broadcast.pk}/review/").content.decode()

    assert broadcast.state == S.IN_REVIEW
    assert REASON in shown


def test_no_other_message_asks_for_a_reason(editor):
    assert "reason" not in editor.get(writing()).context["form"].fields


def test_a_draft_is_submitted_from_the_form_that_asks_for_the_reason(editor):
    draft = BroadcastFactory(slug="eilmeldung")

    verbs = editor.get(page(draft)).context["verbs"]
    editor.post(do(draft, "submit"))

    assert "submit" not in verbs
    assert Broadcast.objects.get().state == S.DRAFT


def test_what_a_script_sends_names_the_script_as_its_reason():
    writer, approver = UserFactory(group="Redaktion"), UserFactory(group="Freigabe")
    template = Category.objects.get(pk="eilmeldung").template
    values = [f"--value={value['name']}={value['example']}" for value in template.values]
    people = [f"--as={writer.username}", f"--approve-as={approver.username}"]

    facts("broadcast", "create", "--category=eilmeldung", *values, *people)

    broadcast = Broadcast.objects.get()
    assert broadcast.events.get(what="submitted").note == "manage.py broadcast create"
