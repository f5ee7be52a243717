"""What the personnel department sees and takes away."""

from datetime import date

import pytest
from django.urls import reverse

from subscribers.models import AccessEvent, MonthlyFigure, SignedFigures
from tests.factories import NOW, UserFactory
from tests.subscribers.people import tier

pytestmark = pytest.mark.django_db

LIST = reverse("admin:subscribers_monthlyfigure_changelist")
EXPORT = reverse("admin:subscribers_monthlyfigure_export")
EXCEL, CSV, ODS = "0", "1", "2"  # the buttons, in their order


def text(response):
    return response.content.decode()


def publish(year, month, slug, shown):
    day = date(year, month, 1)
    MonthlyFigure.objects.create(month=day, tier=tier(slug), shown=shown, taken_at=NOW)


@pytest.fixture
def hr(client):
    publish(2025, 12, "mini", 110)
    publish(2026, 10, "mini", 1250)
    publish(2026, 10, "maxi", None)
    client.force_login(UserFactory(group="Personal", is_staff=True))
    return client


def test_the_list_shows_the_newest_month_first_and_hides_small_figures(hr):
    page = hr.get(LIST, headers={"accept-language": "en"})

    rows = [(row.month, row.tier_id) for row in page.context["cl"].result_list]
    assert rows == [
        (date(2026, 10, 1), "mini"),
        (date(2026, 10, 1), "maxi"),
        (date(2025, 12, 1), "mini"),
    ]
    assert "under 20" in text(page)
    assert "October 2026" in text(page)


def test_the_definition_stands_beside_the_figures(hr):
    page = text(hr.get(LIST, headers={"accept-language": "en"}))

    assert "rounded to 10. Below 20 nothing is shown" in page
    assert "subscribed at the end of the month and had chosen Mini" in page
    assert "the sum of the figures shown beside it" in page


@pytest.mark.parametrize(("year", "number"), [("2025", 1), ("2026", 2), ("1999", 3), ("x", 3)])
def test_the_list_is_filtered_by_year(hr, year, number):
    rows = hr.get(LIST, {"year": year}).context["cl"].result_list

    assert len(rows) == number


def test_the_list_needs_as_many_queries_for_many_figures_as_for_few(
    hr, django_assert_max_num_queries
):
    with django_assert_max_num_queries(20) as few:
        hr.get(LIST)
    for month in range(1, 10):
        publish(2026, month, "maxi", 100)

    with django_assert_max_num_queries(len(few)):
        hr.get(LIST)


def test_the_list_has_a_button_per_format_for_what_it_is_filtered_to(hr):
    page = hr.get(LIST, {"year": "2026"})

    choices = dict(page.context["export_choices"])
    assert list(choices.values()) == ["Excel (.xlsx)", "CSV", "OpenDocument (.ods)"]
    assert f'action="{EXPORT}?year=2026"' in text(page)


@pytest.mark.parametrize(
    ("button", "content_type", "name"),
    [
        (
            EXCEL,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "subscribers-2026-10.xlsx",
        ),
        (CSV, "text/csv; charset=utf-8", "subscribers-2026-10.csv"),
        (ODS, "application/vnd.oasis.opendocument.spreadsheet", "subscribers-2026-10.ods"),
    ],
)
def test_a_file_has_the_right_type_and_the_newest_month_in_its_name(hr, button, content_type, name):
    response = hr.post(EXPORT, {"format": button})

    assert response.headers["Content-Type"] == content_type
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_file_holds_what_the_list_is_filtered_to(hr):
    response = hr.post(f"{EXPORT}?year=2025", {"format": CSV})

    assert text(response).splitlines() == [
        "month,tier,subscribers",
        "2025-12,Mini,110",
        "2025-12,total,110",
    ]


@pytest.mark.parametrize("button", [EXCEL, CSV, ODS])
def test_every_download_is_the_same_byte_for_byte(hr, button):
    first, second = (hr.post(EXPORT, {"format": button}).content for _ in range(2))

    assert first == second


def test_whoever_takes_a_file_is_noted(hr):
    hr.get(EXPORT)
    hr.post(EXPORT, {"format": CSV})

    [noted] = AccessEvent.objects.all()
    assert (noted.role, noted.what, noted.ref) == ("Personal", "figures", "subscribers-2026-10.csv")


def test_the_table_has_the_total_and_the_signature_of_each_month(hr):
    SignedFigures.objects.create(month=date(2026, 10, 1), note="— signed", signed_at=NOW)

    rows = hr.get(LIST, headers={"accept-language": "en"}).context["rows"]

    assert [(row["month"], row["cells"]) for row in rows] == [
        ("October 2026", ["1,250", "under 20", "1,250"]),
        ("December 2025", ["110", "–", "110"]),
    ]
    assert [bool(row["signed"]) for row in rows] == [True, False]


def test_the_chart_has_a_line_for_each_tier_and_for_the_total(hr):
    page = text(hr.get(LIST, headers={"accept-language": "en"}))

    chart = page[page.index("<svg viewBox") : page.index("</figure>")]
    assert [name in chart for name in ("chart-mini", "chart-maxi", "chart-total")] == [True] * 3
    assert chart.count("<polyline") == 2
    assert "style=" not in chart


def test_one_month_makes_no_chart(hr):
    assert hr.get(LIST, {"year": "2025"}).context["chart"] is None


def test_the_page_of_the_export_offers_the_formats_without_script_or_style_of_its_own(hr):
    page = text(hr.get(EXPORT))

    content = page[page.index('id="content-main"') :]
    assert content.count("<button") == 3
    assert "<script" not in content
    assert "style=" not in content
    assert "onchange" not in content


@pytest.mark.parametrize("button", ["", "3", "xlsx"])
def test_a_format_that_is_not_offered_is_no_file(hr, button):
    response = hr.post(EXPORT, {"format": button})

    assert "Content-Disposition" not in response.headers


@pytest.mark.parametrize("group", ["Redaktion", "Freigabe", "Datenschutz", "IT"])
def test_nobody_else_sees_or_takes_the_figures(client, group):
    client.force_login(UserFactory(group=group, is_staff=True))

    answers = {client.get(LIST).status_code, client.post(EXPORT, {"format": CSV}).status_code}

    assert answers == {403}


@pytest.mark.parametrize("verb", ["add", "change", "delete"])
def test_nobody_can_change_a_figure_not_even_a_superuser(admin_client, verb):
    publish(2026, 10, "mini", 150)
    row = MonthlyFigure.objects.get()
    url = reverse(f"admin:subscribers_monthlyfigure_{verb}", args=[row.pk] * (verb != "add"))

    admin_client.post(url, {"post": "yes", "shown": "999"})

    assert list(MonthlyFigure.objects.values_list("shown", flat=True)) == [150]
