"""Who looked at what is noted, the data-protection officer not excepted."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from subscribers import access_log
from subscribers.admin import reasons
from subscribers.models import AccessEvent, ConsentEvent
from subscribers.retention import RULES
from tests.factories import NOW, SubscriberFactory, UserFactory
from tests.subscribers.admin.reasons import WHY, look
from tests.subscribers.people import BOTH_DATABASES

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

LOG = reverse("admin:subscribers_accessevent_changelist")
REGISTER = reverse("admin:subscribers_consentevent_changelist")
What = AccessEvent.What


@pytest.fixture
def dpo(client):
    client.force_login(UserFactory(group="Datenschutz", is_staff=True))
    return client


@pytest.fixture
def event():
    SubscriberFactory()
    return ConsentEvent.objects.filter(receipt_code__isnull=False).first()


def record(event):
    return reverse("admin:subscribers_consentevent_change", args=[event.pk])


def noted():
    return list(AccessEvent.objects.order_by("pk").values_list("role", "what", "ref"))


def test_looking_at_a_record_is_noted_with_the_number_of_its_event(dpo, event):
    look(dpo, record(event), about=f"record {event.pk}")

    assert noted() == [("Datenschutz", "record", str(event.pk))]
    assert AccessEvent.objects.get().reason == WHY


def test_looking_at_the_register_and_at_the_log_itself_is_noted(dpo):
    dpo.get(REGISTER)
    dpo.get(LOG)

    assert noted() == [("Datenschutz", "register", ""), ("Datenschutz", "log", "")]


def test_a_receipt_code_leads_to_one_note_about_the_record(dpo, event):
    asked = dpo.get(REGISTER, {"q": event.receipt_code}, follow=True)
    assert not noted()
    dpo.post(asked.redirect_chain[-1][0], {"reason": WHY}, follow=True)

    assert noted() == [("Datenschutz", "record", str(event.pk))]


def test_whoever_is_refused_has_seen_nothing(client, event):
    client.force_login(UserFactory(group="Redaktion", is_staff=True))

    answers = [client.get(page).status_code for page in (REGISTER, LOG, record(event))]

    assert answers == [403] * 3
    assert noted() == []


def test_the_log_is_filtered_by_group_and_period(dpo):
    hr = UserFactory(group="Personal", is_staff=True)
    access_log.note(What.FIGURES, user=hr, now=NOW, ref="subscribers-2026-10.csv")
    access_log.note(What.EXPORT, user=None, now=NOW - timedelta(days=60), reason="audit")

    def shown(**query):
        rows = dpo.get(LOG, query).context["cl"].result_list
        return [row.role for row in rows if row.what != What.LOG]

    assert shown(group="Personal") == ["Personal"]
    assert shown(group="console") == ["console"]
    assert shown(period=f"{NOW:%Y-%m}") == ["Personal"]


def test_the_log_needs_as_many_queries_for_many_looks_as_for_few(
    dpo, django_assert_max_num_queries
):
    access_log.note(What.EXPORT, user=UserFactory(), now=NOW)
    with django_assert_max_num_queries(25) as few:
        dpo.get(LOG)
    for _ in range(20):
        access_log.note(What.EXPORT, user=UserFactory(), now=NOW)

    with django_assert_max_num_queries(len(few)):
        dpo.get(LOG)


def test_no_line_of_the_log_can_be_changed():
    access_log.note(What.EXPORT, user=None, now=NOW)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AccessEvent.objects.update(role="somebody else")


def test_a_line_is_kept_for_twelve_months():
    access_log.note(What.EXPORT, user=None, now=NOW)
    [rule] = [rule for rule in RULES if AccessEvent in rule.of]

    rule.enforce(now=NOW + timedelta(days=364))
    kept = AccessEvent.objects.count()
    rule.enforce(now=NOW + timedelta(days=366))

    assert (kept, AccessEvent.objects.count()) == (1, 0)


def test_what_is_too_long_is_cut_instead_of_refused():
    access_log.note(What.EXPORT, user=None, now=NOW, ref="x" * 99, reason="y" * 999)

    line = AccessEvent.objects.get()
    assert (len(line.ref), len(line.reason)) == (40, 200)


def test_a_reason_holds_for_half_an_hour_and_for_one_record(dpo, event):
    look(dpo, record(event), about=f"record {event.pk}")
    assert dpo.get(record(event)).status_code == 200

    session = dpo.session
    kept = session[reasons.KEPT]
    session[reasons.KEPT] = {
        about: (why, (timezone.now() - reasons.HOLDS_FOR).isoformat())
        for about, (why, _at) in kept.items()
    }
    session.save()

    assert dpo.get(record(event)).status_code == 302
    other = ConsentEvent.objects.exclude(pk=event.pk).first()
    assert dpo.get(record(other)).status_code == 302


def test_an_empty_reason_shows_nothing(dpo, event):
    asked = dpo.get(record(event))["Location"]

    page = dpo.post(asked, {"reason": "  "})

    assert page.status_code == 200
    assert not noted()


@pytest.mark.parametrize("onward", ["https://elsewhere.example/", "//elsewhere.example", ""])
def test_the_page_that_asks_leads_nowhere_else(dpo, onward):
    address = reverse("admin:subscribers_accessevent_reason")

    assert dpo.get(address, {"about": "record 1", "next": onward}).status_code == 403


def test_hr_sees_its_own_lines_and_nobody_elses(client):
    hr, colleague = UserFactory(group="Personal"), UserFactory(group="Personal")
    access_log.note(What.FIGURES, user=hr, now=NOW, ref="mine.csv")
    access_log.note(What.FIGURES, user=colleague, now=NOW, ref="theirs.csv")
    client.force_login(hr)

    page = client.get(reverse("admin:subscribers_monthlyfigure_changelist")).content.decode()

    assert "mine.csv" in page
    assert "theirs.csv" not in page
