import hashlib

import pytest
from django.urls import reverse

from subscribers import revisions, shipped, wording
from subscribers.models import Notice, TextVersion, Tier
from subscribers.wording import Words
from tests.factories import NOW, UserFactory

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


OLDER = "Wir verarbeiten deine Nummer und deine Wahl. Fassung 2"


@pytest.fixture
def older_notice():
    """An installation from before there were replies."""
    words = Words("de", OLDER, "Möchtest du das?", ("MINI", "MAXI", "NEIN"))
    return Notice.objects.create(
        language="de",
        version=2,
        notice=words.notice,
        question=words.question,
        buttons=list(words.buttons),
        sha256=words.sha256(),
        valid_from=NOW,
    )


def test_a_notice_that_is_silent_about_replies_is_offered_a_better_one_and_stays(older_notice):
    shipped.add_missing(organisation=ORGANISATION, now=NOW)
    shipped.add_missing(organisation=ORGANISATION, now=NOW)

    offered = TextVersion.objects.get()
    assert (offered.name, offered.is_material, offered.approved_at) == ("notice", True, None)
    assert "deine Antworten" in offered.body
    assert Notice.objects.current("de") == older_notice


def test_once_approved_the_offered_notice_asks_everybody_anew(older_notice):
    shipped.add_missing(organisation=ORGANISATION, now=NOW)
    offered = TextVersion.objects.get()

    revisions.approve(
        offered.pk, by=UserFactory(group="Datenschutz"), organisation=ORGANISATION, now=NOW
    )

    notice = Notice.objects.current("de")
    assert (notice.version, notice.is_material) == (3, True)
    assert "deine Antworten" in notice.notice


def test_a_new_installation_is_offered_nothing():
    shipped.add_missing(organisation=ORGANISATION, now=NOW)

    assert not TextVersion.objects.exists()


def test_the_officer_sees_what_the_offered_notice_would_change(older_notice, client):
    shipped.add_missing(organisation=ORGANISATION, now=NOW)
    client.force_login(UserFactory(group="Datenschutz", is_staff=True))

    page = client.get(reverse("admin:subscribers_textversion_text", args=["de", "notice"]))

    pieces = page.context["text"].waiting[0].pieces
    assert any(piece.kind == "added" and "Antworten" in piece.text for piece in pieces)


@pytest.fixture
def own_words():
    """An installation that has confirmed STOP in words of its own, before they were known false."""
    body = (
        "Erledigt am {date} um {time} ({code}). Der Nachweis bleibt ohne Namen und Nummer bis "
        "{proof_until}. LÖSCHEN, START."
    )
    return TextVersion.objects.create(
        language="de",
        name="withdrawn",
        version=1,
        body=body,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        proposed_by=UserFactory(group="Redaktion"),
        proposed_at=NOW,
        approved_by=UserFactory(group="Datenschutz"),
        approved_at=NOW,
    )


def test_words_of_ones_own_that_are_not_true_are_offered_the_shipped_ones_once(own_words):
    shipped.add_missing(organisation=ORGANISATION, now=NOW)
    shipped.add_missing(organisation=ORGANISATION, now=NOW)

    offered = TextVersion.objects.get(approved_at=None)
    assert (offered.name, offered.language, offered.is_material) == ("withdrawn", "de", False)
    assert offered.body == wording.shipped("de", "withdrawn")
    assert revisions.body("de", "withdrawn") == own_words.body


def test_words_of_ones_own_that_are_true_are_offered_nothing(own_words):
    body = own_words.body.replace("ohne Namen und Nummer", "versiegelt")
    TextVersion.objects.create(
        language="de",
        name="withdrawn",
        version=2,
        body=body,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        proposed_by=own_words.proposed_by,
        proposed_at=NOW,
        approved_by=own_words.approved_by,
        approved_at=NOW,
    )

    shipped.add_missing(organisation=ORGANISATION, now=NOW)

    assert not TextVersion.objects.filter(approved_at=None).exists()
