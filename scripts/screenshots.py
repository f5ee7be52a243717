"""Makes every picture of README and handbook from a running demo, by itself.

    python scripts/screenshots.py

Needs Chromium, as the browser tests do, and about six minutes. It starts `manage.py demo` in an
empty folder of its own, goes through a working day there as its users would, and writes the
pictures to docs/img/handbook. Between two runs only times, dates, aliases and codes differ.
"""

import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run by path, not as a module

from scripts.studio import Studio, opened
from whatsapp.simulator import Control

DESK = "/admin/campaigns/broadcast"
EDITOR, APPROVER, PRIVACY, HR, IT = "redaktion", "freigabe", "datenschutz", "personal", "it"
RECEIPT = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b")
PATIENCE = timedelta(minutes=5)  # for what takes longest: a broadcast to everybody
LOOK = 0.5  # seconds between two looks
LINES = """\
TA: Linie 3 fährt ab Montag alle fünf Minuten https://www.thueringer-allgemeine.de/a/1
MDR: Fernwärme wird in der Altstadt ausgebaut https://www.mdr.de/2
TLZ (Abo): Hallenbäder öffnen in den Ferien länger https://www.tlz.de/3
TA: Stadtwerke bilden so viele junge Leute aus wie nie https://www.thueringer-allgemeine.de/a/4
MDR: Was die Wärmewende für Mieter bedeutet https://www.mdr.de/5
TLZ: Erfurt bekommt zwanzig neue Ladesäulen https://www.tlz.de/8
"""
MISTAKE, REPAIRED = "ab Montag", "ab Dienstag"
REPLIES = (
    "Fährt die Linie 3 am Montag schon vor 4 Uhr? Ich habe Frühschicht.",
    "Der Link zur Fernwärme geht bei mir nicht auf",
    "Danke, sehr gut gemacht! 👍",
)
ANSWER = "Ja, die erste Bahn fährt um 3.40 Uhr ab Urbicher Kreuz."
# Day of the next week, hour, category, values: what stands in the plan.
PLANNED: tuple[tuple[int, int, str, dict[str, str]], ...] = (
    (0, 10, "unternehmen", {"betreff": "Neue Dienstkleidung", "text": "Ausgabe ab 7. Dezember"}),
    (
        1,
        11,
        "stellenanzeige",
        {
            "stelle": "Meisterin oder Meister Gleisbau",
            "bereich": "Infrastruktur Straßenbahn",
            "profil": "Berufserfahrung im Gleisbau und Freude am Team",
            "frist": "15. Dezember",
        },
    ),
    (3, 15, "neues", {"titel": "Weihnachtsbäume für die Höfe", "text": "Wer einen möchte: …"}),
)
OFFER = {
    "betreff": "Jobticket wird günstiger",
    "text": "Ab Januar kostet es nur noch 29 Euro im Monat. Bestellt wird im Intranet.",
}
FULL_TEXT = """\
Ab Januar kostet das *Jobticket* nur noch *29 Euro* im Monat.

So geht es:
- im Intranet unter _Service_ bestellen
- bis zum 15. Dezember
- das alte Ticket gilt bis Silvester weiter"""


class Late(Exception):
    """Something did not happen in time; says what."""


def tell(studio: Studio) -> None:
    """Tell the whole day, and take the pictures on the way. Raises Late and NotShown."""
    control = Control(studio.demo.simulator)
    plan_the_week(studio)
    let_people_reply(studio, control)
    write(studio)
    press_review = write_the_press_review(studio)
    decide(studio, press_review)
    watch_it_leave(studio, press_review)
    correct(studio, press_review)
    answer_replies(studio)
    look_at_people(studio, control)
    run_the_desk(studio)
    look_at_a_phone(studio, control)


def plan_the_week(studio: Studio) -> None:
    """Have something on each day of next week, and something that leaves soon."""
    today = datetime.now().astimezone().date()  # noqa: TID251 - the clock on the wall
    monday = today + timedelta(days=7 - today.weekday())
    for days, hour, category, values in PLANNED:
        _schedule(studio, category, values, at=f"{monday + timedelta(days=days)}T{hour}:00")
    soon = datetime.now(UTC) + timedelta(minutes=40)  # noqa: TID251 - the clock on the wall
    storm = {
        "betreff": "Sturm am Nachmittag",
        "text": "Bitte sichern Sie Baustellen und Leitern bis 14 Uhr.",
    }
    _schedule(studio, "unternehmen", storm, at=soon.isoformat(timespec="minutes"))
    page = studio.open(EDITOR, f"/admin/campaigns/slot/?look=week&day={monday}")
    studio.keep(page, "plan-woche")


def let_people_reply(studio: Studio, control: Control) -> None:
    """Have a few of those who got the press review write something back."""
    readers = [one["id"] for one in control.people(chat=True) if _got_news(one)]
    for person, words in zip(readers, REPLIES, strict=False):
        control.say(person, words)
    page = studio.open(EDITOR, "/admin/subscribers/thread/")
    _wait(lambda: _count(page, ".thread-last", again=True) >= len(REPLIES), "the replies")


def write(studio: Studio) -> None:
    """Write something that stays a draft."""
    page = studio.open(EDITOR, f"{DESK}/add/")
    studio.keep(page, "rubriken")
    page.goto(f"{studio.demo.desk}{DESK}/add/unternehmen/")
    for name, words in OFFER.items():
        page.locator(f"[name=value-{name}]").fill(words)
    page.locator("[name=full_text]").fill(FULL_TEXT)
    page.locator("#preview").get_by_text("29 Euro").first.wait_for()
    studio.keep(page, "schreiben")
    page.locator("button[name=action][value=save]").click()
    page.locator(".badge-draft").wait_for()


def write_the_press_review(studio: Studio) -> str:
    """Write the press review of the day and submit it; return the path of its page."""
    page = studio.open(EDITOR, f"{DESK}/add/presseschau/press/")
    page.locator("#id_pasted").fill(LINES)
    page.locator("#press-add").click()
    page.locator("#press-lines > li.press-line").nth(LINES.count("\n") - 1).wait_for()
    page.locator("#preview").get_by_text("Ladesäulen").first.wait_for()
    studio.keep(page, "presseschau")
    page.keyboard.press("Control+Enter")
    page.locator(".badge-draft").wait_for()
    page.keyboard.press("Control+Enter")
    page.locator(".badge-in_review").wait_for()
    return page.url.removeprefix(studio.demo.desk)


def decide(studio: Studio, broadcast: str) -> None:
    """Read the press review on a phone, approve it, and see that it could be undone."""
    page = studio.open(APPROVER, "/admin/")
    studio.keep(page, "start-freigabe")
    review = broadcast.replace("/change/", "/review/")
    handset = studio.open(APPROVER, review, on_phone=True)
    studio.keep(handset, "freigabe-telefon")
    page.goto(studio.demo.desk + review)
    page.locator("details:has(#note) summary").click()
    studio.keep(page, "freigabe")
    _approve(handset)
    page.goto(studio.demo.desk + broadcast)
    page.locator(".countdown").wait_for()
    studio.keep(page, "rueckgaengig", part=".next")


def watch_it_leave(studio: Studio, broadcast: str) -> None:
    """Look while it leaves, stop it, look again, and let it go on to its end."""
    page = studio.open(EDITOR, broadcast)
    _until_state(page, "sending")
    _wait(lambda: _percent(page) >= 30, "a third of the broadcast")
    studio.keep(page, "versand")
    start = studio.open(EDITOR, "/admin/")
    studio.keep(start, "start")
    page.locator("form[action$='/pause/'] button").click()
    _until_state(page, "paused")
    studio.keep(page, "angehalten")
    page.locator("form[action$='/resume/'] button").click()
    studio.keep(studio.open(EDITOR, "/admin/", on_phone=True), "start-telefon")
    studio.keep(studio.open(EDITOR, "/admin/", scheme="dark"), "start-dunkel")
    _until_state(page, "done")


def correct(studio: Studio, broadcast: str) -> None:
    """Correct the press review, and see how the original says so."""
    page = studio.open(EDITOR, broadcast)
    page.locator("form[action$='/correct/'] button").click()
    line = page.locator("#press-lines textarea").first
    line.fill(line.input_value().replace(MISTAKE, REPAIRED))
    page.locator("#preview").get_by_text(REPAIRED).first.wait_for()
    studio.keep(page, "korrektur")
    page.keyboard.press("Control+Enter")
    page.locator(".badge-draft").wait_for()
    page.keyboard.press("Control+Enter")
    page.locator(".badge-in_review").wait_for()
    _approve(studio.open(APPROVER, page.url.removeprefix(studio.demo.desk) + "../review/"))
    _until_state(page, "done")
    page.goto(studio.demo.desk + broadcast)
    studio.keep(page, "korrigiert")
    page.goto(f"{studio.demo.desk}/admin/campaigns/archivedbroadcast/")
    studio.keep(page, "archiv")


def answer_replies(studio: Studio) -> None:
    """Look at the replies, and answer the first."""
    page = studio.open(EDITOR, "/admin/subscribers/thread/")
    studio.keep(page, "antworten")
    page.locator(".row", has_text=REPLIES[0][:20]).locator("a").first.click()
    page.locator("#text").fill(ANSWER)
    studio.keep(page, "antworten-faden")
    page.goto(f"{studio.demo.desk}/admin/")
    page.keyboard.press("?")
    studio.keep(page, "tastatur", part="#shortcuts")


def look_at_people(studio: Studio, control: Control) -> None:
    """Do what the data-protection officer and HR do."""
    page = studio.open(PRIVACY, "/admin/subscribers/ledgercheck/")
    studio.keep(page, "nachweise")
    chats = (message["text"] for one in control.people(chat=True) for message in one["chat"])
    code = next(found[0] for text in chats if (found := RECEIPT.search(text)))
    page.goto(f"{studio.demo.desk}/admin/subscribers/consentevent/?q={code}")
    page.locator("button[name=reason]").first.wait_for()
    studio.keep(page, "nachweis-grund")
    page.locator("button[name=reason]").first.click()
    studio.keep(page, "nachweis")
    page = studio.open(HR, "/admin/subscribers/monthlyfigure/")
    studio.keep(page, "zahlen")


def run_the_desk(studio: Studio) -> None:
    """Look at the pages of IT, and at a desk that stands still."""
    page = studio.open(IT, "/admin/campaigns/channel/")
    studio.keep(page, "betrieb")
    page.goto(f"{studio.demo.desk}/admin/campaigns/messagetemplate/")
    studio.keep(page, "vorlagen")
    studio.demo.console("kill-switch", "on")
    start = studio.open(EDITOR, "/admin/")
    studio.keep(start, "start-rot")
    page.goto(f"{studio.demo.desk}/admin/campaigns/channel/")
    studio.keep(page, "notaus")
    studio.demo.console("kill-switch", "off")


def look_at_a_phone(studio: Studio, control: Control) -> None:
    """See what somebody has got who reads everything."""
    readers = [one for one in control.people(chat=True) if _got_news(one)]
    page = studio.open_phone(readers[-1]["id"])
    studio.keep(page, "telefon")


def _schedule(studio: Studio, category: str, values: dict[str, str], *, at: str) -> None:
    said = [f"--value={name}={words}" for name, words in values.items()]
    people = ("--as", EDITOR, "--approve-as", APPROVER)
    where = ("--category", category, "--at", at)
    studio.demo.console("broadcast", "create", *where, *said, *people)


def _approve(page: Page) -> None:
    tick = page.locator("[name=confirmed]")
    if tick.count():
        tick.check()
    page.locator("form[action$='/approve/'] button").click()
    page.locator(".badge-scheduled").wait_for()


def _got_news(person: dict[str, object]) -> bool:
    chat = person["chat"]
    assert isinstance(chat, list)
    return bool(chat) and chat[-1]["template"] is not None


def _until_state(page: Page, state: str) -> None:
    _wait(lambda: _count(page, f".row-facts .badge-{state}", again=True) > 0, f"“{state}”")


def _count(page: Page, selector: str, *, again: bool = False) -> int:
    if again:
        page.reload()
    return page.locator(selector).count()


def _percent(page: Page) -> int:
    found = re.search(r"\d+", page.locator("#progress-title").inner_text())
    return int(found[0]) if found else 0


def _wait(is_there: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE.total_seconds()
    while not is_there():
        if time.monotonic() > end:
            raise Late(f"{what} did not come within {PATIENCE}.")
        time.sleep(LOOK)


if __name__ == "__main__":
    with opened() as studio:
        tell(studio)
