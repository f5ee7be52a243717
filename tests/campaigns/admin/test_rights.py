"""Which group may open which page of the desk, and press which button."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from campaigns import versions
from campaigns.shipped import RIGHTS
from campaigns.states import BroadcastState
from tests.campaigns.admin.addresses import do
from tests.campaigns.desk import change, draft
from tests.factories import BroadcastFactory, UserFactory

pytestmark = pytest.mark.django_db(databases="__all__")

EDITORS, APPROVERS, DPO, HR, IT = "Redaktion", "Freigabe", "Datenschutz", "Personal", "IT"
DESK = {EDITORS, APPROVERS, IT}
PAGES = {
    "index": {EDITORS, APPROVERS, DPO, HR, IT},
    "campaigns_broadcast_changelist": DESK,
    "campaigns_broadcast_add": {EDITORS},
    "campaigns_slot_changelist": DESK,
    "campaigns_archivedbroadcast_changelist": DESK,
    "campaigns_series_changelist": DESK,
    "campaigns_series_add": {EDITORS, IT},
    "campaigns_category_changelist": DESK,
    "campaigns_messagetemplate_changelist": DESK,
    "campaigns_messagetemplate_add": {EDITORS, IT},
    "campaigns_media_changelist": {EDITORS, APPROVERS},
    "campaigns_phonetest_changelist": {EDITORS, APPROVERS},
    "campaigns_feed_changelist": {EDITORS, IT},
    "campaigns_feed_add": {EDITORS, IT},
    "campaigns_feed_import": {EDITORS, IT},
    "campaigns_channel_changelist": {IT},
    "campaigns_charge_changelist": DESK,
    "campaigns_rate_changelist": {IT},
    "campaigns_rate_add": {IT},
    "campaigns_budget_changelist": {IT},
    "campaigns_budget_add": {IT},
    "campaigns_channel_stop": {IT},
    "campaigns_channel_release": {IT},
    "subscribers_consentevent_changelist": {DPO},
    "subscribers_accessevent_changelist": {DPO},
    "subscribers_clearance_changelist": {DPO, IT},
    "subscribers_incident_changelist": {DPO, IT},
    "subscribers_incident_declare": {DPO, IT},
    "subscribers_notice_changelist": {DPO},
    "subscribers_textversion_changelist": {EDITORS, DPO},
    "subscribers_joincode_changelist": {EDITORS, IT},
    "subscribers_ledgercheck_changelist": {DPO},
    "subscribers_ledgercheck_bundle": {DPO},
    "subscribers_ledgercheck_verifier": {DPO},
    "subscribers_ledgercheck_works_council": {DPO},
    "subscribers_ledgercheck_processing": {DPO},
    "subscribers_processor_changelist": {DPO},
    "subscribers_processor_add": {DPO},
    "subscribers_monthlyfigure_changelist": {HR},
    "subscribers_thread_changelist": {EDITORS},
    "subscribers_letterbox_changelist": {IT},
    "auth_user_changelist": {IT},
    "auth_user_add": {IT},
    "auth_group_changelist": {IT},
    "admin_logentry_changelist": {DPO, IT},
}
ASKS_WHY = {"subscribers_ledgercheck_bundle"}  # leads to the page that asks, for whoever may
MENU_ADDRESSES = [name for name in PAGES if name.endswith("changelist")]
VERBS = {
    "submit": (BroadcastState.DRAFT, {EDITORS}),
    "approve": (BroadcastState.IN_REVIEW, {APPROVERS}),
    "send_back": (BroadcastState.IN_REVIEW, {APPROVERS}),
    "schedule": (BroadcastState.APPROVED, {EDITORS, APPROVERS}),
    "unschedule": (BroadcastState.SCHEDULED, {EDITORS, APPROVERS}),
    "pause": (BroadcastState.SENDING, DESK),
    "resume": (BroadcastState.PAUSED, DESK),
    "cancel": (BroadcastState.PAUSED, DESK),
}
TYPED = {
    "approve": lambda it: {"seen_hash": it.message.content_hash()},
    "send_back": lambda it: {"note": "Bitte kürzer"},
    "schedule": lambda it: {"when": "at_once"},
}


def test_every_group_of_this_release_is_looked_at():
    assert set(RIGHTS) == {EDITORS, APPROVERS, DPO, HR, IT}


@pytest.mark.parametrize("group", RIGHTS)
@pytest.mark.parametrize("address", PAGES)
def test_a_page_opens_for_its_groups_and_for_nobody_else(sign_in, address, group):
    answer = sign_in(group).get(reverse(f"admin:{address}"), follow=address in ASKS_WHY)

    assert answer.status_code == (200 if group in PAGES[address] else 403)


@pytest.mark.parametrize("group", RIGHTS)
def test_the_menu_offers_exactly_the_pages_that_open(sign_in, group):
    client = sign_in(group)

    sections = client.get("/admin/").context["navigation"]
    offered = {entry.page.address for section in sections for entry in section.entries}

    assert offered - {"index"} == {name for name in MENU_ADDRESSES if group in PAGES[name]}


@pytest.mark.parametrize("group", sorted(DESK))
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.usefixtures("audience", "approved_templates")
def test_a_verb_works_for_its_groups_and_for_nobody_else(sign_in, verb, group):
    state, groups = VERBS[verb]
    broadcast = BroadcastFactory(state=state)
    typed = TYPED.get(verb, lambda it: {})(broadcast)

    sign_in(group).post(do(broadcast, verb), typed)

    broadcast.refresh_from_db()
    assert (broadcast.state != state) == (group in groups)


@pytest.mark.parametrize("group", RIGHTS)
def test_the_versions_of_a_message_open_for_those_who_read_messages(sign_in, group):
    broadcast = BroadcastFactory()

    answer = sign_in(group).get(reverse("admin:campaigns_broadcast_versions", args=[broadcast.pk]))

    assert answer.status_code == (200 if group in {EDITORS, APPROVERS} else 403)


@pytest.mark.parametrize("group", RIGHTS)
def test_an_older_version_is_restored_by_editors_alone(sign_in, group):
    broadcast = draft(UserFactory(group=EDITORS))
    versions.note(broadcast.message)
    change(broadcast, broadcast.message.created_by, schlagzeile_1="MDR: Ganz anders")

    address = reverse("admin:campaigns_broadcast_restore", args=[broadcast.pk, 1])
    answer = sign_in(group).post(address)

    broadcast.message.refresh_from_db()
    assert (broadcast.message.revision == 3) == (group == EDITORS)
    assert answer.status_code == (302 if group == EDITORS else 403)


@pytest.mark.parametrize("group", [DPO, HR])
def test_no_verb_is_open_to_those_who_may_not_see_broadcasts(sign_in, group):
    broadcast = BroadcastFactory(state=BroadcastState.SENDING)

    answer = sign_in(group).post(do(broadcast, "cancel"))

    assert answer.status_code == 403


@pytest.mark.parametrize("address", PAGES)
def test_strangers_are_asked_to_sign_in(address):
    answer = Client().get(reverse(f"admin:{address}"))

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("admin:login"))


def test_a_refused_page_says_whom_to_ask(sign_in):
    answer = sign_in(HR).get(reverse("admin:auth_user_changelist"))

    assert "please ask IT" in answer.content.decode()


def test_whoever_belongs_to_no_group_is_told_so(sign_in):
    client = sign_in("Personal")
    client.user.groups.remove(Group.objects.get(name="Personal"))

    answer = client.get("/admin/")

    assert "belong to no group yet" in answer.content.decode()
