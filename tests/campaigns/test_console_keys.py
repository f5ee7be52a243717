"""`manage.py keys`: what is there, and changing it."""

import pytest
from django.core.management import CommandError

from campaigns import connections
from subscribers.models import SubjectKey
from subscribers.sealed_box import Share, join
from tests.campaigns.console import facts, words
from tests.factories import SubscriberFactory

pytestmark = pytest.mark.django_db(databases="__all__")

NEW = "bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXcgbmV3IG5ldyE="


@pytest.fixture
def put_first(settings):
    """Put a new vault key first, as docs/keys.md says."""

    def put():
        settings.VAULT_KEYS = f"new:{NEW},{settings.VAULT_KEYS}"
        connections.forget()

    return put


def test_the_list_has_ids_and_counts_and_no_key(settings):
    SubscriberFactory()

    listed = facts("keys", "list")

    assert [(one["id"], one["subscribers"]) for one in listed["vault"]] == [("test", 1)]
    assert settings.INDEX_KEY not in words("keys", "list")
    assert settings.VAULT_KEYS.partition(":")[2] not in words("keys", "list")


def test_rotation_brings_everybody_to_the_new_key_and_says_how_many(put_first):
    SubscriberFactory()
    put_first()
    SubscriberFactory()

    assert facts("keys", "rotate") == {"data keys": 1, "indexes": 0, "sealed proofs": 0}
    assert set(SubjectKey.objects.values_list("key_id", flat=True)) == {"new"}


def test_damaged_rows_make_it_fail_loudly(put_first):
    SubscriberFactory()
    SubjectKey.objects.update(wrapped=b"nonsense")
    put_first()

    with pytest.raises(CommandError, match="1 rows do not open"):
        facts("keys", "rotate")


def test_a_pair_comes_with_three_shares_of_which_two_are_enough():
    drawn = facts("keys", "pair")
    shares = [Share.parse(drawn[f"envelope {number}"]) for number in (1, 3)]

    assert join(shares).public_key().public_bytes_raw()
    assert len(drawn) == 4
