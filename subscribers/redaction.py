"""What could tell who wrote something is cut out of it, before it is stored or seen.

Pure: text in, text out. Nothing here is certain. A nickname, a place of work or a turn of phrase
still betrays somebody to colleagues, so that nobody may call what remains anonymous. How much is
found is measured on tests/subscribers/letters.txt and published in docs/privacy.md. Where in doubt
more is cut: a missing word can be asked for, a number that was read cannot be forgotten.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

CUT = "███"  # what stands in place of something cut out

# --- numbers and addresses -------------------------------------------------------------------

_AT = r"(?:@|\s?[(\[{]\s?(?:at|ät)\s?[)\]}]\s?|\s(?:at|ät)\s)"
_DOT = r"(?:\.|\s?[(\[{]\s?(?:dot|punkt)\s?[)\]}]\s?|\s(?:dot|punkt)\s)"
_MAIL = re.compile(rf"[\w.+-]+\s?{_AT}\s?[\w-]+(?:\s?{_DOT}\s?[\w-]+)+", re.IGNORECASE)
_URL = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:de|com|net|org|eu|info|me|io)(?:/\S*)?",
    re.IGNORECASE,
)
_PROFILES = re.compile(
    r"(?:^|[/.])(?:wa\.me|t\.me|facebook|fb|instagram|linkedin|xing|tiktok|x\.com|twitter|paypal)",
    re.IGNORECASE,
)
_PLAIN_URL = re.compile(r"(?:https?://)?[\w.-]+(?:/[a-zäöüß-]*)*[.,!?)]*", re.IGNORECASE)
_IBAN = re.compile(
    r"\b[A-Z]{2}\s?\d{2}(?:[\s.-]?[A-Z\d]{4}){2,7}(?:[\s.-]?[A-Z\d]{1,4})?\b", re.IGNORECASE
)
_DATE = r"(?:[0-3]?\d\.\s?[01]?\d\.(?:\s?(?:19|20)?\d\d)?(?!\d))"
_BIRTH = re.compile(rf"\bgeb(?:oren|\.)?\s*(?:am|:)?\s*{_DATE}", re.IGNORECASE)
_PHONE = re.compile(rf"(?<![\w.,])(?!{_DATE})(?:\+\s?|\(?0)\d?[\d\s/().–-]{{5,}}\d")
_DIGIT_WORD = r"(?:null|eins|zwei|zwo|drei|vier|fünf|sechs|sieben|acht|neun)"
_SPOKEN = re.compile(rf"\b{_DIGIT_WORD}(?:[\s,-]*{_DIGIT_WORD}){{4,}}\b", re.IGNORECASE)
_PLATE = re.compile(
    r"\b[A-ZÄÖÜ]{1,3}(?:\s?-\s?|\s)[A-Z]{1,2}[\s-]?\d{1,4}[EH]?\b"
    r"|\b[A-ZÄÖÜ]{3,5}\d{2,4}\b"
    r"|\b[A-Za-zäöüÄÖÜ]{1,3}-[A-Za-z]{1,2}[\s-]?\d{1,4}[eEhH]?\b"
)
_NUMBERED = re.compile(
    r"\b(?:personal|pers|stamm|mitarbeiter|dienst|ausweis|kunden|vertrags|versicherten|"
    r"steuer|sozialversicherungs|konto|wagen|umlauf|schlüssel|p|pn|ma|id)[-.\s]*"
    r"(?:ausweis)?(?:nummer|nr|no|id)?[-.\s]*(?:ist|lautet|war|die)?[:=#\s]*"
    r"(?:[A-Z]{1,3}[-/\s]?)?\d[\d/\s-]*\d{2}\b",
    re.IGNORECASE,
)
_MEASURE = r"(?!\s?(?:€|eur|euro|km|kwh|mwh|kw|prozent|%|mal|leute|kunden|tonnen|liter|stück)\b)"
_LONG_NUMBER = re.compile(rf"(?<![\w.,]){_MEASURE}\d{{5,}}\b(?!,\d){_MEASURE}", re.IGNORECASE)
_HANDLE = re.compile(r"(?<!\w)@\w{2,}")

# --- names -----------------------------------------------------------------------------------

_CAPITAL = r"[A-ZÄÖÜÇŞÉÓŁ][\w’'.-]*"
_WORD = r"[^\W\d_][\w’'.-]*"
_GREETING = re.compile(
    r"\b(?:[lv]g|mfg|(?:(?:mit|viele|liebe|beste|schöne|herzliche|freundliche)[nm]?\s+)*"
    r"(?:gr(?:u|ü)(?:ß|ss)(?:e|en|le)?)|cheers|(?:kind\s|best\s)?regards|gez|dein|deine|euer|"
    r"eure|ciao|bis\sdann|bis\sbald|servus)\b"
    r"(?P<gap>[\s,.!;:–-]*(?:(?:an|von|vom|der|die|euer|eure|dein|deine|ihr|ihre)\s+)*)",
    re.IGNORECASE,
)
_NAMING = re.compile(
    r"\b(?:(?:ich|er|sie)\s+(?:heiße|heisse|heißt|heisst)|(?:mein|sein|ihr|der|vor|nach)?\s*name"
    r"\s*(?:ist|lautet|:)|vorname:?|nachname:?|my\sname\sis|(?:man\s)?nennt\smich|genannt)\s+",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"(?<!\w)(?P<before>(?:mein|meine|meiner|meinem|meinen|seine|ihre|eine|einer|jede|die|der)\s+)?"
    r"(?:herrn?|frau|hr|fr|dr|prof|kolleg(?:e|en|in)|meister(?:in)?|chef(?:in)?|mr|mrs|ms)\b\.?\s+",
    re.IGNORECASE,
)
_SIR = re.compile(r"\b(?:herrn?|hr\.|frau\sdr\.|familie)\s+", re.IGNORECASE)
_HERE_IS = re.compile(
    r"\b(?:hier\s+(?:ist|schreibt|spricht|nochmal|noch\s+mal|wieder)?|ich\s+bin(?:'s|s)?|i\s?am|"
    r"i'm|this\s+is|bin)\s*(?:es\s*,?\s*)?(?:der|die)\s+",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"(?<![\w.])(?<!\w\.\s)[A-ZÄÖÜ]\.\s?[A-ZÄÖÜ][a-zäöüß]{2,}(?:-[A-ZÄÖÜ]\w+)?")
_LAST_LINE = re.compile(r"\n[\s–-]*(?P<name>[^\W\d_][\w’'-]+(?:\s[^\W\d_][\w.’'-]*)?)[\W_]*\Z")
_AFTER_NAME = re.compile(rf"\s(?P<family>{_CAPITAL})")
_SOME_WORD = re.compile(r"[^\W\d_]+")
MOST_WORDS = 3  # of a name after a greeting


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without what could be found, and whether something was."""

    text: str
    is_shortened: bool


def redact(text: str) -> Redacted:
    """Cut out numbers, addresses and names, as far as they can be recognised."""
    shown = _plain(text)
    for rule in _RULES:
        shown = rule(shown)
    is_shortened = CUT in shown
    joined = re.sub(rf"{CUT}(?:[\s,.-]*{CUT})+", CUT, shown)
    return Redacted(joined.strip(), is_shortened)


def _plain(text: str) -> str:
    """Bring wide digits, keycaps and invisible characters into the usual form."""
    plain = unicodedata.normalize("NFKC", text).replace("\u20e3", "").replace(CUT[0], "")
    kept = (c for c in plain if c in "\n\u200d" or unicodedata.category(c) not in ("Cf", "Cc"))
    return "".join(kept)


def _cut(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda text: pattern.sub(CUT, text)


def _cut_urls(text: str) -> str:
    """Leave the address of a site and plain pages; cut what may lead to one person."""

    def shown(found: re.Match[str]) -> str:
        url = found.group()
        is_plain = _PLAIN_URL.fullmatch(url) and not _PROFILES.search(url)
        return url if is_plain else CUT

    return _URL.sub(shown, text)


def _cut_after(
    pattern: re.Pattern[str], *, most: int, anything: bool = False
) -> Callable[[str], str]:
    """Cut the name that follows: capitalised words, or what ends the line (`anything`: all)."""

    def cut(text: str) -> str:
        pieces, end = [], 0
        for found in pattern.finditer(text):
            if found.start() < end or found.groupdict().get("before"):
                continue
            rest = text[found.end() :]
            length = _length(rest, _WORD, most=most) if anything else _name_length(rest, most=most)
            if length:
                pieces += [text[end : found.end()], CUT]
                end = found.end() + length
        return "".join([*pieces, text[end:]])

    return cut


def _name_length(rest: str, *, most: int) -> int:
    """Return how many characters of `rest` are a name; 0 if it begins with none."""
    capital = _length(rest, _CAPITAL, most=most)
    if capital:
        return capital
    some = _length(rest, _WORD, most=most)
    is_end = re.match(r"[^\w\n]*(?:\n|\Z)", rest[some:])
    return some if is_end else 0


def _length(rest: str, word: str, *, most: int) -> int:
    length = 0
    for found in re.finditer(rf"\s*{word}", rest):
        is_next = found.start() == length
        if not is_next or most == 0 or _is_common(found.group()) or (length and "\n" in found[0]):
            break
        length, most = found.end(), most - 1
    return length


def _is_common(word: str) -> bool:
    return word.strip(" \n.,’'-").casefold() in _names("words")


def _cut_known(text: str) -> str:
    """Cut names of the local lists, first names together with the family name after them."""
    pieces, end = [], 0
    for found in _SOME_WORD.finditer(text):
        if found.start() < end or not _is_known(found.group()):
            continue
        stop = found.end()
        family = _AFTER_NAME.match(text, stop)
        if family and not _is_common(family["family"]):
            stop = family.end()
        pieces += [text[end : found.start()], CUT]
        end = stop
    return "".join([*pieces, text[end:]])


def _is_known(word: str) -> bool:
    folded = word.casefold()
    forms = {folded, folded.removesuffix("s")}  # Annas Schicht
    if forms & _names("first"):
        return word[0].isupper() or len(word) > 3
    return word[0].isupper() and bool(forms & _names("family"))


def _cut_last_line(text: str) -> str:
    found = _LAST_LINE.search(text)
    if found is None or any(_is_common(word) for word in found["name"].split()):
        return text
    return text[: found.start("name")] + CUT + text[found.end("name") :]


@cache
def _names(which: str) -> frozenset[str]:
    file = resources.files("subscribers").joinpath("names", f"{which}.txt")
    return frozenset(file.read_text(encoding="utf-8").casefold().split())


# In this order: what contains something else comes first.
_RULES: Iterable[Callable[[str], str]] = (
    _cut(_MAIL),
    _cut_urls,
    _cut(_IBAN),
    _cut(_BIRTH),
    _cut(_NUMBERED),
    _cut(_PLATE),
    _cut(_PHONE),
    _cut(_SPOKEN),
    _cut(_LONG_NUMBER),
    _cut(_HANDLE),
    _cut_after(_NAMING, most=MOST_WORDS),
    _cut_after(_TITLE, most=2),
    _cut_after(_SIR, most=1, anything=True),
    _cut_after(_HERE_IS, most=2),
    _cut_after(_GREETING, most=MOST_WORDS),
    _cut(_INITIAL),
    _cut_known,
    _cut_last_line,
)
