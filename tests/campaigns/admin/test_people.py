"""Members of the desk: rights come from groups, and nobody is looked up."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(databases="__all__")


def user_page(user):
    return reverse("admin:auth_user_change", args=[user.pk])


def test_a_new_user_is_a_member_of_the_desk_without_any_right(it):
    password = "ein langes Passwort"
    form = {"username": "neu", "password1": password, "password2": password}

    it.post(reverse("admin:auth_user_add"), {**form, "is_superuser": "on"})

    user = User.objects.get(username="neu")
    assert (user.is_staff, user.is_superuser) == (True, False)
    assert user.get_all_permissions() == set()


def test_rights_come_from_groups_only(it):
    user = UserFactory(is_staff=True)
    group = Group.objects.get(name="Redaktion")
    forged = {"is_superuser": "on", "user_permissions": [1, 2]}

    it.post(
        user_page(user),
        {"username": user.username, "is_active": "on", "groups": [group.pk], **forged},
    )

    user.refresh_from_db()
    assert list(user.groups.all()) == [group]
    assert (user.is_superuser, user.user_permissions.count()) == (False, 0)


@pytest.mark.parametrize("page", ["change", "password_change"])
def test_a_superuser_is_out_of_reach(it, page):
    root = UserFactory(is_superuser=True, is_staff=True)
    form = {"username": "mine", "password1": "x" * 20, "password2": "x" * 20}

    answer = it.post(reverse(f"admin:auth_user_{page}", args=[root.pk]), form)

    root.refresh_from_db()
    assert answer.status_code == 403
    assert root.username != "mine"


def test_no_page_shows_the_hash_of_a_password(it):
    user = User.objects.create_user("anna", password="ein langes Passwort")

    shown = it.get(user_page(user)).content.decode()

    algorithm, *_, digest = user.password.split("$")
    assert algorithm not in shown
    assert digest not in shown


def test_a_group_lists_what_its_members_may_do(it):
    group = Group.objects.get(name="Freigabe")

    shown = it.get(reverse("admin:auth_group_change", args=[group.pk])).content.decode()

    assert "Can approve a message of somebody else" in shown


@pytest.mark.parametrize("model", ["delivery", "attempt", "inboxentry", "subscriber", "identity"])
def test_nothing_that_leads_to_a_person_has_a_page(sign_in, model):
    client = sign_in(UserFactory(is_superuser=True, is_staff=True))

    answers = [client.get(f"/admin/{app}/{model}/") for app in ("campaigns", "subscribers")]

    assert [answer.status_code for answer in answers] == [404, 404]
