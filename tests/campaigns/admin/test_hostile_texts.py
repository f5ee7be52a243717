"""Whatever somebody writes is shown as it was written, wherever it is shown, and does nothing."""

import csv
import io
from html.parser import HTMLParser

import pytest
from django.core import mail
from django.urls import reverse
from openpyxl import load_workbook

from campaigns import asking, formatting
from campaigns.states import BroadcastState
from campaigns.telling import Words
from tests.campaigns.admin.addresses import LIST, form, page, writing
from tests.factories import NOW, BroadcastFactory, UserFactory
from tests.hostile import TEXTS

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("audience", "approved_templates"),
]

FIELD = "schlagzeile_1"
CELL = 32_767  # characters of a cell at most (Microsoft, “Excel specifications and limits”)
LEADING = {"href", "src", "action", "formaction", "data", "srcdoc", "xlink:href"}


class Page(HTMLParser):
    """What a browser makes of a page: its words, its tags, and whatever it could be made to do."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.words, self.dangers, self._stack = "", [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self._stack.append((tag, attrs))
        self.dangers += [f"{tag} {name}" for name in attrs if name.startswith("on")]
        for name in LEADING & attrs.keys():
            if (attrs[name] or "").strip().lower().startswith(("javascript:", "data:")):
                self.dangers.append(f"{tag} {name}={attrs[name]}")
        if tag in {"iframe", "object", "embed", "base"}:
            self.dangers.append(tag)

    def handle_data(self, data):
        tag, attrs = self._stack[-1] if self._stack else ("", {})
        if tag != "script":
            self.words += data
        elif data.strip() and attrs.get("type") != "application/json":
            self.dangers.append(f"script {data[:40]}")

    def handle_endtag(self, tag):
        if self._stack and self._stack[-1][0] == tag:
            self._stack.pop()


def flat(text):
    """The words alone: how a page breaks its lines does not matter here."""
    return " ".join(text.split())


def stored(text, **facts):
    broadcast = BroadcastFactory(message__full_text=text, **facts)
    message = broadcast.message
    message.values = {**message.values, message.template.value_names[1]: text}
    message.save(update_fields=["values"])
    return broadcast


def check(answer, *wanted):
    shown = Page(answer.content.decode())

    assert answer.status_code == 200
    assert shown.dangers == []
    for text in wanted:
        assert flat(text) in flat(shown.words)


@pytest.mark.parametrize("kind", TEXTS)
def test_in_the_list(editor, kind):
    broadcasts = [stored(text) for text in TEXTS[kind]]

    answer = editor.get(reverse(LIST))

    check(answer, *[broadcast.message.headline for broadcast in broadcasts])


@pytest.mark.parametrize("kind", TEXTS)
def test_on_its_page_and_among_its_versions(editor, kind):
    for text in TEXTS[kind]:
        broadcast = stored(text)

        versions = reverse("admin:campaigns_broadcast_versions", args=[broadcast.pk])

        check(editor.get(page(broadcast)), formatting.plain(text).removeprefix("- "))
        check(editor.get(versions))


@pytest.mark.parametrize("kind", TEXTS)
def test_in_the_preview_and_in_its_own_field(editor, kind):
    for text in TEXTS[kind]:
        typed = form(**{FIELD: text}, full_text=text)

        preview = reverse("admin:campaigns_broadcast_preview", args=["presseschau"])

        check(editor.post(preview, typed), formatting.plain(text).removeprefix("- "))
        check(editor.post(writing(), typed | {"action": "untrack"}), text)


@pytest.mark.parametrize("kind", TEXTS)
def test_on_paper_and_never_in_a_mail(editor, kind):
    UserFactory(group="Freigabe", email="frei@swe.example")
    sent = BroadcastState.DONE
    for text in TEXTS[kind]:
        stored(text, state=BroadcastState.IN_REVIEW)
        issue = stored(text, state=sent, started_at=NOW, closed_at=NOW)

        paper = editor.get(reverse("admin:campaigns_archivedbroadcast_issue", args=[issue.pk]))

        check(paper, formatting.plain(text))
    words = Words(language="de", base_url="https://desk.example")
    asking.ask(asking.Asking(sender="desk@swe.example", words=words), now=NOW)
    assert len(mail.outbox) == len(TEXTS[kind])
    assert not any("alert" in one.body or "7*7" in one.body for one in mail.outbox)


@pytest.mark.parametrize("kind", TEXTS)
def test_in_the_files_of_the_archive(editor, kind):
    for text in TEXTS[kind]:
        stored(text, state=BroadcastState.DONE, started_at=NOW, closed_at=NOW)
    export = reverse("admin:campaigns_archivedbroadcast_export")

    workbook, lines = (editor.post(export, {"format": number}).content for number in (0, 1))

    said = [line["message"] for line in csv.DictReader(io.StringIO(lines.decode()))]
    cells = [cell for row in load_workbook(io.BytesIO(workbook)).active.rows for cell in row]
    assert len(said) == len(TEXTS[kind])
    assert all(any(text in one for one in said) for text in TEXTS[kind])
    assert {one[:CELL] for one in said} <= {cell.value for cell in cells}
    assert [cell for cell in cells if cell.data_type == "f" or cell.hyperlink] == []
