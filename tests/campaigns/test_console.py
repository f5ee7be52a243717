"""The commands for IT and for scripts: plain sentences for people, one object with --json."""

import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from campaigns import connections, tasks
from campaigns.models import Category, Channel, Heartbeat, MessageTemplate
from tests.campaigns.console import facts, refused, words
from tests.factories import UserFactory
from tests.whatsapp.server import free_port

pytestmark = pytest.mark.django_db(databases="__all__")

CREATE_DORA = ("user", "create", "dora")
PASSWORD = "Korrekt Pferd Batterie"


@pytest.fixture
def offline(settings):
    """A WhatsApp that is not there."""
    settings.WHATSAPP_API_URL = f"http://127.0.0.1:{free_port()}"
    connections.forget()


@pytest.fixture
def sound_installation(simulator, approved_templates):
    """All workers at work, and a WhatsApp that answers."""
    now = timezone.localtime()
    Heartbeat.objects.bulk_create(Heartbeat(name=name, at=now) for name in tasks.QUEUES)


# -- category ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "tiers", "header"),
    [
        ("presseschau", ["mini", "maxi"], None),
        ("bilder", ["maxi"], "image"),
        ("videobotschaft", ["maxi"], "video"),
    ],
)
def test_a_category_says_all_that_a_script_must_know(slug, tiers, header):
    template = MessageTemplate.objects.get(name=slug)

    assert facts("category", "show", slug) == {
        "slug": slug,
        "tiers": tiers,
        "template": slug,
        "language": "de",
        "values": template.value_names,
        "header": header,
        "full_text": slug == "presseschau",
    }


def test_all_categories_are_listed_by_their_short_names():
    assert list(facts("category", "list")) == list(
        Category.objects.order_by("position").values_list("slug", flat=True)
    )


def test_a_category_that_does_not_exist_is_said_so():
    refused("category", "show", "wetter", because="There is no category “wetter”.")


# -- user --------------------------------------------------------------------------------


def typed(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_user_is_made_with_groups_and_a_password(monkeypatch):
    typed(monkeypatch, f"{PASSWORD}\nnot read\n")

    made = facts(
        "user", "create", "dora", "--group", "IT", "--group", "Personal", "--password-stdin"
    )

    user = User.objects.get(username="dora")
    assert made == {"id": user.pk, "name": "dora", "groups": ["IT", "Personal"]}
    assert user.check_password(PASSWORD)
    assert (user.is_staff, user.is_superuser) == (True, False)


@pytest.mark.parametrize(
    ("name", "group", "password", "because"),
    [
        ("dora", "Redakteure", PASSWORD, "There is no group “Redakteure”. There are: Datenschutz"),
        ("dora", "IT", "kurz", "at least 12 characters"),
        ("dora", "IT", "", "at least 12 characters"),
        ("anna", "IT", PASSWORD, "already exists"),
        ("a b", "IT", PASSWORD, "Enter a valid username"),
    ],
)
def test_a_user_that_cannot_be_made_is_not_half_made(monkeypatch, name, group, password, because):
    UserFactory(username="anna")
    typed(monkeypatch, f"{password}\n")

    refused("user", "create", name, "--group", group, "--password-stdin", because=because)

    assert User.objects.count() == 1


@pytest.mark.parametrize("missing", ["--group", "--password-stdin"])
def test_a_user_needs_a_group_and_a_password_that_no_list_of_processes_shows(missing):
    arguments = {"--group": ["--group", "IT"], "--password-stdin": ["--password-stdin"]}
    given = [part for name, parts in arguments.items() if name != missing for part in parts]

    refused(*CREATE_DORA, *given, because=missing)


# -- kill-switch, templates, doctor ------------------------------------------------------


def test_the_kill_switch_stops_everything_and_releases_it_again():
    stopped = facts("kill-switch", "on")
    assert stopped.keys() == {"sending", "reason", "since", "by"}
    assert (stopped["sending"], stopped["reason"], stopped["by"]) == (
        "stopped",
        "kill_switch",
        "console",
    )

    released = facts("kill-switch", "off")

    assert released == {"sending": "allowed", "reason": "", "since": None, "by": ""}
    assert Channel.objects.get().stop_reason == ""


def test_looking_at_the_kill_switch_does_not_turn_it():
    facts("kill-switch", "on")

    assert facts("kill-switch", "show")["sending"] == "stopped"


@pytest.mark.parametrize("command", ["broadcast", "category", "templates", "user", "kill-switch"])
@pytest.mark.parametrize("arguments", [[], ["explode"]])
def test_a_verb_that_does_not_exist_is_refused(command, arguments):
    refused(command, *arguments, because="Error: ")


@pytest.mark.parametrize("verb", ["push", "sync", "list"])
def test_templates_are_pushed_compared_and_listed(simulator, verb):
    listed = facts("templates", verb)["templates"]

    status = "PENDING" if verb == "push" else "LOCAL"
    assert {row["status"] for row in listed} == {status}
    assert listed[0].keys() == {
        "name",
        "language",
        "status",
        "category",
        "quality",
        "rejected_reason",
    }


def test_for_a_human_a_template_is_one_line():
    MessageTemplate.objects.filter(name="neues").update(
        status="REJECTED", rejected_reason="INVALID_FORMAT"
    )

    lines = words("templates", "list").splitlines()

    assert "neues                de     REJECTED   MARKETING  INVALID_FORMAT" in lines


@pytest.mark.parametrize("verb", ["push", "sync"])
def test_a_whatsapp_that_is_not_there_is_said_plainly(offline, verb):
    refused("templates", verb, because="WhatsApp did not ")


def test_the_doctor_is_content_with_a_sound_installation(sound_installation):
    verdict = facts("doctor")

    assert verdict["ok"] is True
    assert all(one.keys() == {"name", "ok", "words"} for one in verdict["findings"])


def test_for_a_human_a_finding_is_one_line(sound_installation):
    lines = words("doctor").splitlines()

    assert all(line.startswith("ok ") for line in lines)


def test_the_doctor_fails_after_saying_what_is_wrong(sound_installation, offline):
    printed = io.StringIO()

    with pytest.raises(CommandError, match="Something is wrong"):
        call_command("doctor", stdout=printed)

    assert [line.split()[:2] for line in printed.getvalue().splitlines() if "ok " not in line] == [
        ["WRONG", "WhatsApp"]
    ]
