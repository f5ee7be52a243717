"""The join code: shared, changing, off until somebody switches it on."""

from datetime import timedelta

import pytest

from subscribers import admission
from subscribers.models import JoinCode, Subscriber
from tests.factories import NOW
from tests.subscribers.dialogue import answer, purposes
from tests.subscribers.people import BOTH_DATABASES, stranger, who_is

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

DAY = timedelta(days=1)


@pytest.fixture
def code():
    return admission.require(is_required=True, now=NOW).code


def say(subscriber, text, *, n=0):
    subscriber = Subscriber.objects.get(pk=subscriber.pk)
    return purposes(answer(subscriber, text, message=f"{n}{text}".encode()))


def test_nobody_is_asked_for_a_code_until_it_is_switched_on(vault):
    admission.current(now=NOW)

    assert say(stranger(vault), "START") == ["notice", "question"]


@pytest.mark.parametrize("standing", ["stranger", "refused", "withdrawn"])
def test_a_newcomer_is_asked_for_the_code_and_then_shown_the_notice(vault, code, standing):
    newcomer = who_is(standing, vault)

    asked, wrong, right = [say(newcomer, it) for it in ("START", "FALSCH", f" {code.lower()}! ")]

    assert asked == ["join_code"]
    assert wrong == ["join_code_wrong"]
    assert right == ["notice", "question"]


def test_the_code_alone_subscribes_nobody(vault, code):
    newcomer = stranger(vault)
    say(newcomer, "START")

    say(newcomer, code)

    newcomer.refresh_from_db()
    assert newcomer.tier_id is None


def test_without_the_code_no_yes_counts(vault, code):
    newcomer = stranger(vault)

    says = [say(newcomer, text) for text in ("START", "JA MAXI", "MINI", "ja bitte", "Moin alle")]

    assert says == [["join_code"]] * 5
    newcomer.refresh_from_db()
    assert newcomer.notice is None


@pytest.mark.parametrize("standing", ["asked", "mini", "paused", "unsure"])
def test_whoever_is_in_already_is_never_asked_for_it(vault, code, standing):
    assert "join_code" not in say(who_is(standing, vault), "START")


@pytest.mark.parametrize(("said", "heard"), [("STOP", "not_subscribed"), ("HILFE", "help")])
def test_leaving_and_help_need_no_code(vault, code, said, heard):
    assert say(who_is("withdrawn", vault), said) == [heard]


def test_after_five_wrong_codes_even_the_right_one_waits(vault, code):
    newcomer = stranger(vault)

    wrong = [say(newcomer, "FALSCH", n=n) for n in range(5)]

    assert wrong == [["join_code_wrong"]] * 5
    assert say(newcomer, "FALSCH", n=6) == []
    assert say(newcomer, code) == []


def test_a_code_lasts_a_month_and_the_old_one_a_week_longer(code):
    for days in (29, 31):
        admission.rotate_if_due(now=NOW + days * DAY)

    new = JoinCode.objects.get().code
    rotated = NOW + 31 * DAY
    assert new != code
    assert admission.accepts(new, now=rotated)
    assert admission.accepts(code, now=rotated + 6 * DAY)
    assert not admission.accepts(code, now=rotated + 7 * DAY)


def test_nothing_is_accepted_for_an_empty_code(code):
    assert not admission.accepts("", now=NOW)
