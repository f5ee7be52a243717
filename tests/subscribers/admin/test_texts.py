"""The page on which words are proposed and approved."""

import pytest
from django.urls import reverse

from subscribers import revisions
from subscribers.admin import texts
from subscribers.claims import Problem
from subscribers.models import TextVersion
from subscribers.wording import LANGUAGES, shipped, shipped_names
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(databases="__all__")

WORDS = "Gut, es bleibt alles beim Alten."
PAGE = "/admin/subscribers/textversion/de/erase_cancelled/"
EDITORS, DPO = "Redaktion", "Datenschutz"


@pytest.fixture
def sign_in(client):
    """Sign in as a new member of a group."""

    def as_member(group):
        client.force_login(UserFactory(group=group))
        return client

    return as_member


def propose(client, **data):
    return client.post(PAGE, {"body": WORDS, **data})


def approve(client):
    version = TextVersion.objects.get()
    return client.post(reverse("admin:subscribers_textversion_approve", args=[version.pk]))


def in_force():
    return revisions.body("de", "erase_cancelled")


def test_every_text_has_a_label_and_only_one():
    assert texts.LABELS.keys() | texts.PARTS.keys() == set(shipped_names())
    assert not texts.LABELS.keys() & texts.PARTS.keys()


def test_an_editor_proposes_and_the_dpo_approves(sign_in):
    propose(sign_in(EDITORS))
    before = in_force()

    approve(sign_in(DPO))

    assert (before, in_force()) == (shipped("de", "erase_cancelled"), WORDS)


def test_an_editor_cannot_approve_and_the_dpo_cannot_propose(sign_in):
    assert propose(sign_in(DPO)).status_code == 403
    propose(sign_in(EDITORS))

    assert approve(sign_in(EDITORS)).status_code == 403
    assert in_force() != WORDS


@pytest.mark.parametrize("group", ["Personal", "IT", "Freigabe"])
def test_nobody_else_sees_the_texts(sign_in, group):
    assert sign_in(group).get(PAGE).status_code == 403


def test_the_page_shows_what_came_and_what_went(sign_in):
    propose(sign_in(EDITORS))

    page = sign_in(DPO).get(PAGE).content.decode()

    assert "<del>" in page
    assert "<ins>" in page
    assert f"/{TextVersion.objects.get().pk}/approve/" in page


def test_what_cannot_be_used_is_explained_beside_the_words(sign_in):
    answer = propose(sign_in(EDITORS), body="Das ist anonym und kennt {nummer}.")

    said = answer.context["form"].errors["body"]
    assert len(said) == 2
    assert not TextVersion.objects.exists()


def test_every_problem_has_a_sentence():
    for rule in texts.SENTENCES:
        assert "%(" not in texts._sentence(Problem(rule, "x"))


def test_every_whole_text_has_a_name_that_people_understand():
    parts = {name for name in shipped_names() if name.startswith(("button_", "scope_"))}
    parts |= {"standing_subscribed", "standing_resting", "standing_none"}
    parts |= {"consent_given", "consent_none"}

    assert set(texts.LABELS) == set(shipped_names()) - parts


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", shipped_names())
def test_every_text_has_its_page(sign_in, language, name):
    page = reverse("admin:subscribers_textversion_text", args=[language, name])

    assert sign_in(DPO).get(page).status_code == 200


def test_a_text_that_does_not_exist_has_none(sign_in):
    assert sign_in(DPO).get("/admin/subscribers/textversion/de/nix/").status_code == 404


def test_the_list_begins_with_what_waits(sign_in):
    propose(sign_in(EDITORS))

    listed = sign_in(DPO).get("/admin/subscribers/textversion/").context["texts"]

    german, english = listed[0]
    assert (german.text.name, german.is_waiting) == ("erase_cancelled", True)
    assert not english.is_waiting
    assert not any(each.is_waiting for pair in listed[1:] for each in pair)
