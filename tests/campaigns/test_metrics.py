"""The addresses for monitoring: figures for Prometheus, signs of life, and who may see them."""

from dataclasses import fields

import pytest
from django.test import Client
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families

from campaigns import health, stopping, tasks
from campaigns.reasons import StopReason
from campaigns.states import DeliveryState
from tests.factories import NOW, DeliveryFactory, SubscriberFactory

pytestmark = pytest.mark.django_db(databases="__all__")


def scrape(**headers):
    return Client().get(reverse("metrics"), **headers)


def figures():
    families = text_string_to_metric_families(scrape().content.decode())
    return {sample.name: sample.value for family in families for sample in family.samples}


def test_every_number_of_our_health_is_a_figure():
    numbers = {f"swe_{field.name}" for field in fields(health.State)}

    assert numbers - {"swe_stop_reason", "swe_silent"} <= figures().keys()


def test_the_figures_say_whether_all_is_well():
    assert (figures()["swe_silent_workers"], figures()["swe_well"]) == (len(tasks.QUEUES), 0)

    for name in tasks.QUEUES:
        tasks.beat(name=name)

    assert (figures()["swe_silent_workers"], figures()["swe_well"]) == (0, 1)


def test_the_figures_say_whether_anything_is_sent():
    assert figures()["swe_stopped"] == 0

    stopping.stop_channel(StopReason.ACCOUNT, now=NOW)

    assert figures()["swe_stopped"] == 1


def test_the_figures_count_but_name_nobody():
    phone = "+4915155500001"
    delivery = DeliveryFactory(
        state=DeliveryState.IN_DOUBT, subscriber=SubscriberFactory(phone=phone)
    )

    answer = scrape().content.decode()

    assert "swe_in_doubt 1.0" in answer
    assert phone[1:] not in answer
    assert str(delivery.subscriber_id) not in answer


@pytest.mark.parametrize(
    ("address", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("10.0.0.7", 403), ("2001:db8::1", 403), ("", 403)],
)
def test_without_a_token_only_this_machine_sees_the_figures(address, status):
    assert scrape(REMOTE_ADDR=address).status_code == status


@pytest.mark.parametrize(
    ("given", "status"),
    [("Bearer geheim", 200), ("Bearer gehei", 403), ("geheim", 403), ("Bearer ü", 403), ("", 403)],
)
def test_a_token_opens_the_figures_for_whoever_has_it(settings, given, status):
    settings.METRICS_TOKEN = "geheim"

    assert scrape(HTTP_AUTHORIZATION=given).status_code == status


def test_the_process_is_alive_without_asking_anybody(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = Client().get(reverse("live"))

    assert (answer.status_code, answer.content) == (200, b"ok")


def test_the_process_is_ready_when_both_databases_answer():
    answer = Client().get(reverse("ready"))

    assert (answer.status_code, answer.json()) == (200, {"default": True, "keys": True})


@pytest.mark.parametrize("name", ["live", "ready", "metrics"])
def test_nobody_keeps_an_old_answer(name):
    assert "no-store" in Client().get(reverse(name)).headers["Cache-Control"]


@pytest.mark.parametrize("name", ["live", "ready", "metrics"])
def test_these_addresses_can_only_be_looked_at(name):
    assert Client().post(reverse(name)).status_code == 405
