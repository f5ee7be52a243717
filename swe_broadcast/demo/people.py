"""The 412 people of the demo: their names, and what each of them does with the phone."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

Json = dict[str, Any]
Script = list[dict[str, Any]]

SEED = 412  # the same people do the same things in every demo
LATER = {"wait": 10}  # seconds until somebody thinks again

# What people do after they have seen the question, and how many of them do so.
PLANS: tuple[tuple[int, Script], ...] = (
    (196, [{"tap": "MINI"}]),
    (150, [{"tap": "MAXI"}]),
    (24, [{"tap": "NEIN"}]),
    (16, [{"tap": "MINI"}, LATER, {"say": "STOP"}]),
    (12, [{"tap": "MINI"}, LATER, {"say": "MAXI"}]),
    (10, [{"tap": "MAXI"}, LATER, {"say": "mini"}]),
    (4, []),  # cannot decide
)
GREETINGS = ("START", "Start", "start", "Hallo, ich möchte dabei sein", "Moin", "START 👋")

FIRST_NAMES = (
    "Aylin Andrzej Anja Bernd Birgit Cem Claudia Dariusz Dieter Elif Emil Fatma Frank Gabi Hanna "
    "Heiko Ines Ivan Jana Jens Kerstin Kilian Lena Linh Maik Marta Mehmet Nadja Olena Oskar "
    "Petra Ralf Sabine Sven Thi Tobias Uwe Vera Wiebke Yusuf"
).split()
LAST_NAMES = (
    "Adler Bauer Çelik Drescher Ebert Fuchs Groß Hartung Iwanow Jahn Kowalski Lindner Möller "
    "Nguyen Otto Pfeiffer Quast Richter Schröder Thiele Ullrich Vogt Weiß Yıldız Zimmermann"
).split()


def everybody() -> list[Json]:
    """Return the people as the simulator wants them: name, phone, script."""
    chance = random.Random(SEED)  # noqa: S311 - the same in every demo
    names = [" ".join(pair) for pair in product(FIRST_NAMES, LAST_NAMES)]
    plans = [plan for number, plan in PLANS for _ in range(number)]
    chance.shuffle(names)
    chance.shuffle(plans)
    return [
        {
            "name": name,
            "phone": f"+49151000{number:05d}",
            "script": [{"say": chance.choice(GREETINGS)}, *plan],
        }
        for number, (name, plan) in enumerate(zip(names, plans, strict=False), start=1)
    ]


def outcome(chat: Iterable[Mapping[str, Any]]) -> str:
    """Return what somebody wants, by what they have said and tapped: a tier, or ""."""
    wants, was_asked = "", False
    for message in chat:
        if message["from"] != "person":
            was_asked = was_asked or "MAXI" in _buttons(message)
            continue
        match message["text"].strip().upper():
            case "MINI" | "MAXI" as tier if was_asked:
                wants = tier.lower()
            case "NEIN" | "STOP":
                wants = ""
    return wants


def count_outcomes(people: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Count what everybody wants; those who want nothing count under ""."""
    return Counter(outcome(person["chat"]) for person in people)


def _buttons(message: Mapping[str, Any]) -> set[str]:
    return {button["title"] for button in message["content"].get("buttons", [])}
