"""After any sequence of moves the ledger, folded, says what the rows say."""

from contextlib import ExitStack
from datetime import timedelta
from itertools import count

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import seed as in_this_order
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from campaigns import connections
from subscribers import (
    consent,
    erasure,
    identities,
    lifecycle,
    moves,
    oversight,
    retention,
    verification,
)
from subscribers.consent import Act
from subscribers.conversation import Heard
from subscribers.identities import Address
from subscribers.models import ConsentEvent, Subscriber
from tests.factories import NOW
from tests.subscribers.dialogue import CONVERSATION, SPEAKER
from tests.subscribers.people import BOTH_DATABASES, next_notice

META = ConsentEvent.Act.META
PHONES = ["+4915155500001", "+4915155500002", "+4915155500003"]
WORDS = (
    "START", "JA MINI", "JA MAXI", "MINI", "MAXI", "nein", "STOP", "amelden", "PAUSE",
    "WEITER", "ENGLISH", "JA LÖSCHEN", "Guten Morgen",
)  # fmt: skip
TAPS = ("consent:mini", "consent:maxi", "consent:no", "continue", "stop")
LATE = (0, 0, 0, 1, 60)  # minutes between Meta's clock and ours
WAITS = [timedelta(hours=1), *(timedelta(days=n) for n in (1, 2, 31, 61, 366))]


class World(RuleBasedStateMachine):
    """Three telephones, the notices, and time."""

    def __init__(self):
        super().__init__()
        self.undo = ExitStack()
        self.undo.enter_context(transaction.atomic())
        self.now = NOW
        self.numbers = count()

    def teardown(self):
        found = self.verify()
        transaction.set_rollback(True)
        self.undo.close()
        assert found == []

    @initialize()
    def everybody_has_joined(self):
        for phone in PHONES:
            self.somebody_joins(phone, "mini")

    @rule(phone=st.sampled_from(PHONES), text=st.sampled_from(WORDS), late=st.sampled_from(LATE))
    def somebody_writes(self, phone, text, late):
        self.hear(phone, late=late, text=text)

    @rule(phone=st.sampled_from(PHONES), tap=st.sampled_from(TAPS), late=st.sampled_from(LATE))
    def somebody_taps(self, phone, tap, late):
        self.hear(phone, late=late, button_id=tap)

    @rule(phone=st.sampled_from(PHONES), tier=st.sampled_from(["mini", "maxi"]))
    def somebody_joins_anew(self, phone, tier):
        self.somebody_joins(phone, tier)

    def somebody_joins(self, phone, tier):
        self.hear(phone, text="START")
        self.hear(phone, button_id=f"consent:{tier}")

    @rule(phone=st.sampled_from(PHONES))
    def whatsapp_tells_of_a_stop_in_its_own_settings(self, phone):
        if known := identities.find(Address(phone=phone), vault=connections.vault()):
            consent.withdraw(known.pk, act=Act(by=META, at=self.now), now=self.now)

    @rule(old=st.sampled_from(PHONES), new=st.sampled_from(PHONES))
    def somebody_changes_the_number(self, old, new):
        act = Act(by=META, at=self.now, message_hash=self.next_hash())
        asked = moves.hold_and_ask(
            Address(phone=old),
            Address(phone=new),
            act=act,
            speaker=SPEAKER,
            vault=connections.vault(),
            now=self.now,
        )
        if asked:
            newcomer, says = asked
            self.deliver(newcomer, says)

    @rule(phone=st.sampled_from(PHONES))
    def broadcasts_do_not_arrive(self, phone):
        if known := identities.find(Address(phone=phone), vault=connections.vault()):
            for _ in range(3):
                lifecycle.count(reached=[], missed=[known.pk], at=self.now)

    @rule(language=st.sampled_from(["de", "en"]), is_material=st.booleans())
    def a_notice_is_approved(self, language, is_material):
        next_notice(language, is_material=is_material)

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait):
        self.now += wait
        lifecycle.sweep(now=self.now)
        for subscriber_id in lifecycle.to_erase():
            erasure.erase(subscriber_id, now=self.now)
        retention.enforce(retention.URGENT, now=self.now)

    @invariant()
    def the_events_lead_to_the_subscriptions_in_use(self):
        acts = ConsentEvent.objects.order_by("pk").values_list("subscriber", "kind", "tier")
        used = {
            str(one.pk): (one.tier_id, one.until is not None)
            for one in Subscriber.objects.filter(tier__isnull=False)
        }
        assert verification.fold(acts) == used

    @invariant()
    def the_count_of_a_moment_is_the_count_of_the_rows(self):
        assert oversight.standing_at(self.now) == oversight.standing_now()

    def hear(self, phone, *, late=0, text="", button_id=""):
        at = self.now - timedelta(minutes=late)
        subscriber = identities.find_or_add(
            Address(phone=phone), at=at, vault=connections.vault(), now=self.now
        )
        heard = Heard(at=at, message_hash=self.next_hash(), text=text, button_id=button_id)
        self.deliver(subscriber, CONVERSATION.answer(subscriber, heard, now=self.now))

    def deliver(self, subscriber, says):
        if any(say.purpose == "notice" for say in says):
            consent.notice_sent(subscriber.pk, notice=subscriber.notice, now=self.now)

    def next_hash(self):
        return next(self.numbers).to_bytes(32)

    def verify(self):
        connection.check_constraints()  # leaves are written now, as a commit would do
        return verification.verify(keys=connections.ledger_keys(), now=self.now).findings


@pytest.mark.parametrize(
    ("examples", "steps"),
    [(8, 20), pytest.param(60, 30, marks=pytest.mark.thorough)],
    ids=["few examples", "many examples"],
)
@pytest.mark.django_db(databases=BOTH_DATABASES)
def test_whatever_people_and_time_do_the_ledger_says_what_the_rows_say(examples, steps):
    run_state_machine_as_test(
        in_this_order(1)(type("SeededWorld", (World,), {})),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
