"""What a message means: text to intent, pure and without a database.

Two rules outrank everything else. Towards STOP we are generous: a strong word counts even
inside a short sentence, because leaving must never fail on a politeness. Towards consent we
are strict: only the exact words count, because “anmelden” and “abmelden” are one letter apart.
"""

import unicodedata
from enum import Enum


class Intent(Enum):
    """What somebody wants, as far as we understood."""

    START = "start"
    AGREE_MINI = "agree_mini"
    AGREE_MAXI = "agree_maxi"
    REFUSE = "refuse"
    MINI = "mini"
    MAXI = "maxi"
    STOP = "stop"
    HELP = "help"
    GERMAN = "german"
    ENGLISH = "english"
    UNCLEAR = "unclear"


# Whole messages, after normalisation.
EXACT: dict[str, Intent] = {
    "start": Intent.START,
    "ja mini": Intent.AGREE_MINI,
    "yes mini": Intent.AGREE_MINI,
    "ja maxi": Intent.AGREE_MAXI,
    "yes maxi": Intent.AGREE_MAXI,
    "nein": Intent.REFUSE,
    "nein danke": Intent.REFUSE,
    "no": Intent.REFUSE,
    "no thanks": Intent.REFUSE,
    "mini": Intent.MINI,
    "maxi": Intent.MAXI,
    "hilfe": Intent.HELP,
    "help": Intent.HELP,
    "info": Intent.HELP,
    "menü": Intent.HELP,
    "deutsch": Intent.GERMAN,
    "german": Intent.GERMAN,
    "english": Intent.ENGLISH,
    "englisch": Intent.ENGLISH,
}

# Words that mean STOP alone or within a short message.
STRONG_STOP = frozenset(
    "stop stopp sotp stpo stoop stoppen abmelden abmeldung abbestellen austragen widerruf "
    "unsubscribe optout "
    "стоп отписка відписатися wypisz iptal dừng hủy توقف إلغاء".split()
)
# Everyday words: they mean STOP only as the entire message (“ist halt so” must not).
WEAK_STOP = frozenset(
    {"halt", "ende", "kündigen", "quit", "cancel", "dur", "sil", "keine nachrichten mehr"}
)
STOP_SIGNS = frozenset("🛑⛔❌")
SHORT_MESSAGE = 4  # words
# One slip of the thumb in a long strong word still means STOP. Short words have too many
# neighbours, and whoever means to join must not be taken for one who leaves.
FORGIVING = frozenset(word for word in STRONG_STOP if len(word) >= 8)
NEVER_FORGIVEN = frozenset({"anmelden", "anmeldung"})

# What a tap on one of our buttons means. The ids travel through WhatsApp: never rename one.
BUTTONS: dict[str, Intent] = {
    "consent:mini": Intent.AGREE_MINI,
    "consent:maxi": Intent.AGREE_MAXI,
    "consent:no": Intent.REFUSE,
    "stop": Intent.STOP,
}


def understand(text: str) -> Intent:
    """Return the intent of a written message."""
    message = normalised(text)
    words = message.split()
    if message in WEAK_STOP:
        return Intent.STOP
    if len(words) <= SHORT_MESSAGE and (
        STOP_SIGNS.intersection(text) or any(map(_is_strong_stop, words))
    ):
        return Intent.STOP
    return EXACT.get(message, Intent.UNCLEAR)


def understand_button(button_id: str) -> Intent:
    """Return the intent of a tap; an id that is not ours is unclear."""
    return BUTTONS.get(button_id, Intent.UNCLEAR)


def normalised(text: str) -> str:
    """Fold case, width and punctuation: “ Ja,  MINI! ” becomes “ja mini”."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = unicodedata.normalize("NFC", folded)
    kept = (c if unicodedata.category(c)[0] in "LMN" else " " for c in folded)
    return " ".join("".join(kept).split())


def _is_strong_stop(word: str) -> bool:
    if word in STRONG_STOP:
        return True
    is_near = any(_are_one_slip_apart(word, strong) for strong in FORGIVING)
    return is_near and not any(
        word == other or _are_one_slip_apart(word, other) for other in NEVER_FORGIVEN
    )


def _are_one_slip_apart(one: str, other: str) -> bool:
    """Tell whether one letter is missing, superfluous or wrong, or two neighbours swapped."""
    short, long = sorted((one, other), key=len)
    start = 0
    while start < len(short) and short[start] == long[start]:
        start += 1
    rest, longer_rest = short[start:], long[start:]
    if len(longer_rest) > len(rest):
        return longer_rest[1:] == rest
    return longer_rest[1:] == rest[1:] or longer_rest == rest[1::-1] + rest[2:]
