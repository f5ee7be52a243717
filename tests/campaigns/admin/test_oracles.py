"""What somebody could count with, besides the figures: pages that are the same whoever leaves.

Rounding alone would show it: a figure tips from 110 to 100 when one of 105 people leaves. So each
page is compared at places where it would tip, by a half, a ten, a limit.
"""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import allowance
from campaigns.models import Budget
from campaigns.states import BroadcastState
from subscribers.models import MonthlyFigure, Subscriber
from tests.campaigns.admin.addresses import edit, form, page, press_review, writing
from tests.factories import NOW, BroadcastFactory, MessageFactory, SubscriberFactory

pytestmark = pytest.mark.django_db(databases="__all__")

LISTS = {
    "index": "Redaktion",
    "campaigns_broadcast_changelist": "Redaktion",
    "campaigns_broadcast_add": "Redaktion",
    "campaigns_slot_changelist": "Redaktion",
    "campaigns_messagetemplate_changelist": "Redaktion",
    "campaigns_charge_changelist": "Freigabe",
    "campaigns_channel_changelist": "IT",
    "subscribers_monthlyfigure_changelist": "Personal",
}
# At each, a figure that is only rounded, or hidden below 20 or 30, would be another than before.
TIPPING = (19, 20, 24, 25, 30, 104, 105, 225)
# New with every request, whoever subscribes: the token of a form, the moment, the nonce, the name.
CHANGING = re.compile(
    r'value="\w{64}"|csrf\w*"[^>]*|\d\d:\d\d(:\d\d)?|nonce="[^"]*"|<time.*?</time>'
)


def add(number):
    pattern = SubscriberFactory(tier="mini")
    Subscriber.objects.bulk_create(
        Subscriber(
            state=pattern.state,
            tier=pattern.tier,
            notice=pattern.notice,
            decided_at=NOW,
            state_since=NOW,
        )
        for _ in range(number - 1)
    )


@pytest.fixture
def desk(sign_in):
    """Everything that says how many would get it: for each place its answer, anew."""
    allowance.note(100, now=timezone.now())
    Budget.objects.create(valid_from=NOW.date(), warn_at=1, stop_at=12)
    waiting, planned = (
        BroadcastFactory(state=state, message=MessageFactory(full_text="Alles dazu."))
        for state in (BroadcastState.IN_REVIEW, BroadcastState.SCHEDULED)
    )
    draft = BroadcastFactory(slug="neues")
    by = {group: sign_in(group) for group in ("Redaktion", "Freigabe", "IT", "Personal")}
    preview = reverse("admin:campaigns_broadcast_preview", args=["unternehmen"])
    places = {
        name: (lambda name=name, group=group: by[group].get(reverse(f"admin:{name}")))
        for name, group in LISTS.items()
    }
    return places | {
        "compose": lambda: by["Redaktion"].get(writing("unternehmen")),
        "preview": lambda: by["Redaktion"].post(preview, form(full_text="Alles dazu.")),
        "edit": lambda: by["Redaktion"].get(edit(draft)),
        "press": lambda: by["Redaktion"].get(press_review()),
        "draft": lambda: by["Redaktion"].get(page(draft)),
        "scheduled": lambda: by["Freigabe"].get(page(planned)),
        "review": lambda: by["Freigabe"].get(
            reverse("admin:campaigns_broadcast_review", args=[waiting.pk])
        ),
        "plan as a list": lambda: by["Freigabe"].get(
            reverse("admin:campaigns_slot_changelist"), {"look": "list"}
        ),
    }


def answers(desk):
    found = {place: look() for place, look in desk.items()}
    assert {answer.status_code for answer in found.values()} == {200}
    assert not any("ETag" in answer.headers for answer in found.values())
    assert not any("Last-Modified" in answer.headers for answer in found.values())
    return {place: CHANGING.sub("", answer.text) for place, answer in found.items()}


def looks(desk, *, at):
    """Look at everything while more and more people join; return the places that differ."""
    seen = []
    there_are = 0
    for number in at:
        add(number - there_are)
        there_are = number
        seen.append(answers(desk))
    return [place for place in desk if len({look[place] for look in seen}) > 1]


def test_every_page_is_the_same_byte_for_byte_when_one_comes_or_leaves(desk, settings):
    settings.CONFIRM_ABOVE = 105

    assert looks(desk, at=TIPPING) == []


def test_before_the_first_count_every_page_is_the_same_byte_for_byte(desk, settings):
    MonthlyFigure.objects.all().delete()
    settings.CONFIRM_ABOVE = 105

    assert looks(desk, at=(104, 105, 225)) == []
