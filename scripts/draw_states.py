"""Draws docs/state-machine.md from the tables that decide what may follow what.

    python scripts/draw_states.py > docs/state-machine.md

Needs no database. A test holds the document against what this prints.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from django.conf import settings  # noqa: TID251 - configured here, when run as a script
from django.db.models import TextChoices
from django.utils import translation

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run by path, not as a module

from campaigns.states import (
    BROADCAST_SOURCES,
    DELIVERY_SOURCES,
    BroadcastState,
    DeliveryState,
)

S = TypeVar("S", bound=TextChoices)
Sources = Mapping[S, frozenset[S]]

INTRODUCTION = """\
# States and moves

Drawn from [`campaigns/states.py`](../campaigns/states.py) by
`python scripts/draw_states.py > docs/state-machine.md`. Please change the tables, not this page.

Every move is one guarded `UPDATE`: what is not listed here cannot happen, whoever asks for it."""

TABLE_HEAD = ("| State | Meaning | May become |", "|---|---|---|")


def document() -> str:
    """Return the whole page, in the source language of the project."""
    with translation.override(None):
        broadcast = _section("Broadcast", BROADCAST_SOURCES, first=BroadcastState.DRAFT)
        delivery = _section("Delivery", DELIVERY_SOURCES, first=DeliveryState.QUEUED)
        return "\n".join([INTRODUCTION, *broadcast, *delivery, ""])


def _section(title: str, sources: Sources[S], *, first: S) -> Iterator[str]:
    yield from ("", f"## {title}", "", "```mermaid")
    yield from _diagram(sources, first=first)
    yield from ("```", "", *TABLE_HEAD)
    for state in sources:
        targets = ", ".join(f"`{target}`" for target in _targets(state, sources))
        yield f"| `{state}` | {state.label} | {targets or 'nothing else'} |"


def _diagram(sources: Sources[S], *, first: S) -> Iterator[str]:
    yield "stateDiagram-v2"
    for state in sources:
        yield f'    state "{state.label}" as {state}'
    yield f"    [*] --> {first}"
    for state in sources:
        targets = [str(target) for target in _targets(state, sources)]
        yield from (f"    {state} --> {target}" for target in targets or ["[*]"])


def _targets(state: S, sources: Sources[S]) -> list[S]:
    """Return what may follow a state, in the order of the table."""
    return [target for target, allowed in sources.items() if state in allowed]


if __name__ == "__main__":
    settings.configure(USE_I18N=False)
    sys.stdout.write(document())
