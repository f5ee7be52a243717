"""A worker's transaction in which nothing comes any more ends by itself."""

from contextlib import closing

import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from swe_broadcast import celery, transactions

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker():
    """This process has started as a worker."""
    celery.bound_transactions()
    yield
    connection_created.disconnect(transactions._bound_new)


def idle_in_transaction():
    with closing(connection.copy()) as fresh, fresh.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        return cursor.fetchone()[0]


@pytest.mark.usefixtures("worker")
def test_in_every_connection_of_a_worker():
    assert idle_in_transaction() == "3s"


def test_in_no_connection_of_anybody_else():
    assert idle_in_transaction() == "0"
