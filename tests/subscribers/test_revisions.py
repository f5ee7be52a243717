"""Words change by two people's will, and never behind anybody's back."""

import hashlib

import pytest
from django.db import IntegrityError, transaction

from subscribers import differences, revisions
from subscribers.models import Notice, TextVersion
from subscribers.wording import shipped
from tests.factories import NOW, SubscriberFactory, UserFactory
from tests.subscribers.dialogue import SPEAKER, answer
from tests.subscribers.people import BOTH_DATABASES

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

ORGANISATION = SPEAKER.organisation
WORDS = "Erledigt, dir wird nichts gelöscht."
NAME = "erase_cancelled"


def propose(words=WORDS, *, name=NAME, by=None, **more):
    by = by or UserFactory()
    return revisions.propose(
        name, words, language="de", by=by, organisation=ORGANISATION, now=NOW, **more
    )


def approve(version, *, by=None):
    by = by or UserFactory()
    return revisions.approve(version.pk, by=by, organisation=ORGANISATION, now=NOW)


def test_the_shipped_words_count_until_others_are_approved():
    version = propose()
    before = revisions.body("de", NAME)

    approve(version)

    assert before == shipped("de", NAME)
    assert revisions.body("de", NAME) == WORDS
    assert revisions.body("en", NAME) == shipped("en", NAME)


def test_subscribers_hear_the_newest_approved_words():
    for words in (WORDS, "Gut, alles bleibt."):
        approve(propose(words))
    propose("Noch nicht freigegeben.")

    [say] = answer(SubscriberFactory(), button_id="erase:cancel")

    assert say.text == "Gut, alles bleibt."


def test_nobody_approves_their_own_words():
    version = propose(by=(author := UserFactory()))

    with pytest.raises(revisions.NotApprovable):
        approve(version, by=author)


def test_words_are_approved_once_and_never_after_newer_ones():
    older, newer = propose(), propose("Gut, alles bleibt.")
    approve(newer)

    for version in (older, newer):
        with pytest.raises(revisions.NotApprovable):
            approve(version)


@pytest.mark.parametrize(
    ("words", "rule"), [("", "empty"), ("Alles anonym!", "false_claim"), (None, "unchanged")]
)
def test_what_cannot_be_used_is_not_even_proposed(words, rule):
    words = shipped("de", NAME) if words is None else words

    with pytest.raises(revisions.NotUsable) as refusal:
        propose(words)

    assert [problem.rule for problem in refusal.value.problems] == [rule]


def test_a_version_keeps_the_hash_of_its_words():
    assert propose().sha256 == hashlib.sha256(WORDS.encode()).hexdigest()


@pytest.mark.parametrize("change", [{"body": "Anders"}, {"version": 9}, {"language": "en"}])
def test_the_database_refuses_to_change_words(change):
    version = propose()

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        TextVersion.objects.filter(pk=version.pk).update(**change)


def test_the_database_refuses_to_take_an_approval_back_or_to_delete():
    version = approve(propose())

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        TextVersion.objects.update(approved_by=None, approved_at=None)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        version.delete()


@pytest.mark.parametrize("is_material", [True, False])
def test_a_new_question_is_a_new_version_of_the_notice(is_material):
    before = Notice.objects.current("de")
    words = shipped("de", "question").replace("Möchtest du", "Willst du")

    approve(propose(words, name="question", is_material=is_material))

    notice = Notice.objects.current("de")
    assert (notice.version, notice.is_material) == (before.version + 1, is_material)
    assert notice.question == words
    assert notice.sha256 == notice.words.sha256()
    assert str(notice.version) in notice.notice


def test_only_words_that_consent_is_bound_to_can_be_material():
    assert not propose(is_material=True).is_material


def test_a_difference_shows_what_came_and_what_went():
    pieces = differences.between("Du bekommst nichts mehr.", "Du bekommst gar nichts.")

    assert "".join(piece.text for piece in pieces if piece.kind != "added") == (
        "Du bekommst nichts mehr."
    )
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == (
        "Du bekommst gar nichts."
    )
    assert ("same", "Du bekommst ") in [(piece.kind, piece.text) for piece in pieces]
