"""The plan in a real browser: moved by key and by mouse, wide and narrow."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from campaigns import connections, series
from campaigns.states import BroadcastState
from tests.browser.desk import DESKTOP, HANDSET
from tests.factories import BroadcastFactory, SeriesFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]

PLAN = "/admin/campaigns/slot/?look={}&day=2031-11-24"


def berlin(day, hour):
    return datetime(2031, 11, day, hour, 15, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def broadcast():
    """Scheduled for a Monday, 11:15."""
    return BroadcastFactory(state=BroadcastState.SCHEDULED, due_at=berlin(24, 11))


def moved_to(page, words):
    expect(page.get_by_role("status")).to_have_text(re.compile(words))


def test_a_broadcast_is_moved_in_the_week_by_keyboard_and_back(open_desk, broadcast):
    page = open_desk("Redaktion", PLAN.format("week"))
    entry = page.locator(f"#broadcast-{broadcast.pk}")

    entry.focus()
    page.keyboard.press("Shift+ArrowRight")
    moved_to(page, "Di, 25. Nov., 11:15")
    expect(entry).to_be_focused()
    page.keyboard.press("Shift+ArrowDown")
    moved_to(page, "Di, 25. Nov., 12:15")
    broadcast.refresh_from_db()
    there = broadcast.due_at
    page.get_by_role("button", name="Rückgängig").press("Enter")
    moved_to(page, "Di, 25. Nov., 11:15")

    broadcast.refresh_from_db()
    assert (there, broadcast.due_at) == (berlin(25, 12), berlin(25, 11))
    assert broadcast.state == BroadcastState.SCHEDULED


def test_a_key_right_behind_the_first_finds_the_plan_alive(open_desk, broadcast):
    page = open_desk("Redaktion", PLAN.format("week"))
    page.evaluate(
        """id => document.addEventListener("htmx:afterSwap", () => setTimeout(() =>
          document.getElementById(id).dispatchEvent(new KeyboardEvent(
            "keydown", {key: "ArrowDown", shiftKey: true, bubbles: true}))), {once: true})""",
        f"broadcast-{broadcast.pk}",
    )

    page.locator(f"#broadcast-{broadcast.pk}").focus()
    page.keyboard.press("Shift+ArrowRight")

    moved_to(page, "Di, 25. Nov., 12:15")
    expect(page.get_by_role("button", name="Rückgängig")).to_be_visible()


def test_a_broadcast_is_dragged_to_another_day_and_another_hour(open_desk, broadcast):
    page = open_desk("Redaktion", PLAN.format("month"))
    entry = page.locator(".plan-entry", has=page.locator(f"#broadcast-{broadcast.pk}"))

    entry.drag_to(page.locator("[data-day='2031-11-27']"))
    moved_to(page, "Do, 27. Nov., 11:15")
    page.goto(PLAN.format("week"))
    entry.drag_to(page.locator("[data-day='2031-11-26'][data-hour='9']"))
    moved_to(page, "Mi, 26. Nov., 09:15")

    broadcast.refresh_from_db()
    assert broadcast.due_at == berlin(26, 9)


def test_on_a_handset_it_is_moved_by_its_form_and_a_refusal_is_said(open_desk, broadcast):
    page = open_desk("Redaktion", PLAN.format("month"), viewport=HANDSET)

    for day in ("2031-11-28", "2020-01-02"):
        page.locator(".plan-entry .link-button").click()
        page.locator(".plan-form input[name=day]").fill(day)
        page.locator(".plan-form button[type=submit]").click()
        expect(page.locator(".plan-form:popover-open")).to_have_count(0)

    expect(page.get_by_role("alert")).to_contain_text("Dieser Zeitpunkt ist vorbei")
    broadcast.refresh_from_db()
    assert broadcast.due_at == berlin(28, 11)


@pytest.mark.parametrize("look", ["month", "week", "list"])
@pytest.mark.parametrize("screen", [(DESKTOP, "light"), (HANDSET, "dark")])
def test_the_plan_is_accessible_and_fits_the_screen(open_desk, broadcast, settings, look, screen):
    SeriesFactory(starts_on=berlin(24, 0).date(), weekdays=list(range(7)), skips_holidays=False)
    series.sweep(now=berlin(24, 5))
    BroadcastFactory(due_at=berlin(26, 15))
    BroadcastFactory()
    settings.QUIET_HOURS = "mon-fri 07:00-18:00"
    connections.forget()
    viewport, scheme = screen

    page = open_desk(
        "Redaktion", PLAN.format(look), viewport=viewport, color_scheme=scheme, bypass_csp=True
    )

    found = Axe().run(page).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
