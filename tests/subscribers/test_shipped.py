import pytest

from subscribers import shipped
from subscribers.models import Notice, Tier
from tests.factories import NOW

pytestmark = pytest.mark.django_db

ORGANISATION = {"name": "Werke", "dpo": "dpo@example", "authority": "TLfDI", "url": "http://x/"}


def test_an_empty_database_has_both_tiers_and_the_notice_in_both_languages():
    tiers = list(Tier.objects.order_by("level").values_list("slug", "level"))

    assert tiers == [("mini", 1), ("maxi", 2)]
    assert {notice.language for notice in Notice.objects.all()} == {"de", "en"}


def test_adding_what_is_missing_again_changes_nothing():
    before = list(Notice.objects.values_list("pk", "sha256"))

    shipped.add_missing(organisation=ORGANISATION, now=NOW)

    assert list(Notice.objects.values_list("pk", "sha256")) == before
    assert Tier.objects.count() == 2


def test_what_the_installation_has_changed_stays_changed():
    Tier.objects.filter(slug="mini").update(name="Kompakt")

    shipped.add_missing(organisation=ORGANISATION, now=NOW)

    assert Tier.objects.get(slug="mini").name == "Kompakt"


def test_a_tier_that_a_later_release_brings_is_added(monkeypatch):
    monkeypatch.setitem(shipped.TIERS, "midi", ("Midi", 3))

    shipped.add_missing(organisation=ORGANISATION, now=NOW)

    assert Tier.objects.get(slug="midi").level == 3


def test_only_the_main_database_is_filled(django_assert_num_queries):
    with django_assert_num_queries(0):
        shipped.after_migrate(using="keys")


def test_a_published_notice_is_the_current_one_and_carries_the_hash_of_its_words():
    notice = shipped.publish_notice("de", version=2, organisation=ORGANISATION, now=NOW)

    assert Notice.objects.current("de") == notice
    assert notice.sha256 == notice.words.sha256()
    assert "Werke" in notice.notice
