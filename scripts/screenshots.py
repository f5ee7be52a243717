"""Makes every picture of README and handbook from a running demo, by itself.

    make pictures

It starts `manage.py demo` in an empty folder of its own, goes through a working day there as its
users would, and takes a picture wherever the handbook shows one. They appear in docs/img/handbook
together at the end; if one cannot be made, it is named and none is changed. Between two runs only
times, dates, aliases, codes, and how far a broadcast has come differ.
"""

import re
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run by path, not as a module

from scripts.album import album
from scripts.studio import Studio, opened, wait
from whatsapp.simulator import Control

PICTURES = tuple(  # in the order in which they are taken
    """
    rubriken schreiben presseschau start-freigabe freigabe-telefon freigabe rueckgaengig plan-woche
    versand start angehalten start-telefon start-dunkel korrektur antworten antworten-faden tastatur
    eilmeldung nachweis-grund nachweis nachweise betriebsrat start-personal zahlen korrigiert
    archiv betrieb vorlagen start-rot notaus telefon
    """.split()
)
DESK = "/admin/campaigns/broadcast"
EDITOR, APPROVER, PRIVACY, HR, IT = "redaktion", "freigabe", "datenschutz", "personal", "it"
RECEIPT = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b")
LINES = """\
TA: Linie 3 fährt ab Montag alle fünf Minuten https://www.thueringer-allgemeine.de/a/1
MDR: Fernwärme kommt in die Altstadt https://www.mdr.de/2
TLZ (Abo): Hallenbäder öffnen in den Ferien länger https://www.tlz.de/3
TA: 42 junge Leute beginnen bei den Stadtwerken https://www.thueringer-allgemeine.de/a/4
MDR: Was die Wärmewende für Mieter bedeutet https://www.mdr.de/5
TLZ: Radweg an der Gera ist wieder frei https://www.tlz.de/8
"""
LAST_WORDS = "Radweg an der Gera"
MISTAKE, REPAIRED = "ab Montag", "ab Dienstag"
REPLIES = (
    "Fährt die Linie 3 am Montag schon vor 4 Uhr? Ich habe Frühschicht.",
    "Der Link zur Fernwärme geht bei mir nicht auf",
    "Danke, sehr gut gemacht! 👍",
)
ANSWER = "Ja, die erste Bahn fährt um 3.40 Uhr ab Urbicher Kreuz."
SOON = {
    "betreff": "Einfahrt Ost ist gesperrt",
    "text": "Bitte nehmen Sie bis auf Weiteres die Einfahrt West.",
}
# Day of the next week, hour, category, values: what stands in the plan.
PLANNED: tuple[tuple[int, int, str, dict[str, str]], ...] = (
    (
        0,
        10,
        "unternehmen",
        {"betreff": "Neue Dienstkleidung", "text": "Ausgabe werktags ab 8 Uhr im Lager Ost."},
    ),
    (
        1,
        11,
        "stellenanzeige",
        {
            "stelle": "Meisterin oder Meister Gleisbau",
            "bereich": "Infrastruktur Straßenbahn",
            "profil": "Berufserfahrung im Gleisbau und Freude am Team",
            "frist": "Ende des nächsten Monats",
        },
    ),
    (3, 15, "neues", {"titel": "Bienen auf dem Betriebshof", "text": "Der erste Honig ist da."}),
)
OFFER = {
    "betreff": "Jobticket wird günstiger",
    "text": "Ab Januar kostet es nur noch 29 Euro im Monat. Bestellt wird im Intranet.",
}
FULL_TEXT = """\
Ab Januar kostet das *Jobticket* nur noch *29 Euro* im Monat.

So geht es:
- im Intranet unter _Service_ bestellen
- bis zum 15. des Vormonats
- das alte Ticket gilt bis Silvester weiter"""


def tell(studio: Studio) -> None:
    """Tell the whole day, and take the pictures on the way. Raises NotShown."""
    control = Control(studio.demo.simulator)
    have_a_plan(studio)
    let_people_reply(studio, control)
    write(studio)
    press_review = write_the_press_review(studio)
    decide(studio, press_review)
    look_at_the_plan(studio)
    watch_it_leave(studio, press_review)
    correction = correct(studio, press_review)
    answer_replies(studio)
    begin_what_cannot_wait(studio)
    look_at_people(studio, control)
    look_back(studio, press_review, correction)
    run_the_desk(studio)
    look_at_a_phone(studio, control)


def have_a_plan(studio: Studio) -> None:
    """Have something on some days of next week, and something that leaves soon."""
    for days, hour, category, values in PLANNED:
        at = f"{_next_monday() + timedelta(days=days)}T{hour}:00"
        _schedule(studio, category, values, at=at)
    soon = datetime.now(UTC) + timedelta(minutes=44)  # noqa: TID251 - the clock on the wall
    _schedule(studio, "unternehmen", SOON, at=soon.isoformat(timespec="minutes"))


def let_people_reply(studio: Studio, control: Control) -> None:
    """Have a few of those who got the press review write something back."""
    readers = [one["id"] for one in control.people(chat=True) if _got_news(one)]
    for person, words in zip(readers, REPLIES, strict=False):
        control.say(person, words)
    page = studio.open(EDITOR, "/admin/subscribers/thread/")
    wait(lambda: _count(page, ".thread-last") >= len(REPLIES), "the replies")


def write(studio: Studio) -> None:
    """Write something that stays a draft."""
    page = studio.open(EDITOR, f"{DESK}/add/")
    studio.keep(page, "rubriken")
    page.goto(f"{studio.demo.desk}{DESK}/add/unternehmen/")
    for name, words in OFFER.items():
        page.locator(f"[name=value-{name}]").fill(words)
    page.locator("[name=full_text]").fill(FULL_TEXT)
    page.locator("#preview").get_by_text("Silvester").first.wait_for()
    studio.keep(page, "schreiben")
    page.locator("button[name=action][value=save]").click()
    page.locator(".badge-draft").wait_for()


def write_the_press_review(studio: Studio) -> str:
    """Write the press review of the day and submit it; return the path of its page."""
    page = studio.open(EDITOR, f"{DESK}/add/presseschau/press/")
    with page.expect_response(re.compile("/press/lines/")):  # what is typed, then the button
        page.locator("#id_pasted").fill(LINES)
    page.locator("#press-add").click()
    page.locator("#press-lines > li.press-line").nth(LINES.count("\n") - 1).wait_for()
    page.locator("#preview").get_by_text(LAST_WORDS).first.wait_for()
    studio.keep(page, "presseschau")
    _submit(page)
    return page.url.removeprefix(studio.demo.desk)


def decide(studio: Studio, broadcast: str) -> None:
    """Read the press review on a phone, approve it, and see that it could be undone."""
    page = studio.open(APPROVER, "/admin/")
    wait(lambda: _count(page, ".health-good") > 0, "that all is well")
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


def look_at_the_plan(studio: Studio) -> None:
    """See the next week, while what was approved can still be undone."""
    page = studio.open(EDITOR, f"/admin/campaigns/slot/?look=week&day={_next_monday()}")
    studio.keep(page, "plan-woche")


def watch_it_leave(studio: Studio, broadcast: str) -> None:
    """Look while it leaves, stop it, look again, and let it go on to its end."""
    page = studio.open(EDITOR, broadcast)
    _until_state(page, "sending")
    start = studio.open(EDITOR, "/admin/")
    wait(lambda: _count(start, ".health-good") > 0, "that all is well")
    studio.hold(start)  # it keeps what it shows until it is its turn
    wait(lambda: _percent(page) >= 30, "a third of the broadcast")
    studio.keep(page, "versand")
    page.locator("form[action$='/pause/'] button").click()
    studio.keep(start, "start")
    _until_state(page, "paused")
    studio.keep(page, "angehalten")
    studio.keep(studio.open(EDITOR, "/admin/", on_phone=True), "start-telefon")
    studio.keep(studio.open(EDITOR, "/admin/", scheme="dark"), "start-dunkel")
    page.locator("form[action$='/resume/'] button").click()
    _until_state(page, "done")


def correct(studio: Studio, broadcast: str) -> str:
    """Correct the press review; return the path of the correction, which leaves now."""
    page = studio.open(EDITOR, broadcast)
    page.locator("form[action$='/correct/'] button").click()
    line = page.locator("#press-lines textarea").first
    line.fill(line.input_value().replace(MISTAKE, REPAIRED))
    page.locator("#preview").get_by_text(REPAIRED).first.wait_for()
    studio.keep(page, "korrektur")
    _submit(page)
    path = page.url.removeprefix(studio.demo.desk)
    _approve(studio.open(APPROVER, path.replace("/change/", "/review/")))
    return path


def answer_replies(studio: Studio) -> None:
    """Look at the replies, and answer the first."""
    page = studio.open(EDITOR, "/admin/subscribers/thread/")
    studio.keep(page, "antworten")
    page.locator(".row", has_text=REPLIES[0][:20]).locator("a").first.click()
    page.locator("#text").fill(ANSWER)
    studio.keep(page, "antworten-faden")


def begin_what_cannot_wait(studio: Studio) -> None:
    """See which keys there are, and press the one for what cannot wait."""
    page = studio.open(EDITOR, "/admin/")
    page.keyboard.press("?")
    studio.keep(page, "tastatur", part="#shortcuts")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.locator("#compose").wait_for()
    studio.keep(page, "eilmeldung")


def look_at_people(studio: Studio, control: Control) -> None:
    """Do what the data-protection officer and HR do."""
    chats = (message["text"] for one in control.people(chat=True) for message in one["chat"])
    code = next(found[0] for text in chats if (found := RECEIPT.search(text)))
    page = studio.open(PRIVACY, f"/admin/subscribers/consentevent/?q={code}")
    page.locator("button[name=reason]").first.wait_for()
    studio.keep(page, "nachweis-grund")
    page.locator("button[name=reason]").first.click()
    page.locator("#result_list, .record").first.wait_for()
    studio.keep(page, "nachweis")
    page.goto(f"{studio.demo.desk}/admin/subscribers/ledgercheck/")
    studio.keep(page, "nachweise")
    page.goto(f"{studio.demo.desk}/admin/subscribers/ledgercheck/works-council/")
    studio.keep(page, "betriebsrat")
    page = studio.open(HR, "/admin/")
    studio.keep(page, "start-personal")
    page.goto(f"{studio.demo.desk}/admin/subscribers/monthlyfigure/")
    studio.keep(page, "zahlen")


def look_back(studio: Studio, broadcast: str, correction: str) -> None:
    """See how the original names its correction, and where both are kept."""
    page = studio.open(EDITOR, correction)
    _until_state(page, "done")
    page.goto(studio.demo.desk + broadcast)
    studio.keep(page, "korrigiert")
    page.goto(f"{studio.demo.desk}/admin/campaigns/archivedbroadcast/")
    studio.keep(page, "archiv")


def run_the_desk(studio: Studio) -> None:
    """Look at the pages of IT, and at a desk that stands still."""
    page = studio.open(IT, "/admin/campaigns/channel/")
    studio.keep(page, "betrieb")
    page.goto(f"{studio.demo.desk}/admin/campaigns/messagetemplate/")
    studio.keep(page, "vorlagen")
    page.goto(f"{studio.demo.desk}/admin/campaigns/channel/stop/")
    page.locator("form.buttons button").click()
    page.locator("a[href$='/release/']").wait_for()
    studio.keep(studio.open(EDITOR, "/admin/"), "start-rot")
    page.goto(f"{studio.demo.desk}/admin/campaigns/channel/")
    studio.keep(page, "notaus")


def look_at_a_phone(studio: Studio, control: Control) -> None:
    """See what somebody has got who reads everything."""
    readers = [one for one in control.people(chat=True) if _got_news(one)]
    page = studio.open_phone(readers[-1]["id"])
    studio.keep(page, "telefon", part=".screen")


def _schedule(studio: Studio, category: str, values: dict[str, str], *, at: str) -> None:
    said = [f"--value={name}={words}" for name, words in values.items()]
    people = ("--as", EDITOR, "--approve-as", APPROVER)
    where = ("--category", category, "--at", at)
    studio.demo.console("broadcast", "create", *where, *said, *people)


def _submit(page: Page) -> None:
    """Go on from the press desk to the page of the broadcast, and ask for approval there."""
    page.keyboard.press("Control+Enter")
    page.locator(".badge-draft").wait_for()
    page.keyboard.press("Control+Enter")
    page.locator(".badge-in_review").wait_for()


def _approve(page: Page) -> None:
    tick = page.locator("[name=confirmed]")
    if tick.count():
        tick.check()
    page.locator("form[action$='/approve/'] button").click()
    page.locator(".badge-scheduled").wait_for()


def _next_monday() -> date:
    today = datetime.now().astimezone().date()  # noqa: TID251 - the clock on the wall
    return today + timedelta(days=7 - today.weekday())


def _got_news(person: dict[str, object]) -> bool:
    chat = person["chat"]
    assert isinstance(chat, list)
    return bool(chat) and chat[-1]["template"] is not None


def _until_state(page: Page, state: str) -> None:
    wait(lambda: _count(page, f".row-facts .badge-{state}") > 0, f"“{state}”")


def _count(page: Page, selector: str) -> int:
    page.reload()
    return page.locator(selector).count()


def _percent(page: Page) -> int:
    found = re.search(r"\d+", page.locator("#progress-title").inner_text())
    return int(found[0]) if found else 0


if __name__ == "__main__":
    with album(PICTURES) as pictures, opened(pictures) as studio:
        tell(studio)
