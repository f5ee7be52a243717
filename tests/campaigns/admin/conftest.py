"""The desk through Django's test client, in English, with people to write to."""

import pytest
from django.test import Client

from campaigns import connections
from tests.factories import SubscriberFactory, UserFactory, publish


@pytest.fixture(autouse=True)
def _desk(settings, db):
    """Never quiet, so that no test depends on the hour in which it runs."""
    settings.LANGUAGE_CODE = "en"
    settings.QUIET_HOURS = "off"
    connections.forget()


@pytest.fixture(autouse=True)
def _counted(_desk):
    """Someone has counted before: 110 people have Mini, 300 Maxi."""
    publish(mini=110, maxi=300)


@pytest.fixture
def audience():
    """Somebody in each tier."""
    return [SubscriberFactory(tier="mini"), SubscriberFactory(tier="maxi")]


@pytest.fixture
def sign_in():
    """Sign somebody in: a new member of a group, or a given user."""

    def sign_in_as(who):
        user = UserFactory(group=who, is_staff=True) if isinstance(who, str) else who
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        client.user = user
        return client

    return sign_in_as


@pytest.fixture
def editor(sign_in):
    return sign_in("Redaktion")


@pytest.fixture
def approver(sign_in):
    return sign_in("Freigabe")


@pytest.fixture
def it(sign_in):
    return sign_in("IT")
