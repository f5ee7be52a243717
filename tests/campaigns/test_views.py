"""What the operator's monitoring asks."""

import pytest
from django.db import OperationalError, connections
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db(databases="__all__")


def get(name, **headers):
    return Client().get(reverse(name), **headers)


def test_a_process_that_answers_is_alive():
    assert get("live").content == b"ok"


def test_ready_means_that_both_databases_answer():
    answer = get("ready")

    assert (answer.status_code, answer.json()) == (200, {"default": True, "keys": True})


def test_a_database_that_is_gone_takes_us_out_of_service(monkeypatch):
    def refuse():
        raise OperationalError

    monkeypatch.setattr(connections["keys"], "ensure_connection", refuse)

    assert get("ready").status_code == 503


def test_this_machine_may_see_the_metrics():
    answer = get("metrics", REMOTE_ADDR="127.0.0.1")

    assert answer.status_code == 200
    assert b"swe_open_deliveries 0.0" in answer.content


@pytest.mark.parametrize("address", ["192.0.2.7", "", "unix:"])
def test_other_machines_may_not(address):
    assert get("metrics", REMOTE_ADDR=address).status_code == 403


@pytest.mark.parametrize(
    ("given", "status"), [("Bearer right", 200), ("Bearer wrong", 403), ("ä", 403)]
)
def test_with_a_token_only_the_token_counts(settings, given, status):
    settings.METRICS_TOKEN = "right"

    answer = get("metrics", REMOTE_ADDR="127.0.0.1", HTTP_AUTHORIZATION=given)

    assert answer.status_code == status


def test_the_front_door_leads_to_the_desk():
    assert Client().get("/").url == reverse("admin:index")
