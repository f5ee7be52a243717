"""The phone page as an editor uses it, in a real browser."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.desk import DESKTOP, HANDSET
from tests.whatsapp.simulator.phone_server import PNG, YES_NO

pytestmark = pytest.mark.browser

MENU = {
    "button": "Thema",
    "sections": [
        {"title": "Dienst", "rows": [{"kind": "reply", "id": "plan", "title": "Dienstplan"}]},
        {"title": "Pause", "rows": [{"kind": "reply", "id": "menu", "title": "Kantine"}]},
    ],
}


def bubbles(page):
    return page.locator(".bubble")


def write(page, words):
    page.get_by_role("textbox", name="Nachricht").fill(words)
    page.keyboard.press("Enter")


def test_an_editor_gives_somebody_a_phone_and_lets_them_join(phones, open_phone):
    page = open_phone()

    page.get_by_label("Name", exact=True).fill("Carla Santos")
    page.get_by_role("button", name="Anlegen").click()
    page.get_by_role("button", name="START senden").click()

    expect(bubbles(page)).to_contain_text("START")
    [carla] = phones.platform.world.store.people
    assert (carla.phone, carla.by_hand) == ("491713920001", True)
    assert phones.said_by(carla) == ["START"]


def test_a_number_that_is_taken_is_explained_where_it_was_typed(anna, open_phone):
    page = open_phone()

    page.get_by_role("button", name="Neue Person").click()
    page.get_by_label("Name", exact=True).fill("Carla")
    page.get_by_label("Handynummer").fill("0171 3920010")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Diese Nummer gehört schon jemandem.")).to_be_visible()
    expect(page.get_by_label("Handynummer")).to_be_focused()


def test_enter_sends_what_was_typed(phones, anna, open_phone):
    page = open_phone(anna)

    write(page, "Guten Morgen")

    expect(page.locator(".row.out .bubble")).to_contain_text("Guten Morgen")
    expect(page.get_by_role("textbox", name="Nachricht")).to_have_value("")
    assert phones.said_by(anna) == ["Guten Morgen"]


def test_shift_and_enter_make_a_new_line(phones, anna, open_phone):
    page = open_phone(anna)

    page.get_by_role("textbox", name="Nachricht").fill("eins")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("zwei")
    page.keyboard.press("Enter")

    expect(bubbles(page)).to_contain_text("eins\nzwei")
    assert phones.said_by(anna) == ["eins\nzwei"]


def test_a_message_arrives_in_the_open_chat_and_is_read(phones, anna, open_phone):
    page = open_phone(anna)
    page.get_by_role("textbox", name="Nachricht").wait_for()

    message = phones.write(anna, text="Die Bahn fährt wieder")

    expect(bubbles(page).last).to_contain_text("Die Bahn fährt wieder")
    expect(page.locator("#news")).to_have_text("SWE Aktuell: Die Bahn fährt wieder")
    expect(page.locator(".unread")).to_have_count(0)
    assert message.statuses[-1]["status"] == "read"


def test_a_message_to_somebody_else_counts_as_unread(phones, anna, open_phone):
    page = open_phone(anna)

    phones.write(phones.person("Bekir", "491713920011"), text="Neues")

    expect(page.get_by_role("link", name="Bekir")).to_contain_text("1 ungelesene Nachricht")
    expect(page).to_have_title("(1) Simulator")


def test_ticks_turn_blue_when_the_business_has_read(phones, anna, open_phone):
    message = phones.say(anna, "Gelesen?")
    page = open_phone(anna)
    expect(bubbles(page)).to_contain_text("zugestellt")

    phones.do(phones.platform.deliveries.acknowledge_read, message.id)

    expect(bubbles(page)).to_contain_text("gelesen")


def test_a_tap_answers_and_greys_the_buttons(phones, anna, open_phone):
    phones.write(anna, "interactive", text="MINI oder MAXI?", buttons=YES_NO)
    page = open_phone(anna)

    page.get_by_role("button", name="MAXI").click()

    expect(page.locator(".row.out .bubble").last).to_contain_text("MAXI")
    for name in ("MAXI", "NEIN"):
        expect(page.get_by_role("button", name=re.compile(f"^{name}"))).to_be_disabled()
    assert phones.said_by(anna)[-1] == "MAXI"


def test_a_row_of_the_menu_is_chosen_and_sent(phones, anna, open_phone):
    phones.write(anna, "interactive", text="Worum geht es?", menu=MENU)
    page = open_phone(anna)

    page.get_by_role("button", name="Thema").click()
    page.get_by_role("dialog").get_by_role("radio", name="Kantine").check()
    page.get_by_role("dialog").get_by_role("button", name="Senden").click()

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(bubbles(page).last).to_contain_text("Kantine")
    assert phones.said_by(anna)[-1] == "Kantine"


def test_escape_closes_the_menu_and_returns_to_its_button(phones, anna, open_phone):
    phones.write(anna, "interactive", text="Worum geht es?", menu=MENU)
    page = open_phone(anna)

    page.get_by_role("button", name="Thema").click()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Thema")).to_be_focused()


def test_more_than_three_buttons_hide_behind_one(phones, anna, open_phone):
    many = [{"kind": "reply", "id": f"b{n}", "title": f"Antwort {n}"} for n in range(5)]
    phones.write(anna, "interactive", text="Was sagst du?", buttons=many)
    page = open_phone(anna)
    expect(page.locator(".choices button")).to_have_count(3)

    page.get_by_role("button", name="Alle Optionen").click()
    page.get_by_role("dialog").get_by_role("button", name="Antwort 4").click()

    expect(bubbles(page).last).to_contain_text("Antwort 4")


def test_a_reply_quotes_its_message(phones, anna, open_phone):
    phones.write(anna, text="Wer kommt?")
    page = open_phone(anna)

    page.get_by_role("button", name="Auf diese Nachricht antworten").click()
    expect(page.locator("#chip")).to_contain_text("Wer kommt?")
    write(page, "Ich")

    expect(page.locator(".row.out .quote").last).to_contain_text("Wer kommt?")


def test_a_picture_is_attached_with_a_caption(phones, anna, open_phone):
    page = open_phone(anna)

    page.locator("#file").set_input_files(
        {"name": "tram.png", "mimeType": "image/png", "buffer": PNG}
    )
    write(page, "Linie 4")

    expect(page.get_by_role("img", name="Foto")).to_have_js_property("naturalWidth", 1)
    expect(bubbles(page)).to_contain_text("Linie 4")


def test_a_file_that_cannot_be_sent_is_explained_and_kept(anna, open_phone):
    page = open_phone(anna)

    page.locator("#file").set_input_files(
        {"name": "page.html", "mimeType": "text/html", "buffer": b"<p>"}
    )
    page.get_by_role("button", name="Senden", exact=True).click()

    expect(page.get_by_text("Diese Datei geht nicht.")).to_be_visible()
    expect(page.locator("#chip")).to_contain_text("page.html")


@pytest.mark.parametrize(
    ("text", "selector", "shown"),
    [
        ("*fett*", ".words > strong", "fett"),
        ("ganz _schräg_!", ".words > em", "schräg"),
        ("~falsch~", ".words > s", "falsch"),
        ("*_beides_*", "strong > em", "beides"),
        ("`2 * 3 * 4`", ".words > code", "2 * 3 * 4"),
        ("```eine\nzwei```", ".words > code", "eine\nzwei"),
        ("> gesagt", "blockquote", "gesagt"),
        ("- eins", "ul > li", "eins"),
        ("2. zwei", "ol[start='2'] > li", "zwei"),
        ("(https://swe.example/a_b_c).", "a[href='https://swe.example/a_b_c']", None),
        ("www.swe.example", "a[href='https://www.swe.example']", "www.swe.example"),
    ],
)
def test_formatting_looks_as_on_a_phone(phones, anna, open_phone, text, selector, shown):
    phones.write(anna, text=text)
    page = open_phone(anna)

    found = bubbles(page).last.locator(selector)

    expect(found).to_have_count(1)
    assert shown is None or found.inner_text().startswith(shown)


@pytest.mark.parametrize(
    "text",
    [
        "2*3*4 und mein_lieber_name",
        "* kein Fett *",
        "javascript:alert(1)",
        "<img src=x onerror=alert(1)><script>alert(2)</script>",
        "&amp; {{1}} \\ `",
    ],
)
def test_ordinary_text_stays_as_it_was_written(phones, anna, open_phone, text):
    phones.write(anna, text=text)
    page = open_phone(anna)

    words = bubbles(page).last.locator(".words, li")

    expect(words).to_contain_text(text.removeprefix("* "))
    expect(words.locator("strong, em, s, code, a, img, script")).to_have_count(0)


def test_a_name_never_becomes_markup(phones, open_phone):
    phones.person(name="<b>Eve</b>")

    page = open_phone()

    expect(page.get_by_role("link", name="<b>Eve</b>")).to_be_visible()
    expect(page.locator("#people b")).to_have_count(0)


@pytest.mark.parametrize("words", ["person 207", "0151 00000 207", "+49 151 00000207"])
def test_one_of_many_is_found_by_name_or_number(phones, open_phone, words):
    phones.crowd(412)
    page = open_phone()
    expect(page.locator("#people li")).to_have_count(412)

    page.get_by_label("Name oder Nummer suchen").fill(words)

    expect(page.locator("#people .name")).to_have_text(["Person 207"])


def test_the_newest_chat_stands_first_and_the_arrows_lead_on(phones, anna, open_phone):
    phones.say(phones.person("Bekir", "491713920011"), "früher")
    phones.say(anna, "später")
    page = open_phone()
    expect(page.locator("#people .name")).to_have_text(["Anna Bauer", "Bekir"])

    page.get_by_label("Name oder Nummer suchen").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.get_by_role("region", name="Telefon von Bekir")).to_be_visible()


def test_on_a_small_screen_list_and_chat_are_two_screens(phones, anna, open_phone):
    page = open_phone(viewport=HANDSET)
    expect(page.locator(".device")).to_be_hidden()

    page.get_by_role("link", name="Anna Bauer").click()
    expect(page.locator("#people")).to_be_hidden()
    page.get_by_role("link", name="Zurück zur Liste").click()

    expect(page.get_by_role("link", name="Anna Bauer")).to_be_focused()
    expect(page.locator(".device")).to_be_hidden()


def test_flight_mode_silences_the_phone(anna, open_phone):
    page = open_phone(anna)

    page.get_by_role("button", name="Einstellungen").click()
    page.get_by_role("switch", name="Flugmodus").check()

    expect(page.get_by_role("textbox", name="Nachricht")).to_be_hidden()
    expect(page.locator("#offline")).to_be_visible()
    assert not anna.reachable


def test_the_language_follows_the_browser_and_can_be_switched(anna, open_phone):
    page = open_phone(anna, locale="en-GB")
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()

    page.get_by_role("button", name="Deutsch").click()
    page.reload()

    expect(page.get_by_role("textbox", name="Nachricht")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")


def test_a_lost_connection_is_shown(phones, anna, open_phone):
    page = open_phone(anna)

    phones.stop_serving()

    expect(page.get_by_role("alert").filter(has_text="Keine Verbindung")).to_be_visible()


def test_a_reset_of_the_simulator_empties_the_list(phones, anna, open_phone):
    page = open_phone()

    phones.reset()

    expect(page.get_by_text("Noch ist niemand da")).to_be_visible(timeout=15_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, HANDSET], ids=["desktop", "handset"])
def test_the_page_is_accessible(phones, anna, open_phone, scheme, viewport):
    phones.write(anna, "interactive", text="*MINI* oder `MAXI`?", footer="SWE", buttons=YES_NO)
    phones.say(anna, "Siehe www.swe.example")
    phones.write_picture(anna, text="Linie 4")
    page = open_phone(viewport=viewport, color_scheme=scheme)

    faults = serious_faults(page)
    page.get_by_role("link", name="Anna Bauer").click()
    expect(bubbles(page)).to_have_count(4)
    faults += serious_faults(page)
    page.get_by_role("button", name="Einstellungen").click()
    faults += serious_faults(page)

    assert faults == []


def serious_faults(page):
    violations = Axe().run(page).response["violations"]
    return [
        (fault["id"], node["html"])
        for fault in violations
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def test_a_picture_elsewhere_on_the_web_is_a_link_and_not_loaded(phones, anna, open_phone):
    phones.write(anna, "image", media={"kind": "image", "link": "https://swe.example/tram.jpg"})

    page = open_phone(anna)

    card = page.get_by_role("link", name="Liegt im Web: swe.example")
    expect(card).to_have_attribute("rel", "noopener noreferrer")
