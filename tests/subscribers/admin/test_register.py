"""What the data-protection officer sees, and what nobody sees."""

from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from subscribers import consent, evidence
from subscribers.models import AccessEvent, ConsentEvent, Notice
from tests.factories import NOW, SubscriberFactory, UserFactory
from tests.subscribers.admin import reasons
from tests.subscribers.people import BOTH_DATABASES, act, tier, written

pytestmark = pytest.mark.django_db(databases=BOTH_DATABASES)

LIST = reverse("admin:subscribers_consentevent_changelist")
NOTICES = reverse("admin:subscribers_notice_changelist")
PHONE, USER_ID = "+4915112345678", "DE.1349120865"


def page_of(event):
    return reverse("admin:subscribers_consentevent_change", args=[event.pk])


def look(dpo, event, query=""):
    """Open a record, with a reason."""
    return reasons.look(dpo, page_of(event) + query, about=f"record {event.pk}")


def withdraw(subscriber):
    return consent.withdraw(subscriber.pk, act=act(), now=NOW)


def text(response):
    return response.content.decode()


@pytest.fixture(autouse=True)
def _sealed_at_once(db):
    """Every event gets its leaf at once: no transaction ends before a page is shown."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.fixture
def dpo(client):
    client.force_login(UserFactory(group="Datenschutz", is_staff=True))
    return client


def test_the_list_shows_every_event_the_newest_first(dpo):
    subscriber = SubscriberFactory(tier="maxi")
    withdrawn = withdraw(subscriber)

    rows = dpo.get(LIST).context["cl"].result_list

    assert [row.kind for row in rows] == ["withdrawn", "given", "notice_sent", "requested"]
    assert withdrawn.receipt_code in text(dpo.get(LIST))


def test_the_list_needs_as_many_queries_for_many_events_as_for_few(
    dpo, django_assert_max_num_queries
):
    SubscriberFactory()
    with django_assert_max_num_queries(20) as few:
        dpo.get(LIST)
    for _ in range(5):
        withdraw(SubscriberFactory(tier="maxi"))

    with django_assert_max_num_queries(len(few)):
        dpo.get(LIST)


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ({"tier": "maxi"}, ["tier_changed"]),
        ({"kind__exact": "given"}, ["given"]),
        ({"period": "2025"}, []),
        ({"act__exact": "button"}, []),
        ({"act__exact": "word", "kind__exact": "given"}, ["given"]),
        ({"state": "paused"}, []),
        ({"state": "active", "kind__exact": "given"}, ["given"]),
        ({"notice__language": "en"}, []),
        ({"notice__language": "de", "kind__exact": "given"}, ["given"]),
    ],
)
def test_the_list_is_filtered_by_tier_event_state_words_and_month(dpo, query, kinds):
    subscriber = SubscriberFactory(tier="mini")
    consent.give(subscriber.pk, tier=tier("maxi"), act=act(), now=NOW)

    rows = dpo.get(LIST, query).context["cl"].result_list

    assert [row.kind for row in rows] == kinds


def test_a_receipt_code_leads_straight_to_its_record_however_it_is_typed(dpo):
    event = withdraw(SubscriberFactory())
    typed = event.receipt_code.lower().replace("-", " ")

    response = dpo.get(LIST, {"q": f" {typed} "})

    assert response.headers["Location"] == page_of(event)


@pytest.mark.parametrize("typed", ["2222-2222", PHONE, "withdrawn", "a"])
def test_nothing_else_can_be_searched_for(dpo, typed):
    withdraw(SubscriberFactory(phone=PHONE))

    response = dpo.get(LIST, {"q": typed})

    assert list(response.context["cl"].result_list) == []


def test_a_record_tells_the_history_and_shows_the_words_and_that_they_are_unchanged(dpo):
    subscriber = SubscriberFactory(tier="mini")
    event = withdraw(subscriber)

    page = text(look(dpo, event))

    notice = Notice.objects.current("de")
    for line in [*notice.notice.splitlines(), *notice.question.splitlines(), *notice.buttons]:
        assert line in page
    assert page.count(notice.sha256) == 2
    assert event.receipt_code in page
    assert "words-unchanged" in page
    assert "words-changed" not in page


def test_a_record_whose_words_have_been_changed_says_so(dpo):
    subscriber = SubscriberFactory(tier=None)
    forged = written(
        subscriber=subscriber,
        kind="given",
        act="word",
        tier="mini",
        notice=subscriber.notice,
        notice_sha256="0" * 64,
    )

    page = text(look(dpo, forged))

    assert "words-changed" in page


def test_no_page_of_the_register_tells_who_it_is(dpo):
    subscriber = SubscriberFactory(phone=PHONE, user_id=USER_ID)
    event = withdraw(subscriber)

    pages = text(dpo.get(LIST)) + text(look(dpo, event))

    for secret in (PHONE[1:], USER_ID, str(subscriber.pk), subscriber.pk.hex):
        assert secret not in pages


def test_a_record_takes_few_queries_however_long_its_history(dpo, django_assert_max_num_queries):
    subscriber = SubscriberFactory(tier="mini")
    for minute, slug in enumerate(["maxi", "mini"] * 5):
        consent.give(subscriber.pk, tier=tier(slug), act=act(minutes=minute), now=NOW)
    event = withdraw(SubscriberFactory())

    look(dpo, event)  # says why

    with django_assert_max_num_queries(14):
        dpo.get(page_of(event))


def test_the_list_alone_does_not_open_records(client):
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_consentevent"))
    client.force_login(user)
    event = withdraw(SubscriberFactory())

    listed = client.get(LIST, {"q": event.receipt_code})
    opened = client.get(page_of(event))

    assert listed.status_code == 200
    assert page_of(event) not in text(listed)
    assert opened.status_code == 403


@pytest.mark.parametrize("group", ["Redaktion", "Freigabe", "Personal", "IT"])
def test_nobody_else_sees_the_register(client, group):
    client.force_login(UserFactory(group=group, is_staff=True))
    event = withdraw(SubscriberFactory())

    answers = {client.get(url).status_code for url in [LIST, NOTICES, page_of(event)]}

    assert answers == {403}


@pytest.mark.parametrize("model", [ConsentEvent, Notice])
@pytest.mark.parametrize(("verb", "status"), [("add", 403), ("change", 200), ("delete", 403)])
def test_nothing_in_the_register_can_be_changed_not_even_by_a_superuser(
    admin_client, model, verb, status
):
    SubscriberFactory()
    before = list(model.objects.order_by("pk").values())
    page = f"admin:subscribers_{model._meta.model_name}_{verb}"
    url = reverse(page, args=[before[0]["id"]] * (verb != "add"))

    if (model, verb) == (ConsentEvent, "change"):
        reasons.look(admin_client, url, about=f"record {before[0]['id']}")

    response = admin_client.post(url, {"post": "yes", "question": "Ja?", "tier": "maxi"})

    assert response.status_code == status
    assert list(model.objects.order_by("pk").values()) == before


def test_the_register_has_no_other_history_than_its_own(dpo):
    event = withdraw(SubscriberFactory())

    response = dpo.get(reverse("admin:subscribers_consentevent_history", args=[event.pk]))

    assert response.status_code == 403


def test_a_record_that_does_not_exist_is_not_found(dpo):
    event = withdraw(SubscriberFactory())
    event.pk += 1000

    assert dpo.get(page_of(event)).status_code == 404


def test_a_notice_shows_its_words_and_that_they_are_unchanged(dpo):
    notice = Notice.objects.current("en")

    page = text(dpo.get(reverse("admin:subscribers_notice_change", args=[notice.pk])))

    assert notice.question.splitlines()[0] in page
    assert page.count(notice.sha256) == 2
    assert "words-unchanged" in page


def test_every_version_of_the_notice_is_listed(dpo):
    rows = dpo.get(NOTICES).context["cl"].result_list

    assert {(row.version, row.language) for row in rows} == {(1, "de"), (1, "en")}


def test_a_record_says_whether_it_is_as_sealed_and_where_it_stood_on_a_day(dpo):
    event = withdraw(SubscriberFactory(tier="maxi"))

    now = look(dpo, event).context
    then = look(dpo, event, "?on=2026-11-22").context

    assert (now["is_whole"], now["tier"]) == (True, None)
    assert then["tier"].slug == "maxi"


@pytest.mark.parametrize("typed", ["", "2026-02-30", "yesterday"])
def test_a_day_that_does_not_exist_means_today(dpo, typed):
    event = withdraw(SubscriberFactory())

    assert look(dpo, event, f"?on={typed}").context["day"] == timezone.localdate()


def test_a_receipt_comes_as_a_file_with_the_proof(dpo):
    event = withdraw(SubscriberFactory())

    address = reverse("admin:subscribers_consentevent_receipt", args=[event.pk])
    answer = reasons.look(dpo, address, about=f"record {event.pk}")

    assert f"{event.receipt_code}.txt" in answer["Content-Disposition"]
    assert event.receipt_code in text(answer)


def test_a_record_says_that_whatsapp_signed_what_somebody_did(dpo):
    assert "mit einer gültigen Signatur von WhatsApp" in text(
        look(dpo, withdraw(SubscriberFactory()))
    )


def copy_of(event, form):
    return reverse("admin:subscribers_consentevent_copy", args=[event.pk, form])


@pytest.mark.parametrize("form", ["csv", "jsonld"])
def test_a_record_comes_as_a_file_for_programs_as_the_console_writes_it(dpo, form):
    event = withdraw(SubscriberFactory(tier="maxi"))

    answer = reasons.look(dpo, copy_of(event, form), about=f"record {event.pk}")

    file = StringIO()
    if form == "csv":
        evidence.write_csv(file)
    else:
        evidence.write_jsonld(
            file,
            organisation=settings.ORGANISATION,
            keeps_proof=True,
            on=timezone.localdate(),
        )
    assert text(answer) == file.getvalue()
    assert event.receipt_code in text(answer)
    assert AccessEvent.objects.filter(what="record", ref=str(event.pk)).exists()


def test_a_copy_asks_for_a_reason_first_and_knows_two_forms(dpo):
    event = withdraw(SubscriberFactory())

    assert event.receipt_code not in text(dpo.get(copy_of(event, "csv")))
    assert dpo.get(copy_of(event, "exe")).status_code == 404


def test_a_receipt_needs_the_right_to_see_a_record(client):
    event = withdraw(SubscriberFactory())
    client.force_login(UserFactory(group="Personal", is_staff=True))

    answer = client.get(reverse("admin:subscribers_consentevent_receipt", args=[event.pk]))

    assert answer.status_code == 403
