"""Nothing typed is lost, whatever ends: the browser, the session, the server, a colleague."""

import re
from functools import partial

import pytest
from django.contrib.sessions.models import Session
from django.template.loader import render_to_string
from playwright.sync_api import expect

from campaigns.models import Broadcast, Message, Unsaved
from tests.browser.desk import is_refused, unsound
from tests.factories import PASSWORD, BroadcastFactory, UserFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

WRITE = "/admin/campaigns/broadcast/add/presseschau/"
HEADLINE = "TA: Die Linie 3 fährt wieder"
FIELD = "#id_value-schlagzeile_1"
FULL_TEXT = "#id_full_text"
TEXT = "Erste Zeile\n- zweite Zeile"
PRESS = f"{WRITE}press/"
TWO = ["MDR: Fernwärme für die Altstadt", HEADLINE]


@pytest.fixture
def desk(ready, new_page, live_server):
    """Open a browser in which somebody is signed in; what it cannot load is no trouble here."""
    return partial(new_page, live_server.url, is_trouble=is_refused)


@pytest.fixture
def anna():
    return UserFactory(
        username="anna", first_name="Anna", last_name="Beer", group="Redaktion", can_log_in=True
    )


def type_a_review(page):
    page.goto(WRITE)
    page.locator(FIELD).fill(HEADLINE)
    page.locator(FULL_TEXT).fill(TEXT)


def sign_in_again(page):
    page.locator("#id_username").fill("anna")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_selector("form[data-autosave]")


def offer(page):
    return page.locator("#unsaved-offer")


def take_the_offer(page):
    expect(offer(page)).to_contain_text(re.compile(r"Nicht gespeicherter Text von \d+:\d\d"))
    page.get_by_role("button", name="Wiederherstellen").click()
    expect(page.locator(FIELD)).to_have_value(HEADLINE)
    expect(page.locator(FULL_TEXT)).to_have_value(TEXT)


def test_after_a_crash_of_the_browser_the_server_has_it(desk, anna):
    page = desk(anna)
    type_a_review(page)
    expect(page.locator("#autosave")).to_contain_text("gesichert")
    page.context.close()

    page = desk(anna)
    page.goto(WRITE)

    take_the_offer(page)
    assert not Broadcast.objects.exists()


def test_without_a_server_the_browser_has_it(desk, anna):
    page = desk(anna)
    page.goto(WRITE)
    page.context.set_offline(True)
    page.locator(FIELD).fill(HEADLINE)
    page.locator(FULL_TEXT).fill(TEXT)
    expect(page.locator("#autosave")).to_contain_text("Keine Verbindung")
    page.context.set_offline(False)

    page.goto(WRITE)

    take_the_offer(page)


def test_an_expired_session_loses_nothing(desk, anna):
    page = desk(anna)
    page.goto(WRITE)
    Session.objects.all().delete()
    page.locator(FIELD).fill(HEADLINE)
    page.locator(FULL_TEXT).fill(TEXT)
    expect(page.locator("#autosave")).to_contain_text("nicht mehr angemeldet")
    page.get_by_role("button", name="Als Entwurf speichern").click()

    sign_in_again(page)

    take_the_offer(page)


def test_what_was_saved_or_discarded_is_not_offered_again(desk, anna):
    page = desk(anna)
    type_a_review(page)
    page.get_by_role("button", name="Als Entwurf speichern").click()
    page.wait_for_selector(".badge-draft")
    page.goto(WRITE)
    expect(offer(page)).to_be_hidden()

    page.locator(FIELD).fill("Doch nicht")
    expect(page.locator("#autosave")).to_contain_text("gesichert")
    page.reload()
    with page.expect_response("**/keep/**"):
        page.get_by_role("button", name="Verwerfen").click()
    page.reload()

    expect(offer(page)).to_be_hidden()
    assert not Unsaved.objects.exists()


def test_a_text_that_met_a_server_in_trouble_is_offered_after_a_visit_elsewhere(desk, anna):
    page = desk(anna)
    type_a_review(page)
    trouble = {"status": 503, "content_type": "text/html", "body": render_to_string("503.html")}
    page.route(f"**{WRITE}", lambda route: route.fulfill(**trouble), times=1)
    page.get_by_role("button", name="Als Entwurf speichern").click()

    page.locator("main.card a").click()
    page.locator(".desk-start").wait_for()
    page.goto(WRITE)

    take_the_offer(page)


def test_a_text_that_reached_no_server_is_offered_after_a_visit_elsewhere(desk, anna):
    page = desk(anna)
    type_a_review(page)
    page.route(f"**{WRITE}", lambda route: route.abort("connectionrefused"), times=1)
    page.get_by_role("button", name="Als Entwurf speichern").click()
    page.wait_for_url("chrome-error://**")

    page.goto("/admin/")
    page.goto(WRITE)

    take_the_offer(page)


def lines(page):
    return page.locator("#press-lines textarea")


def collect_two(page):
    """Put two lines on the list of a new press review."""
    page.goto(PRESS)
    page.locator("#id_pasted").fill("\n".join(reversed(TWO)))
    page.locator("#press-add").click()
    expect(lines(page)).to_have_count(2)


def put_in_order(page):
    lines(page).last.press("Alt+ArrowUp")
    page.locator("#press-lines [type=checkbox]").last.check()


def take_the_lines(page):
    expect(offer(page)).to_contain_text("Nicht gespeicherter Text")
    page.get_by_role("button", name="Wiederherstellen").click()
    expect(lines(page)).to_have_count(2)
    assert [one.input_value() for one in lines(page).all()] == TWO
    assert page.locator("#press-lines [type=checkbox]").last.is_checked()


def test_after_a_crash_of_the_browser_the_server_has_the_lines(desk, anna):
    page = desk(anna)
    collect_two(page)
    put_in_order(page)
    with page.expect_response("**/keep-lines/**"):
        page.locator("#id_pasted").fill("TLZ: noch ni")
    page.context.close()

    page = desk(anna)
    page.goto(PRESS)

    take_the_lines(page)
    expect(page.locator("#id_pasted")).to_have_value("TLZ: noch ni")
    page.get_by_role("button", name="Als Entwurf speichern").click()
    page.wait_for_selector(".badge-draft")
    assert not Unsaved.objects.exists()
    page.goto(PRESS)
    expect(offer(page)).to_be_hidden()


def test_without_a_server_the_browser_has_the_lines(desk, anna):
    page = desk(anna)
    collect_two(page)
    page.context.set_offline(True)
    put_in_order(page)
    page.locator("#id_pasted").fill("TLZ: Freibäder")
    page.locator("#press-add").click()
    expect(page.locator("#press-said")).to_contain_text("Keine Verbindung")
    expect(page.locator("#autosave")).to_contain_text("Keine Verbindung")
    page.context.set_offline(False)

    page.goto(PRESS)

    take_the_lines(page)
    expect(page.locator("#id_pasted")).to_have_value("TLZ: Freibäder")


def test_an_expired_session_loses_no_line(desk, anna):
    page = desk(anna)
    collect_two(page)
    Session.objects.all().delete()
    put_in_order(page)
    page.locator("#id_pasted").fill("TLZ: Freibäder")
    page.locator("#press-add").click()
    expect(page.locator("#press-said")).to_contain_text("nicht mehr angemeldet")
    page.get_by_role("button", name="Als Entwurf speichern").click()

    sign_in_again(page)

    take_the_lines(page)
    expect(page.locator("#id_pasted")).to_have_value("TLZ: Freibäder")


def test_an_emoji_is_found_by_name_put_at_the_caret_counted_and_undone(desk, anna):
    page = desk(anna)
    page.goto(WRITE)
    field, picker = page.locator(FIELD), page.locator("#emoji")
    field.press_sequentially("TA: Linie 3")
    for _letter in "Linie 3":
        field.press("ArrowLeft")
    expect(page.locator("#preview .bubble").first).to_contain_text("TA: Linie 3")
    room = page.locator("#hint-value-schlagzeile_1 .room")
    before = int(re.sub(r"\D", "", room.inner_text()))

    page.keyboard.press("Control+.")
    expect(picker).to_be_visible()
    page.keyboard.type("tram")
    page.keyboard.press("Enter")

    expect(field).to_have_value("TA: 🚋Linie 3")
    expect(field).to_be_focused()
    expect(picker).to_be_hidden()
    expect(room).to_contain_text(str(before - 2))  # as WhatsApp counts
    page.keyboard.press("Control+z")
    expect(field).to_have_value("TA: Linie 3")


def test_a_whole_word_is_found_before_a_part_of_one(desk, anna):
    page = desk(anna)
    page.goto(WRITE)
    page.locator(FIELD).focus()

    page.keyboard.press("Control+.")
    page.keyboard.type("rad")
    expect(page.get_by_role("button", name="Radio", exact=True)).to_be_visible()
    page.keyboard.press("Enter")

    expect(page.locator(FIELD)).to_have_value("🚲")


def test_the_picker_is_walked_by_arrows_and_left_by_escape(desk, anna):
    page = desk(anna)
    page.goto(WRITE)
    page.locator(FULL_TEXT).fill(TEXT)

    page.keyboard.press("Control+.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="gerollte Zeitung")).to_be_focused()
    page.keyboard.press("n")  # searches, and is not the key for a new message
    expect(page.get_by_role("searchbox", name="Emoji suchen")).to_have_value("n")
    page.keyboard.press("Escape")

    expect(page.locator("#emoji")).to_be_hidden()
    expect(page.locator(FULL_TEXT)).to_be_focused()
    expect(page.locator(FULL_TEXT)).to_have_value(TEXT)


def test_a_line_that_came_later_has_the_button_as_well(desk, anna):
    page = desk(anna)
    collect_two(page)

    page.get_by_role("button", name="Emoji einfügen: Zeile").last.click()
    page.get_by_role("button", name="Straßenbahn", exact=True).click()

    expect(lines(page).last).to_have_value(f"{TWO[0]}🚋")
    expect(lines(page).last).to_be_focused()


def test_two_editors_see_each_other_and_overwrite_nothing(desk, anna):
    broadcast = BroadcastFactory()
    edit = f"/admin/campaigns/broadcast/{broadcast.pk}/edit/"
    theirs, mine = desk(anna), desk(UserFactory(group="Redaktion"), bypass_csp=True)
    for page in (theirs, mine):
        page.goto(edit)
    theirs.locator(FIELD).fill("MDR: Ganz anders")
    expect(theirs.locator("#autosave")).to_contain_text("gesichert")
    mine.locator(FIELD).fill(HEADLINE)
    expect(mine.locator("#others")).to_have_text("Anna Beer schreibt gerade hier")
    theirs.get_by_role("button", name="Als Entwurf speichern").click()
    theirs.wait_for_selector(".badge-draft")

    mine.get_by_role("button", name="Als Entwurf speichern").click()

    expect(mine.locator(".newer del").first).to_be_visible()
    expect(mine.locator(FIELD)).to_have_value(HEADLINE)
    assert Message.objects.get().values["schlagzeile_1"] == "MDR: Ganz anders"
    assert unsound(mine) == []
