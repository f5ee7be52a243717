"""The page of costs: what a month and its broadcasts cost, in figures that may be shown."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from campaigns.models import Budget, Charge, Rate
from campaigns.states import BroadcastState
from subscribers.models import MonthlyFigure
from tests.factories import BroadcastFactory, publish

pytestmark = pytest.mark.django_db(databases="__all__")

COSTS = reverse("admin:campaigns_charge_changelist")


THIS_MONTH = timezone.localdate().replace(day=1)
A_MONTH_AGO = (THIS_MONTH - timedelta(days=1)).replace(day=1)


def charge(n, *, month=THIS_MONTH):
    broadcast = BroadcastFactory(slug="neues", state=BroadcastState.DONE, planned=n)
    Charge.objects.create(
        broadcast=broadcast, month=month, purpose="MARKETING", kind="regular", n=n
    )
    return broadcast


def test_without_costs_the_page_says_so(sign_in):
    page = sign_in("Redaktion").get(COSTS)

    assert "Nothing has been charged in this month." in page.text


def test_a_broadcast_is_listed_with_estimate_and_bill(sign_in):
    broadcast = charge(437)

    page = sign_in("Redaktion").get(COSTS)

    assert broadcast.message.headline in page.text
    assert page.text.count("€49.76") == 3  # of the month, estimated, charged


def test_no_exact_figure_of_people_is_on_the_page(sign_in):
    charge(437)

    page = sign_in("IT").get(COSTS)

    assert "437" not in page.text
    assert "49.42" not in page.text


def test_what_would_tell_of_few_people_is_bounded_by_a_sum_of_money(sign_in):
    broadcast = charge(7)

    pages = [
        sign_in("Redaktion").get(address).text
        for address in (COSTS, reverse("admin:campaigns_broadcast_change", args=[broadcast.pk]))
    ]

    assert [page.count("less than €2.26") for page in pages] == [2, 2]  # 20 people's
    assert not any("fewer than 20 people" in page for page in pages)


def test_earlier_months_are_listed(sign_in):
    charge(400, month=A_MONTH_AGO)

    page = sign_in("Freigabe").get(COSTS)

    assert date_format(A_MONTH_AGO, "F Y") in page.text


def test_the_passed_warning_line_is_named(sign_in):
    Budget.objects.create(valid_from=date(2026, 1, 1), warn_at=10, stop_at=Decimal(100))
    charge(400)

    page = sign_in("IT").get(COSTS)

    assert "The warning line is passed." in page.text


def test_only_it_sets_a_budget(sign_in):
    assert "Set one" in sign_in("IT").get(COSTS).text
    assert "Set one" not in sign_in("Redaktion").get(COSTS).text


def test_a_stop_below_the_warning_is_refused(sign_in):
    page = sign_in("IT").post(
        reverse("admin:campaigns_budget_add"),
        {"valid_from": "2026-11-01", "warn_at": "100", "stop_at": "50"},
    )

    assert "The warning must not come after the stop." in page.text
    assert not Budget.objects.exists()


def test_each_category_has_its_estimate_by_who_gets_it(sign_in):
    publish(mini=20, maxi=20)

    page = sign_in("Redaktion").get(COSTS)

    by_slug = {
        one.category.pk: (one.tiers, one.words.split(" (")[0]) for one in page.context["estimates"]
    }
    assert by_slug["presseschau"] == ("Mini and Maxi", "about €4.52")  # 40 × 0.1131
    assert by_slug["neues"] == ("Maxi", "about €2.26")
    assert "By the people counted on Nov. 23, 2026." in page.text


def test_without_a_count_each_category_has_its_price(sign_in):
    MonthlyFigure.objects.all().delete()

    page = sign_in("Redaktion").get(COSTS)

    by_slug = {one.category.pk: one.words for one in page.context["estimates"]}
    assert by_slug["neues"] == "€0.1131 for each person (marketing)"
    assert not any("about" in words for words in by_slug.values())
    assert "is counted for the first time on" in page.text


def test_what_answers_cost_is_named(sign_in):
    Charge.objects.create(month=THIS_MONTH, purpose="SERVICE", kind="regular", n=200)

    page = sign_in("Redaktion").get(COSTS)

    assert "Of this, €9.12 for answers" in page.text


def test_what_whatsapp_named_no_price_for_is_said(sign_in):
    Charge.objects.create(month=THIS_MONTH, purpose="SERVICE", kind="", n=200)

    page = sign_in("Redaktion").get(COSTS)

    assert "Of this, €9.12 for messages for which WhatsApp named no price." in page.text


def test_a_month_with_every_price_named_says_nothing_of_it(sign_in):
    charge(400)

    page = sign_in("Redaktion").get(COSTS)

    assert "named no price" not in page.text


def test_a_price_to_come_is_announced(sign_in):
    Rate.objects.create(
        purpose="MARKETING", valid_from=date(2999, 1, 1), euros=Decimal("0.2"), source="Test"
    )

    assert "marketing €0.2000" in sign_in("Redaktion").get(COSTS).text


def test_the_number_of_queries_does_not_grow(sign_in, django_assert_max_num_queries):
    client = sign_in("Redaktion")
    for n in range(20, 40):
        charge(n)

    with django_assert_max_num_queries(25):
        client.get(COSTS)


@pytest.mark.parametrize(
    ("language", "heading", "counted"),
    [("en", "Rate card", "4 rates"), ("de", "Preisliste", "4 Preise")],
)
def test_the_rate_card_counts_its_rates(sign_in, language, heading, counted):
    Rate.objects.all().delete()
    for purpose in ["MARKETING", "UTILITY"]:
        for day in ["2026-01-01", "2026-07-01"]:
            Rate.objects.create(purpose=purpose, valid_from=day, euros="0.1", source="Meta")

    answer = sign_in("IT").get(
        reverse("admin:campaigns_rate_changelist"), headers={"accept-language": language}
    )
    page = " ".join(answer.content.decode().split())

    assert f"<h1>{heading}</h1>" in page
    assert f" {counted} " in page


def test_without_a_budget_its_list_says_what_to_do(sign_in):
    page = sign_in("IT").get(reverse("admin:campaigns_budget_changelist")).content.decode()

    assert "There is no monthly budget, so nobody is warned" in page
    assert f'<a href="{reverse("admin:campaigns_budget_add")}">Set one</a>' in page
