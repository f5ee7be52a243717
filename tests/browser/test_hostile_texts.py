"""Forty hostile texts in a real browser, in every place where the desk shows a text.

Nothing is executed or asked for, and what is stored is what was typed. What each place makes of
them is held against their words in tests/campaigns/admin/test_hostile_texts.py.
"""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from campaigns import formatting, versions
from campaigns.models import Broadcast
from campaigns.states import BroadcastState
from tests.browser.desk import WRITE
from tests.factories import NOW, BroadcastFactory, MessageFactory
from tests.hostile import TEXTS

ALL = [text for texts in TEXTS.values() for text in texts]
DESK = pytest.mark.django_db(transaction=True, databases="__all__")
pytestmark = pytest.mark.browser

TRAP = "window.alert = () => { window.executed = true; };"
FOUND = """() => [
    ...(window.executed ? ["executed"] : []),
    ...document.querySelectorAll("iframe, object, embed, base"),
    ...[...document.scripts].filter(
        (one) => one.type !== "application/json" && !one.src.startsWith(location.origin)),
    ...[...document.querySelectorAll("*")].filter((one) => [...one.attributes].some(
        (its) => its.name.startsWith("on") || /^\\s*javascript:/i.test(its.value))),
].map((one) => one.outerHTML?.slice(0, 200) ?? one)"""


@pytest.fixture
def watched(new_page):
    """Have pages say what became of a hostile text; ends with a check that none was executed."""
    dialogs = []

    def watch(page):
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.add_init_script(TRAP)
        page.reload()
        return page

    yield watch
    assert dialogs == []


def is_shown(text, page):
    """Whether these words stand on a page, however it breaks its lines."""
    shown = page.evaluate("document.body.textContent")
    return "".join(text.split()) in "".join(shown.split())


def typed(page, texts):
    """Type four texts into the fields of a press review, and all of them into its full text."""
    fields = page.locator("textarea[data-one-line]").all()
    for field, text in zip(fields, texts, strict=False):
        field.fill(text)
    page.locator("#id_full_text").fill("\n".join([*texts, "Das war alles"]))
    expect(page.locator("#preview .bubble").last).to_contain_text("Das war alles")
    return len(fields)


def kept(texts):
    """What a saved message holds of these texts, in its fields and in its full text."""
    message = Broadcast.objects.get().message
    whole = message.full_text.splitlines()
    return [text for text in texts if text in message.values.values() and text in whole]


@DESK
@pytest.mark.parametrize("kind", TEXTS)
def test_typed_and_saved(open_desk, watched, kind):
    page = watched(open_desk("Redaktion", f"{WRITE}/presseschau/"))

    room = typed(page, TEXTS[kind])

    assert room >= len(TEXTS[kind])
    assert page.evaluate(FOUND) == []
    page.get_by_role("button", name="Als Entwurf speichern").click()
    page.locator(".badge-draft").wait_for()

    assert page.evaluate(FOUND) == []
    assert kept(TEXTS[kind]) == TEXTS[kind]


def stored(text, **facts):
    """A broadcast whose headline and full text are these words."""
    message = MessageFactory(full_text=text)
    message.values = {**message.values, message.template.value_names[0]: text}
    message.save(update_fields=["values"])
    return BroadcastFactory(message=message, **facts)


def change(message, *, full_text):
    """Give a message a second version, and keep its first."""
    versions.note(message)
    message.full_text, message.revision = full_text, 2
    message.save(update_fields=["full_text", "revision"])
    versions.note(message)


@DESK
def test_in_the_list_for_whoever_decides_among_versions_and_on_paper(open_desk, watched):
    listed = [stored(text) for text in ALL]
    review = stored("\n\n".join(ALL), state=BroadcastState.IN_REVIEW)
    issue = stored("\n\n".join(ALL), state="done", started_at=NOW, closed_at=NOW)
    change(issue.message, full_text="\n\n".join(reversed(ALL)))
    page = watched(open_desk("Freigabe", reverse("admin:campaigns_broadcast_changelist")))

    for broadcast in listed:
        assert is_shown(broadcast.message.headline, page)
    assert page.evaluate(FOUND) == []
    for name, broadcast in (
        ("broadcast_review", review),
        ("broadcast_change", issue),
        ("broadcast_versions", issue),
        ("archivedbroadcast_issue", issue),
    ):
        page.goto(reverse(f"admin:campaigns_{name}", args=[broadcast.pk]))
        for text in ALL:
            is_raw = name == "broadcast_versions"
            assert is_shown(text if is_raw else formatting.plain(text).removeprefix("- "), page)
        assert page.evaluate(FOUND) == []


def test_on_the_simulated_phone(phones, anna, open_phone, watched):
    for text in ALL:
        phones.write(anna, text=text)
    page = watched(open_phone(anna))

    expect(page.locator(".bubble")).to_have_count(len(ALL) + 1)  # and the START before

    for text in ALL:
        assert is_shown(formatting.plain(text).removeprefix("- "), page)
    assert page.evaluate(FOUND) == []
