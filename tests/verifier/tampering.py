"""What can be done to a ledger by somebody who may write everything on the server."""

from copy import deepcopy

from tests.verifier.histories import FORGER

ATTACKS = []
WITHDRAWAL, RECORD, LAST = 7, 9, 11  # events of histories.town()


def attack(function):
    """Add a way of tampering to the list that the verifier must find in full."""
    ATTACKS.append(function)
    return function


@attack
def a_body_is_edited(ledger):
    ledger.leaves[4]["body"]["tier"] = "maxi"


@attack
def a_body_is_edited_and_sealed_anew(ledger):
    a_body_is_edited(ledger)
    ledger.seal(4)


@attack
def a_body_is_edited_and_every_hash_computed_anew(ledger):
    a_body_is_edited_and_sealed_anew(ledger)
    ledger.link()


@attack
def everything_is_computed_anew_and_the_checkpoints_are_thrown_away(ledger):
    a_body_is_edited_and_every_hash_computed_anew(ledger)
    ledger.checkpoints.clear()


@attack
def everything_is_computed_anew_and_signed_with_another_key(ledger):
    a_body_is_edited_and_every_hash_computed_anew(ledger)
    ledger.checkpoints = [ledger.note(FORGER)]


@attack
def a_moment_is_put_back(ledger):
    ledger.leaves[WITHDRAWAL]["body"]["happened_at"] = "2025-01-01T00:00:00.000000Z"


@attack
def something_is_added_to_a_body(ledger):
    ledger.leaves[4]["body"]["note"] = "agreed by telephone"


@attack
def a_salt_is_changed(ledger):
    ledger.leaves[4]["salt"] = "00" * 32


@attack
def a_salt_alone_is_erased(ledger):
    ledger.leaves[4]["salt"] = None


@attack
def a_body_is_erased_without_a_record(ledger):
    ledger.leaves[WITHDRAWAL] |= {"body": None, "salt": None}


@attack
def a_body_is_erased_and_an_old_record_names_it(ledger):
    a_body_is_erased_without_a_record(ledger)
    ledger.leaves[RECORD]["body"]["details"]["leaves"].append(WITHDRAWAL)
    ledger.seal(RECORD)
    ledger.link()


@attack
def the_record_of_an_erasure_is_erased(ledger):
    ledger.leaves[RECORD] |= {"body": None, "salt": None}


@attack
def what_was_erased_comes_back_with_other_words(ledger):
    ledger.leaves[3] |= {"body": deepcopy(ledger.leaves[4]["body"]), "salt": "11" * 32}


@attack
def the_tail_is_cut(ledger):
    del ledger.leaves[LAST:]


@attack
def the_tail_is_cut_with_its_checkpoint(ledger):
    del ledger.leaves[LAST:], ledger.checkpoints[1:]


@attack
def everything_is_gone(ledger):
    ledger.leaves.clear()
    ledger.checkpoints.clear()


@attack
def an_event_is_taken_out(ledger):
    del ledger.leaves[WITHDRAWAL]


@attack
def an_event_is_taken_out_and_the_rest_moves_up(ledger):
    del ledger.leaves[WITHDRAWAL]
    ledger.link()


@attack
def an_event_is_slipped_in(ledger):
    ledger.leaves.insert(5, deepcopy(ledger.leaves[4]))
    ledger.link()


@attack
def an_event_stands_twice(ledger):
    ledger.leaves.insert(5, deepcopy(ledger.leaves[4]))


@attack
def two_events_change_places(ledger):
    swap(ledger, 4, WITHDRAWAL)


@attack
def two_events_change_places_and_numbers(ledger):
    swap(ledger, 4, WITHDRAWAL)
    ledger.link()


@attack
def two_bodies_change_places(ledger):
    one, other = ledger.leaves[4], ledger.leaves[WITHDRAWAL]
    for part in ("body", "salt"):
        one[part], other[part] = other[part], one[part]


@attack
def a_commitment_is_changed(ledger):
    ledger.leaves[4]["commit"] = "00" * 32


@attack
def a_hash_is_changed(ledger):
    ledger.leaves[4]["leaf"] = "00" * 32


@attack
def a_link_is_changed(ledger):
    ledger.leaves[4]["link"] = "00" * 32


@attack
def a_number_is_changed(ledger):
    ledger.leaves[4]["seq"] = 5


@attack
def another_version_of_the_format_is_claimed(ledger):
    ledger.leaves[4]["v"] = 2


@attack
def a_checkpoint_claims_another_size(ledger):
    ledger.checkpoints[0] = ledger.checkpoints[0].replace("\n9\n", "\n8\n")


@attack
def a_checkpoint_claims_another_root(ledger):
    ledger.checkpoints[0] = ledger.checkpoints[0].replace(root(0, ledger), root(1, ledger))


@attack
def a_checkpoint_is_of_another_ledger(ledger):
    ledger.checkpoints[0] = ledger.checkpoints[0].replace("desk.", "test.")


@attack
def a_checkpoint_is_no_longer_one(ledger):
    ledger.checkpoints[0] = "nothing to see here"


def root(number, ledger):
    return ledger.checkpoints[number].splitlines()[2]


def swap(ledger, one, other):
    leaves = ledger.leaves
    leaves[one], leaves[other] = leaves[other], leaves[one]
