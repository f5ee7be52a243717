"""`manage.py figures`: the file of HR for a script."""

from datetime import date
from io import BytesIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from campaigns import tasks
from subscribers.models import AccessEvent, MonthlyFigure, SignedFigures
from tests.campaigns.console import facts, refused, words
from tests.factories import NOW
from tests.subscribers.people import tier

pytestmark = pytest.mark.django_db(databases="__all__")

CSV = "month,tier,subscribers\r\n2026-10,Mini,410\r\n2026-10,Maxi,<20\r\n2026-10,total,410\r\n"


@pytest.fixture(autouse=True)
def _october():
    for slug, shown in (("mini", 410), ("maxi", None)):
        day = date(2026, 10, 1)
        MonthlyFigure.objects.create(month=day, tier=tier(slug), shown=shown, taken_at=NOW)


def test_a_csv_is_printed_as_it_is():
    assert words("figures", "--month", "2026-10", "--format", "csv") == CSV


def test_a_workbook_goes_into_a_file(tmp_path):
    path = tmp_path / "figures.xlsx"

    words("figures", "--month", "2026-10", "--format", "xlsx", "--output", path)

    assert load_workbook(BytesIO(path.read_bytes())).active["C2"].value == 410


def test_the_console_says_whether_the_figures_are_signed():
    before = facts("figures", "--month", "2026-10")["signed"]
    tasks._sign_figures(now=timezone.now())

    assert (before, facts("figures", "--month", "2026-10")["signed"]) == (False, True)


def test_figures_that_were_changed_after_signing_are_not_handed_out():
    tasks._sign_figures(now=timezone.now())
    MonthlyFigure.objects.filter(tier="mini").update(shown=990)

    refused("figures", "--month", "2026-10", because="not those that were signed")


def test_what_the_console_hands_out_is_noted():
    words("figures", "--month", "2026-10")

    [noted] = AccessEvent.objects.all()
    assert (noted.user, noted.role, noted.ref) == (None, "console", "subscribers-2026-10.csv")


@pytest.mark.parametrize("month", ["2026-13", "Oktober", "2026-1"])
def test_a_month_is_a_month(month):
    refused("figures", "--month", month, because="is no month such as 2026-10")


def test_a_month_without_figures_is_said():
    SignedFigures.objects.all().delete()

    refused("figures", "--month", "2026-09", because="no figures of 2026-09")


def test_a_workbook_is_not_printed():
    refused("figures", "--month", "2026-10", "--format", "xlsx", because="--output FILE")


def test_a_file_that_cannot_be_written_is_said(tmp_path):
    path = tmp_path / "nowhere" / "figures.csv"

    refused("figures", "--month", "2026-10", "--output", path, because="cannot be written")
