"""The statement about a month that we sign, and what an altered one is worth."""

from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from subscribers import snapshot
from subscribers.ledger.notes import Signer
from subscribers.models import MonthlyFigure, SignedFigures
from tests.factories import NOW
from tests.subscribers.people import tier
from verifier.verify_ledger import Key, find_notes

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def signer():
    return Signer(name="town.example/ledger", key=Ed25519PrivateKey.from_private_bytes(b"1" * 32))


@pytest.fixture
def _october():
    for slug, shown in (("mini", 410), ("maxi", None)):
        MonthlyFigure.objects.create(month=OCTOBER, tier=tier(slug), shown=shown, taken_at=NOW)


def october():
    [month] = snapshot.months(MonthlyFigure.objects.all())
    return month


def is_genuine(signer):
    keys = [Key.read(signer.public_key)]
    return snapshot.is_genuine(october(), SignedFigures.objects.get(), keys=keys)


@pytest.mark.usefixtures("_october")
def test_a_statement_names_every_cell_and_their_sum():
    assert october().statement(origin="town.example/ledger") == (
        "town.example/ledger\nfigures 2026-10\nmini 410\nmaxi <20\ntotal 410\n"
    )


@pytest.mark.usefixtures("_october")
def test_a_month_is_signed_once(signer):
    snapshot.sign_missing(signer=signer, now=NOW)
    first = SignedFigures.objects.get().note
    snapshot.sign_missing(signer=signer, now=NOW)

    assert SignedFigures.objects.get().note == first
    assert is_genuine(signer)


@pytest.mark.usefixtures("_october")
def test_an_altered_figure_is_noticed(signer):
    snapshot.sign_missing(signer=signer, now=NOW)
    MonthlyFigure.objects.filter(tier="mini").update(shown=420)

    assert not is_genuine(signer)


@pytest.mark.usefixtures("_october")
def test_an_altered_figure_with_an_altered_statement_is_noticed(signer):
    snapshot.sign_missing(signer=signer, now=NOW)
    MonthlyFigure.objects.filter(tier="mini").update(shown=420)
    forged = SignedFigures.objects.get().note.replace("410", "420")
    SignedFigures.objects.update(note=forged)

    assert not is_genuine(signer)


@pytest.mark.usefixtures("_october")
def test_nobody_else_can_sign_for_us(signer):
    stranger = Signer(name=signer.name, key=Ed25519PrivateKey.generate())
    snapshot.sign_missing(signer=stranger, now=NOW)

    assert not is_genuine(signer)


@pytest.mark.usefixtures("_october")
def test_signed_figures_are_never_taken_for_a_checkpoint_of_the_ledger(signer):
    snapshot.sign_missing(signer=signer, now=NOW)

    assert list(find_notes(SignedFigures.objects.get().note)) == []
