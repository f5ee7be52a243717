"""What subscribers are told about time is what the rules keep."""

import re
from html import unescape

import pytest
from django.utils.html import strip_tags

from campaigns import housekeeping
from subscribers import claims, lifecycle, promises, threads
from subscribers.models import Notice
from subscribers.wording import LANGUAGES, TELL_OF_PROOF, shipped, wording_of
from tests.subscribers.test_wording import ORGANISATION

PAGE = "/datenschutz/"
# Articles of the GDPR and the BDSG are no limits.
ARTICLES = re.compile(
    r"(?:Art\w*\.?|section|§|Abs\.)\s*\d+(?:\(\d\))?|(?:to|bis) 20 (?:GDPR|DSGVO)"
)
# Digits in the chat, and the limits that they stand for.
IN_CHAT = {
    "access": {"stop_hours", "deliveries_days", "replies_days"},
    "access_without_proof": {"stop_hours", "deliveries_days", "replies_days", "no_proof_hours"},
    "erased": {"backups_days"},
    "erased_without_proof": {"backups_days", "no_proof_hours"},
    "letter_taken": {"replies_days"},
    "not_subscribed": {"stop_hours"},
    "refused": {"stop_hours"},
    "withdrawn": {"stop_hours"},
    "withdrawn_without_proof": {"stop_hours", "no_proof_hours"},
}
ALWAYS = {
    *("deliveries_days", "turn_hours", "replies_days", "access_log_months", "stop_hours"),
    *("erasure_minutes", "backups_days", "unanswered_hours", "silence_days", "unreachable_days"),
}


def text(response):
    """What somebody reads on the page, without the words of the chat below."""
    page = response.content.decode().partition("<main>")[2].partition('<p class="chat">')[0]
    return " ".join(unescape(strip_tags(page)).split())


def numbers_in(words):
    return set(re.findall(r"\d+", ARTICLES.sub("", words)))


def limits(names):
    return {str(promises.numbers()[name]) for name in names}


def test_each_limit_is_the_one_that_was_promised():
    """docs/privacy.md, section “Retention”; a change here is a change of what people agreed to."""
    assert promises.numbers() == {
        "unanswered_hours": 24,
        "refused_hours": 1,
        "stop_hours": 24,
        "erasure_minutes": 10,
        "no_proof_hours": 24,
        "turn_hours": 26,
        "access_log_months": 12,
        "replies_days": 90,
        "deliveries_days": 7,
        "backups_days": 35,
        "silence_days": 60,
        "unreachable_days": 90,
        "proof_years": 3,
    }


RULES = {rule.name: rule.promise for rule in housekeeping.rules(keeps_proof=False)}


@pytest.mark.parametrize(
    ("rule", "limit"),
    [
        ("unanswered request", promises.UNANSWERED),
        ("refused", promises.REFUSED),
        ("identifier after withdrawal", promises.AFTER_STOP),
        ("asked for erasure", promises.ERASURE),
        ("consent events of people who are gone", promises.NO_PROOF),
        ("how much somebody writes within an hour", promises.MESSAGES_PER_HOUR),
        ("who looked at what", promises.ACCESS_LOG),
        ("replies of a long thread", promises.REPLIES),
        ("who got which broadcast", promises.DELIVERIES),
    ],
)
def test_each_limit_is_enforced_by_a_rule(rule, limit):
    assert RULES[rule] == limit


def test_a_subscription_ends_by_itself_when_it_was_said():
    assert 2 * lifecycle.ANSWER_WITHIN == promises.SILENCE
    assert lifecycle.FAILING_FOR + lifecycle.FAILED_PAUSE == promises.UNREACHABLE


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["sealed", "none"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_the_notice_is_a_limit_that_a_rule_keeps(client, settings, language, mode):
    settings.PROOF_MODE = mode

    page = text(client.get(PAGE, {"lang": language}))

    told = ALWAYS | ({"no_proof_hours"} if mode == "none" else set())
    assert numbers_in(page) == limits(told)


@pytest.mark.parametrize("name", IN_CHAT)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_the_chat_is_a_limit_that_a_rule_keeps(language, name):
    assert numbers_in(shipped(language, name)) == limits(IN_CHAT[name])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "kept", "discarded"),
    [
        ("de", "bewahren wir höchstens 90 Tage auf", "Text selbst wird nicht aufbewahrt"),
        ("en", "are kept for 90 days at most", "the text itself is not kept"),
    ],
)
def test_the_notice_says_whether_replies_are_kept(client, language, kept, discarded):
    while_kept = text(client.get(PAGE, {"lang": language}))
    threads.discard_from_now_on(is_discarding=True)
    while_discarded = text(client.get(PAGE, {"lang": language}))

    assert kept in while_kept
    assert discarded not in while_kept
    assert kept not in while_discarded
    assert discarded in while_discarded


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mode", "said", "unsaid"),
    [
        ("sealed", "Deine Nummer steckt verschlüsselt darin", "Einen Nachweis behalten wir nicht"),
        ("none", "Einen Nachweis behalten wir nicht", "versiegelter Nachweis"),
    ],
)
def test_the_notice_says_what_stays_in_this_mode_of_proof(client, settings, mode, said, unsaid):
    settings.PROOF_MODE = mode

    page = text(client.get(PAGE, {"lang": "de"}))

    assert said in page
    assert unsaid not in page


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["sealed", "none"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_claims_nothing_false(client, settings, language, mode):
    settings.PROOF_MODE = mode

    assert claims.false_claims(text(client.get(PAGE, {"lang": language}))) == []
    assert claims.false_claims(Notice.objects.current(language).notice) == []


@pytest.mark.django_db
def test_the_notice_names_every_recipient(client):
    page = text(client.get(PAGE, {"lang": "de"}))

    assert "WhatsApp Ireland Limited (Irland), Meta Platforms, Inc. (USA)" in page


@pytest.mark.parametrize("name", TELL_OF_PROOF)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_fits_the_mode_of_proof(language, name):
    sealed, none = (
        claims.longest(
            shipped(language, wording_of(name, keeps_proof=keeps)),
            language=language,
            organisation=ORGANISATION,
        )
        for keeps in (True, False)
    )

    assert re.search("versiegelt|sealed", sealed)
    assert not re.search("versiegelt|sealed|2029|dritten Jahres|third year", none)
    assert re.search("bleibt bei uns nichts|Nachweis bleibt nicht|nothing remains|no proof", none)
