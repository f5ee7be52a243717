"""What happens in the demo, step by step. Each step may have been done in an earlier life."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as time_of_day

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.utils import timezone

from campaigns import connections, reports, scheduling, tasks, templates_sync
from campaigns.models import Broadcast, Category, MessageTemplate, Series
from campaigns.reports import Balance
from subscribers import figures
from subscribers.models import Subscriber, SubscriberState, Tier
from swe_broadcast.demo import people
from whatsapp.simulator import Control

LOGINS = {  # one user a role, in the order in which the printout shows them
    "redaktion": "Redaktion",
    "freigabe": "Freigabe",
    "datenschutz": "Datenschutz",
    "personal": "Personal",
    "it": "IT",
}
CATEGORY = "presseschau"
WAITING = ("veranstaltung", "neues")  # messages that await approval
EARLY = "mon-fri 06:00-18:00"  # the press review leaves before other news
LOOK = 1.0  # seconds between two looks at what is going on
JOINING = timedelta(minutes=30)  # for 412 people, on a slow machine with much else to do
SENDING = timedelta(minutes=30)

Show = Callable[[str], None]
Clock = Callable[[], datetime]


class Stuck(Exception):
    """Something did not happen in time; says what."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What came of it: our page, and what the simulated phones have got."""

    broadcast: Broadcast
    balance: Balance
    wanted: int  # people whose last word was a tier that gets this
    got: int  # phones that show it
    got_twice: int

    @property
    def adds_up(self) -> bool:
        """Planned = accepted = delivered = wanted = got, and nobody twice."""
        page = self.balance
        numbers = {page.planned, page.accepted, page.delivered, self.wanted, self.got}
        return page.adds_up and len(numbers) == 1 and not self.got_twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The demo, told to `show`, with the simulator at `control`."""

    control: Control
    show: Show
    clock: Clock
    app_id: str

    def make_users(self, *, password: str) -> None:
        """Have one user a role."""
        for name, group in LOGINS.items():
            defaults = {"is_staff": True, "email": f"{name}@localhost"}
            user, is_new = User.objects.get_or_create(username=name, defaults=defaults)
            if is_new:
                user.set_password(password)
                user.save(update_fields=["password"])
                user.groups.add(Group.objects.get(name=group))

    def approve_templates(self) -> None:
        """Have WhatsApp approve the templates, as every installation does first."""
        client = connections.cloud_client()
        templates_sync.push(client=client, app_id=self.app_id, now=self.clock())
        while MessageTemplate.objects.exclude(status="APPROVED").exists():
            time.sleep(LOOK)
            templates_sync.sync(client=client, now=self.clock())

    def let_people_join(self) -> None:
        """Let those write who have not yet, and wait until everybody has done what they will.

        Raises Stuck.
        """
        known = {person["phone"] for person in self.control.people()}
        self.control.add_people(one for one in people.everybody() if one["phone"] not in known)
        everybody = len(people.everybody())
        for _ in self._looks(JOINING, "not everybody could join"):
            is_idle = self.control.wait_until_idle(timeout_seconds=LOOK)
            wanted = people.count_outcomes(self.control.people(chat=True))
            active = Subscriber.objects.filter(state=SubscriberState.ACTIVE).count()
            self.show(f"{everybody} people write to the number, {active} have joined so far")
            if is_idle and wanted.total() - wanted[""] == active:
                return

    def write_messages(self) -> None:
        """Have something on the desk that waits for approval."""
        for slug in WAITING:
            self._write(slug, submit_only=True)

    def plan_series(self) -> None:
        """Have the press review come back every working day, from tomorrow on."""
        category = Category.objects.get(slug=CATEGORY)
        Category.objects.filter(slug=CATEGORY, sending_hours="").update(sending_hours=EARLY)
        Series.objects.get_or_create(
            category=category,
            defaults={
                "weekdays": list(range(5)),
                "at": time_of_day(6, 30),
                "useful_until": time_of_day(10),
                "warn_before": timedelta(hours=1),
                "zone": timezone.get_current_timezone_name(),
                "starts_on": timezone.localdate(self.clock()) + timedelta(days=1),
            },
        )

    def publish_figures(self) -> None:
        """Count for HR today what otherwise is counted at the end of the month."""
        figures.freeze(month=self.clock().date(), now=self.clock())

    def send(self) -> Broadcast:
        """Send the press review once, and wait until it is closed. Raises Stuck."""
        broadcast = self.sent_broadcast() or self._write(CATEGORY, submit_only=False)
        for _ in self._looks(SENDING, "the broadcast did not come to its end"):
            broadcast.refresh_from_db()
            now = reports.balance(broadcast.pk)
            self.show(
                f"Broadcast {broadcast.pk}: {now.accepted} of {now.planned} accepted, "
                f"{now.delivered} delivered"
            )
            if broadcast.closed_at and now.delivered == now.accepted:
                return broadcast
            time.sleep(LOOK)
        raise AssertionError  # _looks() raises Stuck

    def sent_broadcast(self) -> Broadcast | None:
        """Return the demo's broadcast, if an earlier life has begun it."""
        sent = Broadcast.objects.with_message().filter(
            message__category=CATEGORY, approved_by__isnull=False
        )
        return sent.order_by("pk").first()

    def ending(self, broadcast: Broadcast) -> Ending:
        """Compare our page with what people wanted and what their phones have got."""
        everybody = self.control.people(chat=True)
        at = broadcast.due_at.timestamp() if broadcast.due_at else 0.0
        then = [[m for m in person["chat"] if m["at"] <= at] for person in everybody]
        tiers = {tier.slug for tier in Tier.objects.including(broadcast.message.category.tier)}
        ledger = self.control.ledger(template=broadcast.message.template.name)
        phones = [entry["phone"] for entry in ledger if entry["accepted_at"] >= at]
        return Ending(
            broadcast=broadcast,
            balance=reports.balance(broadcast.pk),
            wanted=sum(people.outcome(chat) in tiers for chat in then),
            got=len(set(phones)),
            got_twice=len(phones) - len(set(phones)),
        )

    def _looks(self, patience: timedelta, complaint: str) -> Iterator[None]:
        """Yield as often as it takes, for so long. Raises Stuck with the complaint."""
        end = self.clock() + patience
        while self.clock() < end:
            yield
        raise Stuck(f"{complaint} within {patience}.")

    @transaction.atomic
    def _write(self, slug: str, *, submit_only: bool) -> Broadcast:
        """Write a message as the editor, unless there is one, and have a colleague approve it."""
        found = Broadcast.objects.filter(message__category=slug).first()
        if found and submit_only:
            return found
        category = Category.objects.select_related("tier", "template").get(slug=slug)
        editor, approver = (User.objects.get(username=name) for name in ("redaktion", "freigabe"))
        now, hours = self.clock(), connections.sending_hours()
        broadcast = scheduling.write(
            category=category,
            values={value["name"]: value["example"] for value in category.template.values},
            media=None,
            due_at=None,
            by=editor,
            now=now,
        )
        scheduling.submit(broadcast, by=editor, hours=hours, now=now)
        if not submit_only:
            seen = broadcast.message.content_hash()
            scheduling.approve(broadcast, seen_hash=seen, by=approver, hours=hours, now=now)
            tasks.ring_tick()
        return broadcast
