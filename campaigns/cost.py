"""What a broadcast will cost, what it did cost, and whether the month can afford it.

Meta charges for each delivered message, by its category and the country of the number. We know
no countries, because numbers lie sealed; the rate card is that of Germany, and the page says so.

Figures of people are those that the desk may show (rounded to 10, hidden below 20), also inside
a sum of money: an exact amount would tell who joined or left between two broadcasts. The budget
is checked against what was charged, to the cent, and against the people last published.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Case, Count, DateField, Value, When
from django.utils import timezone

from campaigns import audiences
from campaigns.models import Broadcast, Budget, Category, Charge, MessageTemplate, Rate
from campaigns.models.money import Purpose
from subscribers.figures import HIDDEN_BELOW, publishable

NOTHING = Decimal(0)  # euros


@dataclass(frozen=True, slots=True)
class Item:
    """So many messages of one kind, at one price. `people` None: fewer than may be shown."""

    purpose: str
    people: int | None
    each: Decimal  # euros

    @property
    def euros(self) -> Decimal | None:
        """What they cost, as far as it may be shown."""
        return None if self.people is None else self.people * self.each

    @property
    def most(self) -> Decimal:
        """The same, but what fewer people than may be shown cannot reach."""
        return (HIDDEN_BELOW if self.people is None else self.people) * self.each

    @property
    def label(self) -> str:
        """The category in the reader's language; Meta's own word for one that we do not know."""
        known = self.purpose in Purpose.values
        return str(Purpose(self.purpose).label) if known else self.purpose.lower()


@dataclass(frozen=True, slots=True)
class Rise:
    """What the same message costs as utility and as marketing."""

    before: Item
    after: Item

    @property
    def more(self) -> Decimal | None:
        """The difference in euros, None if it would tell of fewer than 20 people."""
        if self.before.euros is None or self.after.euros is None:
            return None
        return self.after.euros - self.before.euros


@dataclass(frozen=True, slots=True)
class Difference:
    """Why a bill is not what was estimated. Each is true or false, for the page to explain."""

    fewer_arrived: bool
    other_category: bool
    some_were_free: bool
    some_unpriced: bool  # WhatsApp named no price, so they count as expected


@dataclass(frozen=True, slots=True)
class Bill:
    """What a broadcast was estimated to cost, and what WhatsApp charged for it."""

    estimate: Item
    items: list[Item]
    difference: Difference

    @property
    def euros(self) -> Decimal | None:
        """The sum, None if a part of it may not be shown."""
        amounts = [item.euros for item in self.items]
        known = [amount for amount in amounts if amount is not None]
        return sum(known, NOTHING) if len(known) == len(amounts) else None

    @property
    def most(self) -> Decimal:
        """The same, but what the parts that may not be shown cannot reach."""
        return sum((item.most for item in self.items), NOTHING)


@dataclass(frozen=True, slots=True)
class Month:
    """What a month has cost so far, and its budget, if it has one.

    `shown` is what a page may say: the sum of rounded figures. `spent` is exact, and only
    compared with the budget.
    """

    first: date
    spent: Decimal
    shown: Decimal
    budget: Budget | None
    tests: Decimal = NOTHING  # the part of it that tests to phones of the desk cost, exactly
    answers: Decimal = NOTHING  # the part of it that answers and full texts cost
    assumed: Decimal = NOTHING  # the part of it for which WhatsApp named no price

    @property
    def is_warned(self) -> bool:
        """The warning line is passed."""
        return self.budget is not None and self.spent >= self.budget.warn_at

    @property
    def percent(self) -> int:
        """How much of the budget is spent, 0 to 100, rounded down to tens like the figures."""
        if self.budget is None or not self.budget.stop_at:
            return 0
        return min(100, int(self.shown * 10 / self.budget.stop_at) * 10)

    def allows(self, euros: Decimal) -> bool:
        """Tell whether so much more may be spent in this month."""
        return self.budget is None or self.spent + euros <= self.budget.stop_at


@dataclass(frozen=True, slots=True)
class RateCard:
    """Every price there has been, oldest first: (valid from, category, euros)."""

    prices: Sequence[tuple[date, str, Decimal]]

    def on(self, day: date) -> dict[str, Decimal]:
        """Return the price of one message in euros by category, as valid on a day."""
        return {purpose: euros for since, purpose, euros in self.prices if since <= day}

    @property
    def days(self) -> list[date]:
        """The days on which any price changed, the latest first."""
        return sorted({since for since, _purpose, _euros in self.prices}, reverse=True)


def rate_card() -> RateCard:
    """Return the rate card as stored."""
    rows = Rate.objects.order_by("valid_from")
    return RateCard(list(rows.values_list("valid_from", "purpose", "euros")))


def estimate(
    template: MessageTemplate, *, people: int, on: date, card: RateCard | None = None
) -> Item:
    """Return what a message by a template to so many people would cost on a day."""
    prices = (card or rate_card()).on(on)
    return Item(template.purpose, publishable(people), prices.get(template.purpose, NOTHING))


def rise(*, people: int, on: date, card: RateCard | None = None) -> Rise:
    """Return what it means that a template to so many people became marketing."""
    prices = (card or rate_card()).on(on)
    before, after = (
        Item(purpose, publishable(people), prices.get(purpose, NOTHING))
        for purpose in (Purpose.UTILITY, Purpose.MARKETING)
    )
    return Rise(before, after)


def reading(*, people: int, on: date, card: RateCard | None = None) -> Item:
    """Return what the full text would cost on a day if so many people got it.

    An upper bound: it is sent only where somebody taps, or has just written to us.
    """
    prices = (card or rate_card()).on(on)
    return Item(Purpose.SERVICE, publishable(people), prices.get(Purpose.SERVICE, NOTHING))


def charge(
    counts: Mapping[tuple[int | None, str, str], int], *, at: datetime, is_test: bool = False
) -> None:
    """Count charged messages by (broadcast or None for answers, Meta's category, its kind).

    `is_test`: they went to phones of the desk.
    """
    month = _month_of(timezone.localdate(at))
    with connection.cursor() as cursor:
        for (broadcast_id, purpose, kind), n in sorted(counts.items(), key=str):
            cursor.execute(
                """
                INSERT INTO campaigns_charge AS so_far
                       (broadcast_id, month, purpose, kind, is_test, n)
                VALUES (%s, %s, %s, %s, %s, %s)
                ON CONFLICT (broadcast_id, month, purpose, kind, is_test)
                DO UPDATE SET n = so_far.n + EXCLUDED.n
                """,
                [broadcast_id, month, purpose[:32].upper(), kind[:32], is_test, n],
            )


def bill(broadcast: Broadcast) -> Bill | None:
    """Return the bill of a broadcast; None while it has not begun."""
    return bills([broadcast]).get(broadcast.pk)


def bills(broadcasts: Iterable[Broadcast]) -> dict[int, Bill]:
    """Return the bills of those that have begun, in two queries, however many they are."""
    begun = [one for one in broadcasts if one.started_at]
    card = rate_card()
    charges: dict[int, list[Charge]] = defaultdict(list)
    for row in Charge.objects.filter(broadcast__in=begun, n__gt=0).order_by("purpose", "kind"):
        if row.broadcast_id is not None:
            charges[row.broadcast_id].append(row)
    return {one.pk: _bill(one, charges[one.pk], card) for one in begun}


def months(firsts: Collection[date]) -> list[Month]:
    """Return what months have cost, each with its budget; `firsts` are their first days."""
    card = rate_card()
    charges: dict[date, list[_Alike]] = defaultdict(list)
    # Rounded one by one, but most are alike: the same number of people, the same kind and price.
    rows = Charge.objects.filter(month__in=firsts).annotate(priced_on=_priced_on(card))
    columns = ("month", "purpose", "kind", "is_test", "n")
    counted = rows.values_list(*columns, "priced_on").annotate(times=Count("pk"))
    for *row, day, times in counted:
        one = Charge(**dict(zip(columns, row, strict=True)))
        charges[one.month].append(_Alike(one, day, times))
    budgets = list(Budget.objects.order_by("-valid_from"))
    return [_month(first, charges[first], card, budgets) for first in firsts]


def month(on: date) -> Month:
    """Return what the month of a day has cost so far, with its budget."""
    return months([_month_of(on)])[0]


def fits_the_budget(broadcast: Broadcast, *, now: datetime) -> bool:
    """Tell whether the month can afford a broadcast. An urgent one is never held back."""
    category = broadcast.message.category
    if category.lane == Category.Lane.URGENT:
        return True
    today = timezone.localdate(now)
    this_month = month(today)
    if this_month.budget is None:
        return True
    prices = rate_card().on(today)
    price = prices.get(broadcast.message.template.purpose, NOTHING)
    if broadcast.message.full_text:
        price += prices.get(Purpose.SERVICE, NOTHING)
    return this_month.allows(audiences.expected(broadcast) * price)


def _bill(broadcast: Broadcast, charges: Sequence[Charge], card: RateCard) -> Bill:
    assert broadcast.started_at is not None
    day = timezone.localdate(broadcast.started_at)
    template = broadcast.message.template
    planned = estimate(template, people=broadcast.planned or 0, on=day, card=card)
    prices = card.on(day)
    arrived = publishable(sum(one.n for one in charges)) or 0
    return Bill(
        planned,
        [Item(one.purpose, publishable(one.n), _price(one, prices)) for one in charges],
        Difference(
            fewer_arrived=arrived < (planned.people or 0),
            other_category=any(one.purpose != planned.purpose for one in charges),
            some_were_free=any(_is_free(one) for one in charges),
            some_unpriced=any(not one.kind for one in charges),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Alike:
    """So many charges that are all the same, and a day with the prices that hold for them."""

    one: Charge
    priced_on: date | None
    times: int


def _priced_on(card: RateCard) -> Case:
    """Name the prices of a charge: those of the day on which its broadcast began, as in its bill.

    None for answers and tests, which are counted by the month alone.
    """
    began = (
        When(broadcast__started_at__date__gte=day, then=Value(day))
        for day in [*card.days, date.min]
    )
    return Case(*began, output_field=DateField())


def _month(
    first: date, charges: Iterable[_Alike], card: RateCard, budgets: Iterable[Budget]
) -> Month:
    last = _next_month(first) - timedelta(days=1)
    spent = shown = tests = answers = assumed = NOTHING
    for alike in charges:
        one, price = alike.one, _price(alike.one, card.on(alike.priced_on or last)) * alike.times
        # Tests went to the desk's own people, so there is nothing to hide.
        part = (one.n if one.is_test else publishable(one.n) or 0) * price
        spent += one.n * price
        shown += part
        if one.is_test:
            tests += part
        elif one.purpose == Purpose.SERVICE:
            answers += part
        if not one.kind:
            assumed += part
    valid = (budget for budget in budgets if budget.valid_from <= last)
    return Month(first, spent, shown, next(valid, None), tests, answers, assumed)


def _price(one: Charge, prices: Mapping[str, Decimal]) -> Decimal:
    return NOTHING if _is_free(one) else prices.get(one.purpose, NOTHING)


def _is_free(one: Charge) -> bool:
    return one.kind.startswith("free")  # free_customer_service, free_entry_point


def _month_of(day: date) -> date:
    return day.replace(day=1)


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
