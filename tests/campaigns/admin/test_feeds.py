"""The list of feeds: kept by editors and IT, one by one or as a CSV file."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.models import Feed

pytestmark = pytest.mark.django_db(databases="__all__")

LIST = "/admin/campaigns/feed/"
IMPORT = "/admin/campaigns/feed/import/"


def imported(client, text):
    """What a file becomes: the page that asks whether it is right, and the answer to yes."""
    file = SimpleUploadedFile("feeds.csv", text.encode("utf-8-sig"), content_type="text/csv")
    shown = client.post(IMPORT, {"import_file": file, "format": "0"})
    if "confirm_form" in shown.context:
        form = shown.context["confirm_form"].initial
        client.post(reverse("admin:campaigns_feed_process_import"), form)
    return shown


def test_an_editor_adds_a_feed(editor):
    typed = {"name": "TA", "url": "https://www.ta.de/rss", "has_paywall": "on", "is_active": "on"}

    editor.post(f"{LIST}add/", typed)

    feed = Feed.objects.get()
    assert (feed.name, feed.has_paywall, feed.trouble) == ("TA", True, "")


@pytest.mark.parametrize("url", ["http://www.ta.de/rss", "https://me:secret@ta.de/", "file:///etc"])
def test_an_address_that_would_not_be_fetched_is_refused(editor, url):
    answer = editor.post(f"{LIST}add/", {"name": "TA", "url": url, "is_active": "on"})

    assert "url" in answer.context["adminform"].form.errors
    assert not Feed.objects.exists()


def test_a_list_adds_new_feeds_and_changes_known_ones(it):
    Feed.objects.create(name="TA", url="https://www.ta.de/alt")

    imported(
        it,
        "name,url,has_paywall,is_active\n"
        "TA,https://www.ta.de/rss,1,1\n"
        "MDR Thüringen,https://www.mdr.de/rss,0,0\n",
    )

    rows = Feed.objects.order_by("pk").values_list("name", "url", "has_paywall", "is_active")
    assert list(rows) == [
        ("TA", "https://www.ta.de/rss", True, True),
        ("MDR Thüringen", "https://www.mdr.de/rss", False, False),
    ]


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "javascript:alert(1)", "https://a.de:22/"])
def test_a_list_with_one_wrong_address_changes_nothing(it, url):
    shown = imported(
        it, f"name,url,has_paywall,is_active\nTA,https://www.ta.de/rss,1,1\nX,{url},0,1\n"
    )

    assert shown.context["result"].has_validation_errors()
    assert not Feed.objects.exists()


def test_the_list_says_what_is_wrong_with_a_feed(editor):
    Feed.objects.create(name="TA", url="https://www.ta.de/rss", trouble=Feed.Trouble.MOVED)
    Feed.objects.create(name="MDR", url="https://www.mdr.de/rss", is_active=False)

    shown = editor.get(LIST).content.decode()

    assert "It has moved." in shown
    assert "not fetched" in shown


@pytest.mark.parametrize("group", ["Freigabe", "Datenschutz", "Personal"])
def test_nobody_else_imports(sign_in, group):
    assert sign_in(group).get(IMPORT).status_code == 403
