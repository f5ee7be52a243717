"""The attack on the figures, smaller: `make bench ARGS=privacy` runs it 5,000 times."""

import pytest

from bench import privacy
from subscribers import figures


def test_the_truth_would_tell_everything_so_the_attacker_is_no_fool():
    outcome = privacy.attack(privacy.exact, runs=200)

    assert (outcome.right, outcome.sure) == (1, 1)


def test_rounding_alone_would_give_somebody_away_now_and_then():
    outcome = privacy.attack(privacy.only_rounded, runs=1000)

    assert outcome.sure == pytest.approx(0.1, abs=0.03)


def test_what_we_publish_is_no_better_than_a_coin_for_who_knows_all_others():
    outcome = privacy.attack(runs=1000)

    assert outcome.expected <= 0.55
    assert outcome.right == pytest.approx(outcome.expected, abs=0.05)
    assert outcome.sure == 0


def test_what_others_did_hides_one_person_even_better():
    outcome = privacy.attack(runs=200, others=5)

    assert outcome.expected <= 0.55
    assert outcome.sure == 0


@pytest.mark.parametrize("count", range(10, 60))
def test_no_month_makes_a_withdrawal_more_than_five_to_three_probable(count):
    seen = {figures.published(count, noise) for noise in range(-40, 10)}

    beliefs = [privacy._belief(figures.published, before=count, seen=s, others=0) for s in seen]

    assert min(beliefs) > 0.37
    assert max(beliefs) < 0.63


def test_a_tier_of_twenty_is_shown_so_seldom_that_being_shown_proves_nothing_in_practice():
    odds = sum(
        privacy.odds(noise) for noise in range(-60, 61) if figures.published(20, noise) is not None
    )

    assert odds < 1 / 200


def test_drawing_anew_for_every_download_would_tell_the_count():
    assert privacy.mean_of_downloads(437, 60) == pytest.approx(437, abs=1.5)
