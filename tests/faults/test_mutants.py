"""F40: whichever safeguard is removed, a scenario notices.

`make mutants` shows the catches.
"""

import inspect
from contextlib import ExitStack

import pytest

from tests.faults.mutants import MUTANTS

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.thorough,
    pytest.mark.usefixtures("spool"),
]


class Removal:
    """What a mutant may use to remove its safeguard; all of it is undone."""

    def __init__(self, patch, undo):
        self.setattr = patch.setattr
        self.callback = undo.callback


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.safeguard)
def test_without_a_safeguard_its_scenario_fails(mutant, town):
    with pytest.MonkeyPatch.context() as patch, ExitStack() as undo:
        mutant.remove(Removal(patch, undo))
        known = {"town": town, "monkeypatch": patch}
        names = [name for name in inspect.signature(mutant.scenario).parameters if name in known]
        with pytest.raises(AssertionError) as caught:
            mutant.scenario(*[known[name] for name in names], *mutant.arguments)

    words = str(caught.value).partition("\n")[0][:90]
    CATCHES[mutant.safeguard] = f"{mutant.scenario.__name__}: {words}"


CATCHES = {}


@pytest.fixture(scope="module", autouse=True)
def _report(request):
    """Say in the end what caught whom."""
    yield
    terminal = request.config.pluginmanager.getplugin("terminalreporter")
    for safeguard, catch in CATCHES.items():
        terminal.write_line(f"\nwithout {safeguard}:\n    {catch}")
