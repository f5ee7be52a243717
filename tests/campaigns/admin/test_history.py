"""The versions of a message: listed, compared, brought back."""

import pytest
from django.urls import reverse

from campaigns.models import Broadcast, Message
from tests.campaigns.admin.addresses import edit, form, said, writing
from tests.factories import BroadcastFactory

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("audience", "approved_templates"),
]


@pytest.fixture
def twice_changed(editor):
    """A draft with three versions of its first headline: one, two, three."""
    editor.post(writing(), form(schlagzeile_1="eins"))
    broadcast = Broadcast.objects.get()
    for revision, text in enumerate(("zwei", "drei"), start=1):
        editor.post(edit(broadcast), form(schlagzeile_1=text, revision=revision))
    return broadcast


def address(broadcast):
    return reverse("admin:campaigns_broadcast_versions", args=[broadcast.pk])


def compared(page):
    return [(one.before, one.after) for one in page.context["differences"]]


def test_the_last_two_versions_are_compared(editor, twice_changed):
    page = editor.get(address(twice_changed))

    assert [one.revision for one in page.context["versions"]] == [3, 2, 1]
    assert compared(page) == [("zwei", "drei")]


def test_any_two_versions_are_compared(editor, twice_changed):
    page = editor.get(address(twice_changed), {"from": "1", "to": "3"})

    assert compared(page) == [("eins", "drei")]


@pytest.mark.parametrize("wanted", ["99", "x", "-1"])
def test_a_version_that_does_not_exist_is_not_compared(editor, twice_changed, wanted):
    assert compared(editor.get(address(twice_changed), {"from": wanted})) == [("zwei", "drei")]


def test_an_older_version_is_brought_back_as_the_newest(editor, twice_changed):
    url = reverse("admin:campaigns_broadcast_restore", args=[twice_changed.pk, 1])

    page = editor.post(url, follow=True)

    assert said(page)[-1] == "Version 1 is the newest one again."
    assert Message.objects.get().values["schlagzeile_1"] == "eins"
    assert [one.revision for one in page.context["versions"]] == [4, 3, 2, 1]


def test_what_is_being_sent_is_not_changed_by_an_older_version(editor, twice_changed):
    sending = BroadcastFactory(state="sending").pk
    Broadcast.objects.filter(pk=twice_changed.pk).update(state="cancelled")
    url = reverse("admin:campaigns_broadcast_restore", args=[twice_changed.pk, 1])

    editor.post(url)

    assert Message.objects.get(broadcast=twice_changed).values["schlagzeile_1"] == "drei"
    assert Broadcast.objects.get(pk=sending).state == "sending"


def test_a_message_of_former_times_has_no_versions(editor):
    page = editor.get(address(BroadcastFactory()))

    assert page.status_code == 200
    assert page.context["versions"] == []
