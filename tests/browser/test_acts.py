"""What people do every day takes as many acts as docs/acts.md says, counted.

A click, a tap, a key with its modifiers, and writing without leaving the keyboard are one each.
"""

import re
from datetime import UTC, date, datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Broadcast, Heartbeat, MessageTemplate
from campaigns.states import BroadcastState
from campaigns.tasks import QUEUES
from subscribers.models import AccessEvent, ConsentEvent, LedgerCheck, MonthlyFigure, Tier
from tests.browser.desk import DESKTOP, HEADLINE, Hands
from tests.factories import BroadcastFactory, DeliveryFactory, SubscriberFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

PRESS = "/admin/campaigns/broadcast/add/presseschau/press/"


def test_yesterdays_issue_is_copied_in_one_act(open_desk):
    BroadcastFactory(state=BroadcastState.DONE, closed_at=timezone.now())
    page = open_desk("Redaktion", PRESS)
    hands = Hands(page)

    hands.click(re.compile("^Ausgabe vom .* übernehmen$"))
    expect(page.locator("#press-lines textarea").first).not_to_be_empty()

    assert hands.acts == 1


def test_a_correction_takes_three_acts(open_desk):
    wrong = DeliveryFactory(
        broadcast=BroadcastFactory(slug="neues", state=BroadcastState.SENDING), state="delivered"
    ).broadcast
    page = open_desk("Redaktion", f"/admin/campaigns/broadcast/{wrong.pk}/change/")
    hands = Hands(page)
    first = wrong.message.template.value_names[0]

    hands.click("Korrektur schreiben")
    hands.write(f"#id_value-{first}", HEADLINE)
    hands.press("Control+Enter")
    page.locator(".badge-in_review").wait_for()

    assert hands.acts == 3
    assert Broadcast.objects.get(corrects=wrong).message.values[first].endswith(HEADLINE)


def test_one_line_of_the_start_page_says_whether_all_went_well(open_desk):
    for name in QUEUES:
        Heartbeat.objects.create(name=name, at=timezone.now())
    LedgerCheck.objects.create(checked_at=timezone.now(), size=1, erased=0, checkpoints=1)
    page = open_desk("Redaktion")
    line = page.get_by_role("region", name="Ist alles in Ordnung?")

    expect(line).to_have_class(re.compile("health-good"))
    MessageTemplate.objects.filter(name="neues").update(status="REJECTED")
    page.reload()
    expect(line).to_have_class(re.compile("health-attention"))
    BroadcastFactory(state=BroadcastState.MISSED)
    page.reload()

    expect(line).to_have_class(re.compile("health-trouble"))


def test_evidence_by_receipt_code_takes_two_acts(open_desk):
    SubscriberFactory(tier="maxi")
    code = ConsentEvent.objects.filter(kind="given").latest("pk").receipt_code
    page = open_desk("Datenschutz")
    hands = Hands(page)

    hands.enter("#receipt", code)
    hands.click("Die Person fragt danach")
    page.locator(".words-chat").first.wait_for()

    assert hands.acts == 2
    expect(page.locator("main")).to_contain_text(code)


def test_each_proof_of_the_data_protection_officer_takes_one_act(open_desk):
    LedgerCheck.objects.create(checked_at=timezone.now(), size=412, erased=0, checkpoints=3)
    AccessEvent.objects.create(at=timezone.now(), role="Redaktion", what="thread")
    page = open_desk("Datenschutz")
    hands = Hands(page)

    hands.go("Nachweise")
    expect(page.locator("main")).to_contain_text("Das Nachweisbuch ist unversehrt")
    expect(page.locator("main")).to_contain_text("412 Ereignisse geprüft")
    expect(page.get_by_role("region", name="Widerrufe")).to_contain_text("in 7 Tagen")
    assert hands.acts == 1

    hands.enter("#on", "2026-11-01")
    past_day = page.get_by_role("region", name="01.11.2026")
    expect(past_day.locator("dd")).to_have_text(["0", "0", "0"])
    assert hands.acts == 2

    hands.go("Zugriffsprotokoll")
    seen = page.locator("#result_list tr", has_text="Redaktion")
    expect(seen).to_contain_text("Unterhaltung", ignore_case=True)
    assert hands.acts == 3


def test_the_personnel_department_has_its_spreadsheet_after_one_click(open_desk):
    for tier in Tier.objects.all():
        MonthlyFigure.objects.create(
            month=date(2026, 10, 1),
            tier=tier,
            shown=110,
            taken_at=datetime(2026, 11, 1, tzinfo=UTC),
        )
    page = open_desk("Personal")
    hands = Hands(page)

    with page.expect_download() as download:
        hands.click("Als Tabelle herunterladen")

    assert hands.acts == 1
    assert download.value.suggested_filename == "subscribers-2026-10.xlsx"


def pressed(key, selector):
    """A key that makes something visible or focused."""

    def work(page):
        page.keyboard.press(key)
        expect(page.locator(selector)).to_be_visible()

    return work


def on(path, work):
    def there(page):
        page.goto(path)
        work(page)

    return there


def next_field(page):
    page.locator("textarea[data-one-line]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("textarea[data-one-line]").first).not_to_be_focused()


def closes(page):
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()


def submits(page):
    page.keyboard.press("Control+Enter")
    page.wait_for_load_state()
    expect(page.locator(".badge-draft, .errornote, .error, [aria-invalid]").first).to_be_visible()


WRITE = "/admin/campaigns/broadcast/add/"
LIST = "/admin/campaigns/broadcast/"
SHORTCUTS = {
    "N": on(LIST, pressed("n", "a[href$='/add/neues/']")),
    "P": on(LIST, pressed("p", "#press-lines")),
    "E": on(LIST, pressed("e", "#id_reason")),
    "H": on(LIST, pressed("h", ".desk-start")),
    "/": on(LIST, pressed("/", "#searchbar:focus")),
    "↵": on(f"{WRITE}neues/", next_field),
    "Strg+↵": on(f"{WRITE}neues/", submits),
    "?": on(LIST, pressed("?", "#shortcuts")),
    "Esc": closes,
}
# With a test of their own: tests/browser/test_press.py, test_plan.py and test_writing.py.
ELSEWHERE = {"Alt+↓", "Alt+Entf", "⇧+→", "Strg+."}


def test_every_shortcut_that_is_shown_works_and_no_other_is_shown(open_desk):
    page = open_desk("Redaktion", viewport=DESKTOP)

    shown = [text.replace(" ", "") for text in page.locator("#shortcuts dt").all_text_contents()]
    for work in SHORTCUTS.values():
        work(page)

    assert set(shown) == SHORTCUTS.keys() | ELSEWHERE
