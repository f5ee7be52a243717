"""Valid objects for tests; a test passes only what matters to it."""

from datetime import UTC, date, datetime, time, timedelta

import factory
from django.contrib.auth.models import Group, User
from factory.django import DjangoModelFactory

from campaigns import connections
from campaigns.models import Attempt, Batch, Broadcast, Category, Delivery, Message, Series
from campaigns.states import RUNNING, BroadcastState
from subscribers import consent, identities
from subscribers.consent import Act
from subscribers.identities import Address
from subscribers.models import ConsentEvent, MonthlyFigure, Notice, Subscriber, Tier

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday, 10:00 in Berlin: sending hours
PASSWORD = "ein langes Passwort"
BY_WORD = ConsentEvent.Act.WORD


class UserFactory(DjangoModelFactory):
    """A desk user; `group="Redaktion"` puts them into one of the five groups.

    Nobody can log in unless `can_log_in=True`: hashing a password takes its time.
    """

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        can_log_in = factory.Trait(password=factory.django.Password(PASSWORD))

    username = factory.Sequence(lambda n: f"user{n}")
    password = "!"
    is_staff = True

    @factory.post_generation
    def group(self, create, name, **_):
        if name:
            self.groups.add(Group.objects.get(name=name))


class SubscriberFactory(factory.Factory):
    """Somebody with a sealed number who joined by the acts that the ledger asks for.

    `tier=None` leaves them asked and undecided; `phone` and `user_id` are their addresses.
    """

    class Meta:
        model = Subscriber

    phone = factory.Sequence(lambda n: f"+49151{n:08d}")
    user_id = None
    tier = "mini"
    joined_at = NOW - timedelta(days=1)

    @classmethod
    def _create(cls, model_class, phone, user_id, tier, joined_at):
        subscriber = identities.find_or_add(
            Address(phone=phone, user_id=user_id),
            at=joined_at,
            vault=connections.vault(),
            now=joined_at,
        )
        act = Act(by=BY_WORD, at=joined_at)
        notice = Notice.objects.current(subscriber.language)
        consent.ask(subscriber.pk, notice=notice, act=act, now=joined_at)
        consent.notice_sent(subscriber.pk, notice=notice, now=joined_at)
        if tier:
            consent.give(subscriber.pk, tier=Tier.objects.get(slug=tier), act=act, now=joined_at)
        subscriber.refresh_from_db()
        return subscriber


class MessageFactory(DjangoModelFactory):
    """A finished message of a shipped category, with its template's example values."""

    class Meta:
        model = Message

    class Params:
        slug = "presseschau"

    category = factory.LazyAttribute(lambda it: Category.objects.get(slug=it.slug))
    template = factory.LazyAttribute(lambda it: it.category.template)
    values = factory.LazyAttribute(
        lambda it: {value["name"]: value["example"] for value in it.template.values}
    )
    created_by = factory.SubFactory(UserFactory, group="Redaktion")
    changed_by = factory.SelfAttribute("created_by")
    created_at = changed_at = NOW - timedelta(hours=1)


class BroadcastFactory(DjangoModelFactory):
    """A broadcast in the given `state`, with everything that this state requires."""

    class Meta:
        model = Broadcast

    class Params:
        slug = "presseschau"
        is_submitted = factory.LazyAttribute(lambda it: it.state != BroadcastState.DRAFT)
        is_approved = factory.LazyAttribute(
            lambda it: it.is_submitted and it.state != BroadcastState.IN_REVIEW
        )
        is_planned = factory.LazyAttribute(
            lambda it: it.is_approved and it.state != BroadcastState.APPROVED
        )
        is_started = factory.LazyAttribute(
            lambda it: it.state in RUNNING or it.state == BroadcastState.DONE
        )

    message = factory.SubFactory(MessageFactory, slug=factory.SelfAttribute("..slug"))
    state = BroadcastState.DRAFT
    submitted_by = factory.LazyAttribute(
        lambda it: it.message.created_by if it.is_submitted else None
    )
    submitted_at = factory.LazyAttribute(lambda it: NOW if it.is_submitted else None)
    approved_by = factory.LazyAttribute(
        lambda it: UserFactory(group="Freigabe") if it.is_approved else None
    )
    approved_at = factory.LazyAttribute(lambda it: NOW if it.is_approved else None)
    approved_hash = factory.LazyAttribute(
        lambda it: it.message.content_hash() if it.is_approved else None
    )
    due_at = factory.LazyAttribute(lambda it: NOW if it.is_planned else None)
    expires_at = factory.LazyAttribute(
        lambda it: it.due_at + it.message.category.useful_for if it.due_at else None
    )
    started_at = factory.LazyAttribute(lambda it: NOW if it.is_started else None)
    planned = factory.LazyAttribute(lambda it: 0 if it.is_started else None)
    pause_reason = factory.LazyAttribute(
        lambda it: "operator" if it.state in ("pausing", "paused") else ""
    )


class SeriesFactory(DjangoModelFactory):
    """Monday to Friday at 6:30 by Berlin's clock, of use until 10, since NOW's Monday."""

    class Meta:
        model = Series

    class Params:
        slug = "presseschau"

    category = factory.LazyAttribute(lambda it: Category.objects.get(slug=it.slug))
    weekdays = (0, 1, 2, 3, 4)
    at = time(6, 30)
    useful_until = time(10)
    warn_before = timedelta(hours=1)
    zone = "Europe/Berlin"
    starts_on = date(2026, 11, 23)


class DeliveryFactory(DjangoModelFactory):
    """A delivery of a broadcast that is being sent; its batch is found or made."""

    class Meta:
        model = Delivery

    broadcast = factory.SubFactory(BroadcastFactory, state=BroadcastState.SENDING)
    subscriber = factory.SubFactory(SubscriberFactory)
    batch_number = 0

    @classmethod
    def _create(cls, model_class, *args, **values):
        delivery = super()._create(model_class, *args, **values)
        Broadcast.objects.filter(pk=delivery.broadcast_id).update(
            planned=Delivery.objects.filter(broadcast=delivery.broadcast_id).count()
        )
        batch, is_new = Batch.objects.get_or_create(
            broadcast=delivery.broadcast,
            number=delivery.batch_number,
            defaults={"first_id": delivery.pk, "last_id": delivery.pk, "not_before": NOW},
        )
        if not is_new:
            Batch.objects.filter(pk=batch.pk).update(last_id=delivery.pk)
        return delivery


class AttemptFactory(DjangoModelFactory):
    """The newest attempt of an armed delivery."""

    class Meta:
        model = Attempt

    token = factory.Faker("uuid4", cast_to=None)
    delivery = factory.SubFactory(DeliveryFactory, state="armed", attempts=1)
    number = 1
    armed_at = NOW


def publish(*, month=date(2020, 1, 1), at=NOW, **shown):
    """Freeze the figures of a month: publish(mini=110, maxi=None). Pages repeat the newest."""
    for tier, people in shown.items():
        MonthlyFigure.objects.update_or_create(
            month=month, tier_id=tier, defaults={"shown": people, "taken_at": at}
        )
