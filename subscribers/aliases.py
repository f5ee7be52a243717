"""Names for threads, drawn from a keyed function: “Blauer Otter 27” is nobody in particular.

Words were chosen so that none insults, flatters, or hints at a gender, an origin or a party: no
party colours (red, black, green, yellow), no animal that is used as an insult. All animals are
grammatically masculine, so that every colour fits every animal.
"""

import hmac
from collections.abc import Iterator
from hashlib import sha256
from uuid import UUID

QUALITIES = (
    "Blauer Heller Ruhiger Silberner Türkiser Kupferner Bernsteinfarbener Gestreifter "
    "Getupfter Munterer Stiller Flinker Freundlicher Wacher Sandfarbener Violetter"
).split()
ANIMALS = (
    "Otter Biber Dachs Igel Kranich Milan Falter Lachs Luchs Kiebitz Reiher Marder "
    "Eisvogel Zeisig Pirol Sperling Delfin Pinguin Seestern Stieglitz"
).split()
NUMBERS = range(10, 100)
COMBINATIONS = len(QUALITIES) * len(ANIMALS) * len(NUMBERS)


def candidates(thread: UUID, *, key: bytes) -> Iterator[str]:
    """Yield aliases for a thread without end; whoever wants one takes the first that is free."""
    attempt = 0
    while True:
        drawn = hmac.new(key, b"%s|%d" % (thread.bytes, attempt), sha256).digest()
        yield _name(int.from_bytes(drawn))
        attempt += 1


def _name(number: int) -> str:
    number, quality = divmod(number, len(QUALITIES))
    number, animal = divmod(number, len(ANIMALS))
    return f"{QUALITIES[quality]} {ANIMALS[animal]} {NUMBERS[number % len(NUMBERS)]}"
