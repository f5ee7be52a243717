"""The nightly report on deletions, and the monthly search for what should be gone."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from subscribers import deletion_report, retention
from subscribers.models import (
    ConsentEvent,
    DeletionReport,
    Erasure,
    SubjectKey,
    Subscriber,
)
from tests.factories import NOW
from tests.subscribers.people import BOTH_DATABASES, stranger

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

DAY = timedelta(days=1)
FIRST_OF_MONTH = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)  # reports about 1 December


def write(now):
    return deletion_report.write_if_due(retention.RULES, now=now)


def last():
    return ConsentEvent.objects.filter(kind="deletions_reported").latest("pk").details


def about(name):
    return next(one for one in last()["classes"] if one["class"] == name)


def test_the_report_of_a_day_is_written_once_after_midnight():
    assert [write(NOW), write(NOW), write(NOW + DAY)] == [True, False, True]
    assert ConsentEvent.objects.filter(kind="deletions_reported").count() == 2


def test_the_report_says_for_every_class_what_was_deleted_and_that_nothing_is_overdue(vault):
    stranger(vault)
    retention.enforce(retention.RULES, now=NOW + DAY)

    write(NOW + 2 * DAY)

    assert about("unanswered request")["deleted"] == 1
    assert {one["overdue"] for one in last()["classes"]} == {0}
    assert len(last()["classes"]) == len(retention.RULES)


def test_what_the_rules_have_missed_is_in_the_report(vault):
    stranger(vault)

    write(NOW + 2 * DAY)

    assert about("unanswered request")["overdue"] == 1
    assert DeletionReport.objects.get().overdue == 1


def test_the_report_is_about_nobody(vault):
    somebody = stranger(vault)
    retention.enforce(retention.RULES, now=NOW + DAY)

    write(NOW + 2 * DAY)

    event = ConsentEvent.objects.get(kind="deletions_reported")
    assert event.subscriber_id is None
    assert str(somebody.pk) not in str(event.details)


def test_once_a_month_the_erased_are_searched_for_in_every_column(vault):
    Erasure.objects.create(ref=uuid4(), done_at=NOW, is_listed=True)

    write(FIRST_OF_MONTH)

    search = last()["search"]
    assert (search["sampled"], search["found"]) == (1, 0)
    assert search["columns"] >= 5
    assert DeletionReport.objects.get().found == 0


@pytest.mark.parametrize("where", ["subscriber", "key"])
def test_the_search_finds_whoever_is_still_there(vault, where):
    somebody = stranger(vault)
    Erasure.objects.create(ref=somebody.pk, done_at=NOW, is_listed=True)
    if where == "key":
        Subscriber.objects.all().delete()
    else:
        SubjectKey.objects.all().delete()

    assert deletion_report.search(now=FIRST_OF_MONTH)["found"] >= 1


def test_a_missing_report_is_noticed_the_next_morning():
    never = deletion_report.is_late(now=NOW)
    write(NOW)

    assert not never
    assert not deletion_report.is_late(now=NOW + DAY)
    assert deletion_report.is_late(now=NOW + timedelta(hours=31))
