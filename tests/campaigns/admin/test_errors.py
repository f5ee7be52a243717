"""What is shown when something is wrong: our own page each time, which loses nobody's words."""

import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client, RequestFactory
from django.urls import reverse

from campaigns import views
from campaigns.models import Broadcast
from tests.campaigns.outages import no_database

pytestmark = pytest.mark.django_db(databases="__all__")

START = reverse("admin:index")
WRITE = reverse("admin:campaigns_broadcast_write", args=["neues"])


def looks_like_ours(response):
    """Our colours, a way back, and no script that forgets what is kept in the browser."""
    page = response.text
    return "desk/base.css" in page and f'href="{START}"' in page and "desk/desk.js" not in page


def failed(trouble):
    """The answer to a request that nobody could serve."""
    try:
        raise trouble
    except type(trouble):
        return views.trouble(RequestFactory().get("/"))


def test_an_address_that_leads_nowhere(editor):
    page = editor.get("/admin/nowhere/")

    assert (page.status_code, looks_like_ours(page)) == (404, True)
    assert "There is nothing here" in page.text


def test_a_page_of_others(editor):
    page = editor.get(reverse("admin:auth_user_changelist"))

    assert (page.status_code, looks_like_ours(page)) == (403, True)
    assert "please ask IT" in page.text


def test_a_form_that_has_become_too_old_changes_nothing(editor):
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    strict.cookies = editor.cookies

    page = strict.post(WRITE, {"when": "at_once"})

    assert (page.status_code, looks_like_ours(page)) == (403, True)
    assert "This page was too old" in page.text
    assert not Broadcast.objects.exists()


def test_a_button_pressed_before_signing_in_anew_leads_to_words_not_to_an_empty_page(editor):
    page = editor.get(reverse("admin:campaigns_broadcast_correct", args=[1]))

    assert (page.status_code, looks_like_ours(page)) == (405, True)
    assert "Please go back to the page and press it again." in page.text


def test_what_cannot_be_read(editor, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1

    page = editor.post(WRITE, {"one": 1, "two": 2})

    assert (page.status_code, looks_like_ours(page)) == (400, True)


def test_a_mistake_of_ours_asks_to_tell_it():
    page = failed(SuspiciousOperation())

    assert (page.status_code, looks_like_ours(page)) == (500, True)


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_while_the_database_is_away_the_desk_asks_for_patience(editor):
    editor.raise_request_exception = False

    with no_database():
        page = editor.get(START)

    assert (page.status_code, page.headers["Retry-After"]) == (503, "30")
    assert looks_like_ours(page)
    assert "Just a moment, please" in page.text
