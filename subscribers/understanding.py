"""What a message means: text to intent, pure and without a database.

Two rules outrank everything else. Towards STOP we are generous: a strong word counts inside a
short sentence and with a slip of the thumb, and where it stands in a long sentence or beside a
“not” we ask and send nothing meanwhile. Towards consent we are strict: only the exact words
count, because “anmelden” and “abmelden” are one letter apart.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from enum import Enum

from subscribers import vocabulary


class Intent(Enum):
    """What somebody wants, as far as we understood."""

    START = "start"
    AGREE_MINI = "agree_mini"
    AGREE_MAXI = "agree_maxi"
    REFUSE = "refuse"
    YES = "yes"  # to what? is asked
    MINI = "mini"
    MAXI = "maxi"
    MORE_OR_LESS = "more_or_less"  # which of the two? is asked
    PAUSE = "pause"
    CONTINUE = "continue"  # after a pause, a hold, or the yearly question
    STOP = "stop"
    AMBIGUOUS_STOP = "ambiguous_stop"  # perhaps; is asked, and nothing is sent meanwhile
    ERASE = "erase"
    ERASE_CONFIRMED = "erase_confirmed"
    CANCEL = "cancel"
    ACCESS = "access"
    HELP = "help"
    LANGUAGE = "language"
    GERMAN = "german"
    ENGLISH = "english"
    UNCLEAR = "unclear"


SHORT_MESSAGE = 4  # words
FORGIVING_FROM = 7  # letters; shorter words have too many neighbours
_FOLDED_ALONE = str.maketrans({"ı": "i", "ł": "l", "đ": "d", "ø": "o"})  # no accent to strip
_APOSTROPHES = "'’‘`´"
_GERMAN_SPELLINGS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def understand(text: str) -> Intent:
    """Return the intent of a written message."""
    message = normalised(text)
    core = _without_politeness(message)
    leaving = _leaving(text, message=message, core=core)
    if leaving is not None:
        return leaving
    if not core:
        return _intent_of_signs(text)
    intent = _EXACTLY.get(message) or _PHRASES.get(message) or _PHRASES.get(core)
    if intent is None and _is_short(message) and not _TIERS.isdisjoint(message.split()):
        return Intent.MORE_OR_LESS
    return intent or Intent.UNCLEAR


def understand_button(button_id: str) -> Intent:
    """Return the intent of a tap; an id that is not ours is unclear."""
    name = vocabulary.BUTTONS.get(button_id)
    return Intent[name] if name else Intent.UNCLEAR


def is_foreign(text: str) -> bool:
    """Tell whether somebody writes neither German nor English, as far as can be told.

    That is so for a script other than Latin, and for the words of other languages that we know.
    """
    message = normalised(text)
    words = {message, *message.split()}
    is_other_script = any(c.isalpha() and "LATIN" not in unicodedata.name(c, "") for c in message)
    return is_other_script or not _ELSEWHERE.isdisjoint(words)


def normalised(text: str) -> str:
    """Fold case, width, accents, punctuation and the invisible: “ Ja,  MINI! ” is “ja mini”.

    Letters that are set apart, as in “S T O P”, become a word again.
    """
    folded = unicodedata.normalize("NFKD", text).casefold()
    folded = unicodedata.normalize("NFKD", folded).translate(_FOLDED_ALONE)
    words = "".join(map(_kept, folded)).split()
    if len(words) > 2 and all(len(word) == 1 for word in words):
        return "".join(words)
    return " ".join(words)


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] in "LN" or category == "Mc":
        return character
    # Accents and the invisible join what stands around them; all else separates it.
    return "" if category in ("Mn", "Me", "Cf") or character in _APOSTROPHES else " "


def _leaving(text: str, *, message: str, core: str) -> Intent | None:
    """Return STOP or AMBIGUOUS_STOP if somebody wants to leave, or may want to."""
    if message in _STOP_PHRASES or core in _STOP_PHRASES:
        return Intent.STOP
    words = message.split()
    judged = [_judge(word) for word in words]
    has_sign = not _STOP_SIGNS.isdisjoint(text)
    if not has_sign and not any(judged):
        return Intent.AMBIGUOUS_STOP if _contains_phrase(message) else None
    if all(verdict is Intent.STOP for verdict in judged):  # or there is nothing but a sign
        return Intent.STOP
    if not _is_short(message) or _is_negated(words, judged):
        return Intent.AMBIGUOUS_STOP
    is_sure = has_sign or Intent.STOP in judged
    return Intent.STOP if is_sure else Intent.AMBIGUOUS_STOP


def _judge(word: str) -> Intent | None:
    """Return what one word says about leaving."""
    if word in _STRONG_STOP or _squeezed(word) == "stop":
        return Intent.STOP
    if word in _DOUBTFUL_STOP:
        return Intent.AMBIGUOUS_STOP
    if word in _NOT_STOP or not any(_are_one_slip_apart(word, it) for it in _FORGIVING):
        return None
    may_mean_other = any(_are_one_slip_apart(word, it) for it in _NOT_STOP)
    return Intent.AMBIGUOUS_STOP if may_mean_other else Intent.STOP


def _contains_phrase(message: str) -> bool:
    """Tell whether a phrase of several words stands in a message; one word is too little."""
    return any(f" {phrase} " in f" {message} " for phrase in _STOP_PHRASES if " " in phrase)


def _is_negated(words: list[str], judged: list[Intent | None]) -> bool:
    """Tell whether a “not” stands before the first word about leaving."""
    first = next((place for place, verdict in enumerate(judged) if verdict), 0)
    return not _NEGATIONS.isdisjoint(words[:first])


def _is_short(message: str) -> bool:
    return len(message.split()) <= SHORT_MESSAGE


def _without_politeness(message: str) -> str:
    return " ".join(word for word in message.split() if word not in _POLITE)


def _intent_of_signs(text: str) -> Intent:
    plain = unicodedata.normalize("NFKC", text)
    for name, signs in vocabulary.SIGNS.items():
        if not set(signs).isdisjoint(plain):
            return Intent[name]
    return Intent.UNCLEAR


def _squeezed(word: str) -> str:
    """Take letters that are held down once: “stooopp” is “stop”."""
    return "".join(
        letter for letter, before in zip(word, " " + word, strict=False) if letter != before
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


def _spellings(words: Iterable[str]) -> frozenset[str]:
    """Fold words of the vocabulary; an umlaut may be written as ö, o or oe."""
    return frozenset(
        normalised(spelling)
        for word in words
        for spelling in (word, word.translate(_GERMAN_SPELLINGS))
    )


def _listed(phrases: str) -> list[str]:
    return phrases.split(",")


def _by_phrase(*tables: Mapping[str, str]) -> dict[str, Intent]:
    return {
        phrase: Intent[name]
        for table in tables
        for name, phrases in table.items()
        for phrase in _spellings(_listed(phrases))
    }


_EXACTLY = _by_phrase(vocabulary.EXACTLY)
_PHRASES = _by_phrase(vocabulary.PHRASES, vocabulary.PHRASES_ELSEWHERE)
_DOUBTFUL_STOP = _spellings(vocabulary.DOUBTFUL_STOP.split())
_STOP_PHRASES = _DOUBTFUL_STOP | _spellings(
    _listed(vocabulary.STOP_PHRASES) + _listed(vocabulary.STOP_PHRASES_ELSEWHERE)
)
_STRONG_STOP = _spellings(vocabulary.STRONG_STOP.split() + vocabulary.STRONG_STOP_ELSEWHERE.split())
_FORGIVING = frozenset(
    word for word in _spellings(vocabulary.STRONG_STOP.split()) if len(word) >= FORGIVING_FROM
)
_NOT_STOP = _spellings(vocabulary.NOT_STOP.split())
_NEGATIONS = _spellings(vocabulary.NEGATIONS.split())
_POLITE = _spellings(vocabulary.POLITE.split())
_STOP_SIGNS = frozenset(vocabulary.STOP_SIGNS)
_TIERS = frozenset({"mini", "maxi"})
_ELSEWHERE = (
    _spellings(vocabulary.STRONG_STOP_ELSEWHERE.split())
    | _spellings(_listed(vocabulary.STOP_PHRASES_ELSEWHERE))
    | frozenset(_by_phrase(vocabulary.PHRASES_ELSEWHERE))
)
