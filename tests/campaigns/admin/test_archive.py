"""The archive: found by words, rounded, on paper, and as a file without people."""

import csv
import io
from datetime import timedelta

import pytest
import tablib
from django.urls import reverse

from campaigns.admin import archive_paper
from campaigns.models import Broadcast, Message, Tally
from campaigns.states import BroadcastState
from tests.campaigns.admin.addresses import page
from tests.factories import NOW, BroadcastFactory, MessageFactory

pytestmark = pytest.mark.django_db(databases="__all__")

S = BroadcastState
LIST = "admin:campaigns_archivedbroadcast_changelist"
EXPORT = "admin:campaigns_archivedbroadcast_export"
ISSUE = "admin:campaigns_archivedbroadcast_issue"
PERIOD = "admin:campaigns_archivedbroadcast_period"
COUNTS = {"delivered": 391, "failed": 12, "skipped": 9}
REASONS = {"failed": "unreachable", "skipped": "withdrawn"}


def archived(headline="TA: Neue Baustellen in der Altstadt", *, sent_at=NOW, **values):
    """A closed broadcast to 412 people; only its tally is there."""
    message = MessageFactory(slug=values.pop("slug", "presseschau"))
    first = message.template.value_names[1]
    message.values = {**message.values, first: headline}
    message.save(update_fields=["values"])
    times = {"started_at": sent_at, "closed_at": sent_at, "planned": sum(COUNTS.values())}
    broadcast = BroadcastFactory(**{"state": S.DONE, "message": message, **times, **values})
    for state, n in COUNTS.items():
        reason = REASONS.get(state, "")
        Tally.objects.create(broadcast=broadcast, state=state, reason=reason, n=n)
    return broadcast


def rows(client, **query):
    return list(client.get(reverse(LIST), query).context["cl"].result_list)


@pytest.mark.parametrize(
    "typed", ["Baustelle", "altstadt baust", "BAUSTELLEN", "neu", "'Neue' & |"]
)
def test_words_are_found_however_german_bends_them(editor, typed):
    wanted = archived()
    archived("MDR: Fernwärme")

    assert [row.pk for row in rows(editor, q=typed)] == [wanted.pk]


@pytest.mark.parametrize("typed", ["schlagzeile_1", "Strassenbau", "der & !", "Baustelle Rathaus"])
def test_names_of_fields_and_words_that_are_not_there_find_nothing(editor, typed):
    archived()

    assert rows(editor, q=typed) == []


def test_the_full_text_is_searched_as_well(editor):
    wanted = archived()
    Message.objects.update(full_text="Die Weiche am Anger wird erneuert.")

    assert [row.pk for row in rows(editor, q="Baustellen Weichen")] == [wanted.pk]


def test_only_what_was_sent_and_is_closed_is_there(editor):
    wanted = archived()
    BroadcastFactory(state=S.CANCELLED, closed_at=NOW)
    BroadcastFactory(state=S.SENDING)

    assert [row.pk for row in rows(editor)] == [wanted.pk]


def test_it_is_narrowed_to_a_category_a_month_and_a_year(editor):
    old = archived(sent_at=NOW - timedelta(days=40))
    job = archived(slug="stellenanzeige")

    assert [row.pk for row in rows(editor, period="2026-10")] == [old.pk]
    assert [row.pk for row in rows(editor, message__category__slug__exact="stellenanzeige")] == [
        job.pk
    ]
    assert len(rows(editor, period="2026")) == 2


@pytest.mark.parametrize("period", ["2026-13", "0000", "9999-12", "x"])
def test_a_period_that_is_none_keeps_everything(editor, period):
    archived()

    assert len(rows(editor, period=period)) == 1


def test_the_periods_are_the_newest_months_and_all_years(editor):
    archived(sent_at=NOW - timedelta(days=365 * 2))
    archived()

    filters = editor.get(reverse(LIST)).context["cl"].filter_specs
    [period] = [one for one in filters if getattr(one, "parameter_name", "") == "period"]

    values = [value for value, _label in period.lookup_choices]
    assert values[:2] == ["2026-11", "2026-10"]
    assert values[-4:] == ["2025-12", "2026", "2025", "2024"]


def test_a_midnight_is_that_of_the_clock_on_the_wall(editor):
    summer = NOW.replace(month=6, day=30, hour=22, minute=30)  # 1 July, 0:30 in Berlin
    archived(sent_at=summer)

    assert rows(editor, period="2026-07")
    assert not rows(editor, period="2026-06")


def test_figures_are_rounded_everywhere(editor):
    broadcast = archived()

    shown = editor.get(reverse(LIST)).content.decode()
    paper = editor.get(reverse(ISSUE, args=[broadcast.pk])).content.decode()

    assert "about 390" in shown
    assert "about 390" in paper
    assert "about 410" in paper
    assert not {"391", "412"} & set(paper.replace("<", " ").replace(">", " ").split())


def test_a_line_leads_to_the_page_of_the_broadcast_and_that_to_its_paper(editor):
    broadcast = archived()

    assert page(broadcast) in editor.get(reverse(LIST)).content.decode()
    assert reverse(ISSUE, args=[broadcast.pk]) in editor.get(page(broadcast)).content.decode()


def test_both_ends_of_a_correction_are_marked(editor):
    wrong = archived(state=S.CANCELLED)
    right = archived("Korrektur: Altstadt", sent_at=NOW + timedelta(hours=1), corrects=wrong)

    shown = editor.get(reverse(LIST)).content.decode()
    of_right, of_wrong = (
        editor.get(reverse(ISSUE, args=[one.pk])).content.decode() for one in (right, wrong)
    )

    assert "a correction" in shown
    assert "was corrected, was stopped" in shown
    assert "It corrects the message of" in of_right
    assert "It was corrected by:" in of_wrong


def test_an_issue_on_paper_has_its_words_without_marks(editor):
    shown = editor.get(reverse(ISSUE, args=[archived().pk])).content.decode()

    assert "Presseschau vom 23. November" in shown
    assert "*Presseschau*" not in shown


@pytest.mark.parametrize("what", ["issue", "month"])
def test_paper_comes_as_a_pdf_with_its_font_inside(editor, what):
    broadcast = archived()
    address = reverse(ISSUE, args=[broadcast.pk])
    if what == "month":
        address = reverse(PERIOD, args=["2026-11"])

    answer = editor.get(address, {"format": "pdf"})

    assert answer["Content-Type"] == "application/pdf"
    assert b"/FontFile2" in answer.content
    assert b"Helvetica" not in answer.content


def test_a_month_on_paper_lists_its_broadcasts_in_order(editor):
    archived("TA: Zweite", sent_at=NOW + timedelta(days=1))
    archived("TA: Erste")
    archived("TA: Früher", sent_at=NOW - timedelta(days=40))

    shown = editor.get(reverse(PERIOD, args=["2026-11"])).content.decode()

    assert "2 broadcasts." in shown
    assert shown.index("TA: Erste") < shown.index("TA: Zweite")
    assert "TA: Früher" not in shown


def test_a_long_period_comes_on_paper_in_parts(editor, monkeypatch):
    monkeypatch.setattr(archive_paper, "PART", 2)
    for day, headline in enumerate(("TA: Erste", "TA: Zweite", "TA: Dritte")):
        archived(headline, sent_at=NOW + timedelta(days=day))
    address = reverse(PERIOD, args=["2026-11"])

    first = editor.get(address).content.decode()
    second = editor.get(address, {"part": "2"}).content.decode()

    assert "TA: Zweite" in first
    assert "TA: Dritte" not in first
    assert 'href="?part=2"' in first
    assert "TA: Dritte" in second
    assert "part 2" in second
    assert 'href="?part=3"' not in second


@pytest.mark.parametrize("part", ["0", "-1", "x", "2²", "99999"])
def test_a_part_that_is_none_means_the_first(editor, part):
    archived("TA: Erste")

    answer = editor.get(reverse(PERIOD, args=["2026-11"]), {"part": part})

    assert "TA: Erste" in answer.content.decode()


def test_an_empty_month_says_so_and_an_impossible_one_is_not_found(editor):
    empty = editor.get(reverse(PERIOD, args=["2020-01"])).content.decode()

    assert "Nothing was sent in this time." in empty
    assert editor.get(reverse(PERIOD, args=["2020-44"])).status_code == 404


def export(client, number, **query):
    query = "&".join(f"{name}={value}" for name, value in query.items())
    return client.post(f"{reverse(EXPORT)}?{query}", {"format": number})


def test_the_file_has_rounded_figures_and_nobody_in_it(editor):
    wrong = archived()
    archived("=1+1", corrects=wrong, sent_at=NOW + timedelta(days=1))

    lines = list(csv.DictReader(io.StringIO(export(editor, 1).content.decode())))

    assert [line["sent_on"] for line in lines] == ["2026-11-23", "2026-11-24"]
    assert lines[0]["accepted"] == "390"
    assert (lines[0]["planned"], lines[0]["failed"], lines[0]["unclear"]) == ("410", "<20", "<20")
    assert lines[1]["correction_of"] == "2026-11-23"
    writer = wrong.message.created_by.username
    assert writer not in export(editor, 1).content.decode()


def test_the_workbook_holds_what_the_list_shows(editor):
    archived("MDR: Weihnachtsmarkt")
    archived()

    answer = export(editor, 0, q="Weihnachtsmarkt")

    sheet = tablib.Dataset().load(answer.content, format="xlsx")
    assert len(sheet) == 1
    assert answer["Content-Disposition"].partition('"')[2].startswith("archive-")


def test_a_list_costs_the_same_for_many_lines_as_for_one(editor, django_assert_max_num_queries):
    for _ in range(12):
        archived()
    rows(editor)

    with django_assert_max_num_queries(14):
        assert len(rows(editor)) == 12


def test_a_file_costs_one_query_for_all_its_lines(editor, django_assert_max_num_queries):
    for _ in range(6):
        archived()
    export(editor, 1)

    with django_assert_max_num_queries(12):
        export(editor, 1)


def test_a_remark_is_left_out_where_there_is_none():
    assert archive_paper.remark(Broadcast(), is_corrected=False) == ""
