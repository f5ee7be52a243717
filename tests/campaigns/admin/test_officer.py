"""The start pages of the two who never send: is all well, what waits, what was published last."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from campaigns import alarms, connections
from campaigns.admin.pages import moment
from campaigns.models import Alarm, Channel, Heartbeat
from subscribers import checkpoints, clearance, figures, incidents
from subscribers.models import (
    Anchor,
    Clearance,
    DeletionReport,
    LedgerCheck,
    MonthlyFigure,
    Processor,
    TextVersion,
)
from tests.factories import NOW, SubscriberFactory, UserFactory

pytestmark = pytest.mark.django_db(databases="__all__")

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TEXTS = reverse("admin:subscribers_textversion_changelist")
PROCESSORS = reverse("admin:subscribers_processor_changelist")


@pytest.fixture(autouse=True)
def _anchored(settings, tmp_path):
    """Checkpoints have somewhere to go."""
    settings.LEDGER_ANCHOR_DIR = str(tmp_path)
    connections.forget()
    yield
    connections.forget()


@pytest.fixture
def dpo(sign_in):
    return sign_in("Datenschutz")


@pytest.fixture
def hr(sign_in):
    return sign_in("Personal")


def text(client):
    return " ".join(client.get("/admin/").content.decode().split())


def watch(client):
    return client.get("/admin/").context["watch"]


def verified(**facts):
    standard = {"checked_at": NOW, "size": 3, "erased": 0, "checkpoints": 0, "findings": []}
    LedgerCheck.objects.create(**standard | facts)


def reported(*, overdue=0):
    yesterday = timezone.localdate() - DAY
    DeletionReport.objects.create(day=yesterday, written_at=timezone.now(), overdue=overdue)


def proposal(*, name="help", version=1, by=None, approved=False):
    return TextVersion.objects.create(
        language="de",
        name=name,
        version=version,
        body=f"Wortlaut {version}",
        sha256="0" * 64,
        proposed_by=by,
        proposed_at=NOW,
        approved_by=UserFactory(group="Datenschutz") if approved else None,
        approved_at=NOW if approved else None,
    )


def processor(name, *, due):
    return Processor.objects.create(
        name=name, role="processor", duty="hosts", country="Germany", review_on=due
    )


# --- is all well ------------------------------------------------------------------------------


def test_one_line_says_that_all_is_well_and_by_what(dpo):
    SubscriberFactory()
    now = timezone.now()
    verified(checked_at=now)
    taken = checkpoints.take(signer=connections.ledger_signer(), now=now - 2 * HOUR)
    Anchor.objects.create(checkpoint=taken, place="folder", tried_at=now - HOUR, is_sent=True)
    reported()

    page = text(dpo)

    assert watch(dpo).mood == "good"
    assert (
        "<strong>All is well.</strong> "
        f"The consent ledger is intact, verified on {moment(now)}. "
        f"Last checkpoint: {moment(now - 2 * HOUR)}. Last anchor: {moment(now - HOUR)}. "
        "Deletions on time, by the report for "
    ) in page


@pytest.mark.parametrize(
    ("ledger", "said"),
    [
        ({"findings": [{"what": "body", "where": 3}]}, "besteht die Prüfung nicht"),
        ({"checked_at": NOW - DAY}, "letzte Nacht nicht geprüft"),
    ],
)
def test_what_is_wrong_with_the_ledger_is_trouble(dpo, ledger, said):
    SubscriberFactory(joined_at=NOW - 2 * DAY)
    connection.check_constraints()
    verified(**ledger)

    answer = dpo.get("/admin/", headers={"accept-language": "de"})

    assert answer.context["watch"].mood == "trouble"
    assert said in answer.content.decode()
    assert "Alles in Ordnung" not in answer.content.decode()


def test_a_ledger_that_nobody_has_verified_yet_is_not_called_intact(dpo):
    page = text(dpo)

    assert watch(dpo).mood == "attention"
    assert "has not been verified yet" in page
    assert "intact" not in page


def test_while_an_incident_is_open_nobody_calls_all_well(dpo):
    now = timezone.now()
    verified(checked_at=now)
    assert "All is well." in text(dpo)

    incidents.declare("A laptop is gone.", known_at=now, by="dpo", now=now)

    assert watch(dpo).mood == "attention"
    assert "All is well." not in text(dpo)


def test_rows_older_than_promised_are_trouble(dpo):
    verified(checked_at=timezone.now())
    reported(overdue=2)

    assert [finding.mood for finding in watch(dpo).findings] == ["trouble"]
    assert "2 rows are older than promised" in text(dpo)
    assert "Deletions on time" not in text(dpo)


def test_deletions_that_nobody_watches_are_trouble(dpo):
    verified(checked_at=timezone.now())
    Heartbeat.objects.create(name=Heartbeat.RETENTION, at=timezone.now() - 2 * HOUR)

    assert "Nobody has looked lately whether all deletions are done" in text(dpo)


def test_checkpoints_that_do_not_arrive_are_worth_a_look(dpo):
    SubscriberFactory()
    now = timezone.now()
    verified(checked_at=now)
    taken = checkpoints.take(signer=connections.ledger_signer(), now=now - 5 * HOUR)
    Anchor.objects.create(checkpoint=taken, place="mail 1", tried_at=now - 4 * HOUR, is_sent=False)

    assert watch(dpo).mood == "attention"
    assert "cannot be sent" in text(dpo)
    assert "Last anchor" not in text(dpo)


def test_an_account_that_is_not_set_as_promised_is_worth_a_look(dpo):
    verified(checked_at=timezone.now())
    alarms.raise_(Alarm.Kind.ACCOUNT_SET, now=NOW)

    assert watch(dpo).mood == "attention"
    assert "Our account at WhatsApp is not set as we promise." in text(dpo)


# --- what waits -------------------------------------------------------------------------------


def test_where_nothing_waits_the_page_says_so(dpo):
    assert "Nothing waits for you" in text(dpo)
    assert watch(dpo).duties == []


def test_a_text_that_waits_is_one_click_away(dpo):
    proposal(by=UserFactory(group="Redaktion"))

    assert [(duty.words, duty.url) for duty in watch(dpo).duties] == [
        ("1 text waits for your approval.", f"{TEXTS}de/help/")
    ]


def test_several_texts_lead_to_their_list_and_two_versions_of_one_count_once(dpo):
    proposal()
    proposal(version=2)
    proposal(name="paused")

    assert [(duty.words, duty.url) for duty in watch(dpo).duties] == [
        ("2 texts wait for your approval.", TEXTS)
    ]


def test_neither_an_outdated_proposal_nor_ones_own_waits(dpo):
    proposal()
    proposal(version=2, approved=True)
    proposal(name="paused", by=dpo.user)

    assert watch(dpo).duties == []


def test_overdue_reviews_of_processors_wait(dpo):
    today = timezone.localdate()
    first = processor("Meta", due=today - 2 * DAY)
    assert [(duty.words, duty.more, duty.url) for duty in watch(dpo).duties] == [
        ("1 review of a processor is overdue.", "Meta", f"{PROCESSORS}{first.pk}/change/")
    ]

    processor("Hoster", due=today - DAY)
    processor("Printer", due=today)

    assert [(duty.words, duty.more, duty.url) for duty in watch(dpo).duties] == [
        ("2 reviews of processors are overdue.", "Meta, Hoster", PROCESSORS)
    ]


def test_an_open_incident_waits_with_its_clock(dpo):
    now = timezone.now()
    incidents.declare("A laptop is gone.", known_at=now, by="dpo", now=now)

    (duty,) = watch(dpo).duties

    assert duty.words == "An incident is open."
    assert duty.more.startswith("Report to the supervisory authority by")
    assert duty.url == reverse("admin:subscribers_incident_changelist")


def test_papers_wait_as_long_as_a_real_number_lacks_them(dpo):
    assert watch(dpo).duties == []

    Channel.objects.update(is_real=True)
    (duty,) = watch(dpo).duties
    assert duty.words == f"{len(Clearance.Paper)} confirmations are missing before the start."
    assert duty.more.startswith(str(next(iter(Clearance.Paper)).label))
    assert duty.url == reverse("admin:subscribers_clearance_changelist")

    for paper in Clearance.Paper:
        clearance.confirm(paper, dated_on=NOW.date(), reference="1", by="dpo", now=NOW)
    assert watch(dpo).duties == []


def test_it_is_to_be_asked_for_a_place_for_checkpoints(dpo, settings):
    settings.LEDGER_ANCHOR_DIR = ""
    connections.forget()

    assert "Checkpoints go nowhere yet" in text(dpo)


def test_the_look_is_cheap_however_much_waits(dpo, django_assert_max_num_queries):
    SubscriberFactory()
    verified()
    reported()
    for n in range(9):
        proposal(version=n + 1)
        processor(f"Company {n}", due=timezone.localdate() - DAY)
    Channel.objects.update(is_real=True)
    text(dpo)

    with django_assert_max_num_queries(30):
        text(dpo)


@pytest.mark.parametrize("group", ["Redaktion", "Freigabe", "IT", "Personal"])
def test_nobody_else_sees_how_the_promises_stand(sign_in, group):
    assert "watch" not in sign_in(group).get("/admin/").context


def test_a_receipt_can_be_searched_at_once(dpo):
    assert "Find the record" in text(dpo)


# --- HR ---------------------------------------------------------------------------------------


def test_hr_sees_exactly_what_was_published_last(hr):
    taken = datetime(2026, 10, 31, 23, 0, 5, tzinfo=UTC)
    SubscriberFactory(tier="mini")
    for month, shown in [(date(2026, 9, 1), 110), (date(2026, 10, 1), 240)]:
        for tier, figure in [("mini", shown), ("maxi", None)]:
            MonthlyFigure.objects.create(month=month, tier_id=tier, shown=figure, taken_at=taken)

    page, found = text(hr), hr.get("/admin/").context["figures"]

    assert found.cells == [("Mini", "240"), ("Maxi", "under 20")]
    assert found.total == "240"
    assert "<h3>October 2026</h3>" in page
    assert "Counted and frozen on Nov. 1, 2026." in page
    assert "Download as a spreadsheet" in page
    assert "<dd>110</dd>" not in page
    assert "September" not in page


def test_before_the_first_count_hr_learns_when_it_is(hr):
    MonthlyFigure.objects.all().delete()

    page = text(hr)

    assert "There are no figures yet. The first count is on" in page
    assert "Download as a spreadsheet" not in page


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 23, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 2, 1)),  # in Erfurt it is January
    ],
)
def test_figures_are_frozen_on_the_first_of_the_next_month(now, day):
    assert figures.next_freezing(now=now) == day


def test_a_month_that_was_counted_before_its_end_is_not_announced_again():
    figures.freeze(month=date(2026, 11, 1), now=NOW)

    assert figures.next_freezing(now=datetime(2026, 11, 23, tzinfo=UTC)) == date(2027, 1, 1)


@pytest.mark.parametrize("group", ["Redaktion", "Freigabe", "IT", "Datenschutz"])
def test_nobody_else_sees_the_figures_of_hr(sign_in, group):
    assert "figures" not in sign_in(group).get("/admin/").context
