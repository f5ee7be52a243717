"""The register of processors."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns import lookout
from campaigns.models import Alarm
from subscribers.models import Processor
from tests.factories import NOW, UserFactory

pytestmark = pytest.mark.django_db(databases="__all__")

ADD = reverse("admin:subscribers_processor_add")
PDF = b"%PDF-1.7 contract"
TODAY = NOW.date()
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def dpo(client):
    client.force_login(UserFactory(group="Datenschutz", is_staff=True))
    return client


def typed(**values):
    return {
        "name": "Rechenzentrum Neustadt",
        "role": "processor",
        "duty": "hosting",
        "country": "Deutschland",
        **values,
    }


def contract(content=PDF):
    return SimpleUploadedFile("Vertrag.pdf", content, content_type="application/pdf")


def whatsapp(**values):
    Processor.objects.filter(name="WhatsApp Ireland Limited").update(**values)
    return Processor.objects.get(name="WhatsApp Ireland Limited")


def overdue_alarms():
    lookout.sweep(now=NOW)
    rows = Alarm.objects.filter(kind=Alarm.Kind.REVIEW_DUE, cleared_at__isnull=True)
    return list(rows.values_list("subject", flat=True))


def test_a_contract_is_archived_and_comes_back_as_a_download(dpo):
    dpo.post(ADD, typed(contract=contract()))

    stored = Processor.objects.get(name="Rechenzentrum Neustadt")
    answer = dpo.get(reverse("admin:subscribers_processor_terms", args=[stored.pk]))
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("content", [b"<html>", b"", PDF + b"x" * 5 * 1024 * 1024])
def test_anything_but_a_small_pdf_is_refused(dpo, content):
    dpo.post(ADD, typed(contract=contract(content)))

    assert not Processor.objects.filter(name="Rechenzentrum Neustadt").exists()


def test_saving_without_a_file_keeps_the_archived_contract(dpo):
    processor = whatsapp(terms=PDF, terms_name="Vertrag.pdf")

    dpo.post(reverse("admin:subscribers_processor_change", args=[processor.pk]), typed())

    processor.refresh_from_db()
    assert (processor.name, bytes(processor.terms)) == ("Rechenzentrum Neustadt", PDF)


def test_nobody_deletes_a_processor(dpo):
    answer = dpo.post(reverse("admin:subscribers_processor_delete", args=[whatsapp().pk]))

    assert answer.status_code == 403


def test_a_review_that_is_overdue_raises_an_alarm_until_it_is_planned_anew():
    processor = whatsapp(review_on=TODAY - timedelta(days=1))

    assert overdue_alarms() == [f"processor {processor.pk}"]
    whatsapp(review_on=TODAY)
    assert overdue_alarms() == []


def test_nobody_reviews_a_contract_that_is_over():
    whatsapp(review_on=TODAY - timedelta(days=1), ended_on=TODAY)

    assert overdue_alarms() == []


def test_the_list_marks_what_is_overdue(dpo):
    whatsapp(review_on="2020-01-01")

    assert (
        "badge-missed"
        in dpo.get(reverse("admin:subscribers_processor_changelist")).content.decode()
    )


def test_the_page_of_the_evidence_says_when_a_processor_was_checked(dpo):
    whatsapp(checked_on=TODAY)
    dpo.post(ADD, typed())

    page = dpo.get(reverse("admin:subscribers_ledgercheck_changelist"), headers=ENGLISH).text

    assert "checked on 11/23/2026" in page
    assert page.count("never checked") == Processor.objects.filter(checked_on=None).count() == 1
