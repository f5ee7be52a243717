"""The page with the poster and the join code."""

import pytest
from django.contrib.admin.models import LogEntry

from subscribers import admission
from subscribers.models import JoinCode
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(databases="__all__")

PAGE = "/admin/subscribers/joincode/"


@pytest.fixture
def sign_in(client):
    """Sign in as a new member of a group."""

    def as_member(group):
        client.force_login(UserFactory(group=group))
        return client

    return as_member


@pytest.mark.parametrize(
    ("form", "mime_type"), [("svg", "image/svg+xml"), ("pdf", "application/pdf")]
)
def test_the_poster_is_one_click_away(sign_in, form, mime_type):
    answer = sign_in("Redaktion").get(f"{PAGE}poster.{form}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, mime_type)


def test_without_a_number_the_page_says_whom_to_ask(sign_in, settings):
    settings.WHATSAPP_NUMBER = ""
    client = sign_in("Redaktion")

    assert "WHATSAPP_NUMBER" in client.get(PAGE).content.decode()
    assert client.get(f"{PAGE}poster.pdf").status_code == 404


def test_it_switches_the_code_on_and_off_and_that_is_in_the_log(sign_in):
    client = sign_in("IT")

    client.post(f"{PAGE}require/")
    was_required = admission.is_required()
    client.post(f"{PAGE}release/")

    assert (was_required, admission.is_required()) == (True, False)
    assert LogEntry.objects.count() == 2


def test_a_new_code_can_be_drawn(sign_in):
    client = sign_in("IT")
    client.post(f"{PAGE}require/")
    before = JoinCode.objects.get().code

    client.post(f"{PAGE}rotate/")

    assert JoinCode.objects.get().previous == before


@pytest.mark.parametrize("change", ["require", "release", "rotate"])
def test_editors_see_the_code_and_change_nothing(sign_in, change):
    client = sign_in("Redaktion")

    assert client.get(PAGE).status_code == 200
    assert client.post(f"{PAGE}{change}/").status_code == 403


@pytest.mark.parametrize("change", ["require", "nonsense"])
def test_looking_changes_nothing(sign_in, change):
    sign_in("IT").get(f"{PAGE}{change}/")

    assert not admission.is_required()
