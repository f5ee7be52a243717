"""Why something stands still or failed: one word each, and a sentence for the desk."""

import pytest
from django.utils import translation

from campaigns.models import Broadcast, Channel, Delivery
from campaigns.reasons import FailureReason, PauseReason, SkipReason, StopReason, of_code
from whatsapp import errors
from whatsapp.errors import Verdict

ALL = [FailureReason, SkipReason, PauseReason, StopReason]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (131026, FailureReason.UNREACHABLE),
        (131050, FailureReason.OPTED_OUT),
        (131049, FailureReason.WITHHELD),
        (130497, FailureReason.COUNTRY),
        (131047, FailureReason.WINDOW_CLOSED),
        (131053, FailureReason.MEDIA),
        (132001, FailureReason.TEMPLATE),
        (132099, FailureReason.TEMPLATE),
        (131042, FailureReason.ACCOUNT),
        (131056, FailureReason.RATE),
        (100, FailureReason.REQUEST),
    ],
)
def test_a_code_of_meta_has_a_reason_that_the_desk_understands(code, reason):
    assert of_code(code) == reason


def test_whoever_is_refused_by_a_known_code_is_refused_for_a_known_reason():
    refusing = [row for row in errors.TABLE if row.verdict is Verdict.REFUSE_RECIPIENT]

    reasons = {of_code(code) for row in refusing for code in row.codes}

    assert FailureReason.OTHER not in reasons


@pytest.mark.parametrize("code", [0, 1, 131999, 132100, 999999])
def test_a_code_that_nobody_knows_yet_is_another_reason(code):
    assert of_code(code) == FailureReason.OTHER


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (131048, PauseReason.SPAM_LIMIT),
        (131064, PauseReason.SPAM_LIMIT),
        (131053, PauseReason.MEDIA),
        (132015, PauseReason.TEMPLATE),
    ],
)
def test_a_code_that_stops_a_broadcast_says_what_to_look_at(code, reason):
    assert PauseReason.of_code(code) == reason


@pytest.mark.parametrize("reasons", ALL)
def test_every_reason_is_a_sentence_of_its_own(reasons):
    with translation.override("en"):
        sentences = [str(reason.label) for reason in reasons]

    assert len(set(sentences)) == len(sentences)
    assert all(" " in sentence for sentence in sentences)


@pytest.mark.parametrize("reason", [*PauseReason, *StopReason])
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_standstill_has_one_sentence_why_and_one_what_to_do(reason, language):
    with translation.override(language):
        for sentence in (str(reason.label), reason.advice):
            assert sentence.endswith(".")
            assert ". " not in sentence


@pytest.mark.parametrize(
    ("code", "reason"),
    [(0, "token"), (190, "token"), (10, "account"), (368, "account"), (131031, "account")],
)
def test_only_a_refused_token_can_prove_itself_again(code, reason):
    assert StopReason.of_code(code) == reason


@pytest.mark.parametrize(
    ("reasons", "field"),
    [
        (FailureReason, Delivery._meta.get_field("reason")),
        (SkipReason, Delivery._meta.get_field("reason")),
        (PauseReason, Broadcast._meta.get_field("pause_reason")),
        (StopReason, Channel._meta.get_field("stop_reason")),
    ],
)
def test_every_reason_fits_its_column(reasons, field):
    assert max(len(reason) for reason in reasons) <= field.max_length


def test_failing_and_skipping_have_no_reason_in_common():
    assert not set(FailureReason.values) & set(SkipReason.values)
