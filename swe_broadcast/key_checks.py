"""Keys that are there, fit, and protect nothing: found by `manage.py check` and `doctor`.

Each sentence names variables and files, never a value.
"""

import stat
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings  # noqa: TID251 - the edge
from django.core.checks import CheckMessage, Error, Tags, register

from subscribers.vault import KeyRing, VaultError, read_keys
from swe_broadcast import local

ENOUGH_DISTINCT = 16  # of 32 random bytes; fewer come by chance once in 10^11 keys
WHERE = ("HOST", "PORT", "NAME")


@dataclass(frozen=True, slots=True)
class KeySetup:
    """What is looked at."""

    keys: Mapping[str, Sequence[bytes]] = field(repr=False)  # by the variable they stand in
    key_ids: Sequence[str]
    files: Mapping[str, Path]
    databases: Mapping[str, Mapping[str, Any]]
    has_proof_key: bool
    proof_mode: str
    is_production: bool


def weaknesses(setup: KeySetup) -> Iterator[str]:
    """Yield one sentence for everything that makes the keys worth less than they look."""
    for name, path in sorted(setup.files.items()):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO:
            yield f"Everybody on this machine may read the file of {name}: chmod 0400."
    places = defaultdict(list)
    for name, keys in setup.keys.items():
        for key in keys:
            places[key].append(name)
            if _is_guessable(key):
                yield f"A key in {name} is no random number: openssl rand -base64 32."
    for names in places.values():
        if len(names) > 1:
            yield f"The same key stands in {' and '.join(names)}: one key, one use."
    if setup.proof_mode not in ("sealed", "none"):
        yield "PROOF_MODE is neither `sealed` nor `none`."
    if setup.is_production:
        yield from _unfit_for_production(setup)


def _unfit_for_production(setup: KeySetup) -> Iterator[str]:
    if local.KEY_ID in setup.key_ids:
        yield f"VAULT_KEYS holds the key “{local.KEY_ID}” that a demo has drawn."
    main, keys = (
        {name: setup.databases[alias].get(name) for name in WHERE} for alias in ("default", "keys")
    )
    if main == keys:
        yield "KEYS_DATABASE_URL is the main database: one backup would hold keys and all."
    if setup.proof_mode == "sealed" and not setup.has_proof_key:
        yield "PROOF_PUBLIC_KEY is missing: `manage.py keys pair`, or PROOF_MODE=none."


def _is_guessable(key: bytes) -> bool:
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    is_text = key.isascii() and key.decode().isprintable()
    return is_text or len(set(key)) < ENOUGH_DISTINCT or len(steps) == 1


@register(Tags.security)
def keys_protect(**_: Any) -> Sequence[CheckMessage]:
    """No key is guessable, shared, readable by others or a demo's."""
    keys: dict[str, Sequence[bytes]] = {}
    ring: Mapping[str, bytes] = {}
    with suppress(VaultError):  # keys_fit tells
        ring = KeyRing.parse(settings.VAULT_KEYS).keys
        keys["VAULT_KEYS"] = list(ring.values())
        for name in ("INDEX_KEY", "MESSAGE_ID_KEY", "LEDGER_SIGNING_KEY"):
            if encoded := getattr(settings, name):  # the last may be a file of another user
                keys[name] = read_keys(encoded)
    setup = KeySetup(
        keys=keys,
        key_ids=list(ring),
        files=settings.SECRETS.files,
        databases=settings.DATABASES,
        has_proof_key=bool(settings.PROOF_PUBLIC_KEY),
        proof_mode=settings.PROOF_MODE,
        is_production=settings.PRODUCTION,
    )
    hint = "See docs/keys.md."
    return [Error(words, hint=hint, id="swe.E005") for words in weaknesses(setup)]
