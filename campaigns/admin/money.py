"""What WhatsApp charges: the months, the rate card, the budget."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import cost
from campaigns.admin import figures
from campaigns.admin.pages import needs, show
from campaigns.models import Broadcast, Budget, Category, Charge, MessageTemplate, Rate
from campaigns.models.money import Purpose
from campaigns.templatetags.desk import euros, total
from subscribers.admin.readonly import ReadOnlyAdmin
from subscribers.models import Tier

if TYPE_CHECKING:  # generic for mypy only, not while running
    RateBase = admin.ModelAdmin[Rate]
    BudgetBase = admin.ModelAdmin[Budget]
else:
    RateBase = BudgetBase = admin.ModelAdmin

MONTHS = 12  # on the page
LINES = 100  # broadcasts on the page; the archive knows all


@dataclass(frozen=True, slots=True)
class Line:
    """A broadcast of this month, and what it cost."""

    broadcast: Broadcast
    bill: cost.Bill
    why: list[str]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a message of a category would cost, to all who get it."""

    category: Category
    tiers: str
    words: str


@admin.register(Rate)
class RateAdmin(RateBase):
    """The rate card. A price is never changed but followed by a later one."""

    list_display = ["purpose", "valid_from", "euros", "source"]
    ordering = ["-valid_from", "purpose"]
    actions = None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Call the page what the navigation calls it; its lines are rates."""
        context = {"heading": _("Rate card"), **(extra_context or {})}
        return super().changelist_view(request, context)

    def has_delete_permission(self, request: HttpRequest, obj: Rate | None = None) -> bool:
        """Refuse; what was charged by it must stay explicable."""
        return False


@admin.register(Budget)
class BudgetAdmin(BudgetBase):
    """How much a month may cost."""

    list_display = ["valid_from", "warn_at", "stop_at"]
    ordering = ["-valid_from"]
    actions = None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say what it means that there is no budget, and what to do."""
        words = _(
            "There is no monthly budget, so nobody is warned and nothing is held back. A budget "
            "says from which sum on the desk warns, and what a month may cost at most."
        )
        context = {"nothing_yet": words, "begin": _("Set one"), **(extra_context or {})}
        return super().changelist_view(request, context)

    def has_delete_permission(self, request: HttpRequest, obj: Budget | None = None) -> bool:
        """Refuse; a later budget takes over."""
        return False


@admin.register(Charge)
class ChargeAdmin(ReadOnlyAdmin):
    """One page for all costs."""

    def get_urls(self) -> list[URLPattern]:
        """Offer the page under the name of the list."""
        return [path("", page, name="campaigns_charge_changelist")]


@needs("campaigns.view_charge")
def page(request: HttpRequest) -> HttpResponse:
    """Show what this month and the months before have cost."""
    now, today = timezone.now(), timezone.localdate()
    count = figures.last_count(now=now)
    return show(
        request,
        "desk/costs.html",
        title=_("Costs"),
        month=cost.month(today),
        lines=_lines(today),
        most_lines=LINES,
        months=cost.months(_months_before(today)),
        rates=_rate_card(today),
        changes=Rate.objects.filter(valid_from__gt=today).order_by("valid_from", "purpose"),
        estimates=_estimates(today, count),
        count=count.of([]),
        can_budget=request.user.has_perm("campaigns.change_budget"),
    )


def facts(item: cost.Item) -> str:
    """Write an estimate: the sum, and how it comes about."""
    if item.euros is None:
        return _("less than %(sum)s") % {"sum": euros(item.most)}
    return _("about %(sum)s (%(people)s × %(each)s, %(purpose)s)") % {
        "sum": euros(item.euros),
        "people": item.people,
        "each": euros(item.each, places=4),
        "purpose": item.label,
    }


def estimated(
    template: MessageTemplate,
    *,
    people: int | None,
    on: date,
    card: cost.RateCard | None = None,
) -> str:
    """Write what a message would cost; its price alone where no number of people is known."""
    item = cost.estimate(template, people=people or 0, on=on, card=card)
    if people is not None:
        return facts(item)
    words = {"each": euros(item.each, places=4), "purpose": item.label}
    return _("%(each)s for each person (%(purpose)s)") % words


def reading_facts(people: int | None, *, on: date) -> str:
    """Write what the full text costs besides; "" while answers cost nothing."""
    item = cost.reading(people=people or 0, on=on)
    if not item.each:
        return ""
    if item.euros is None:
        words = _("the full text %(each)s more for each who reads it")
        return words % {"each": euros(item.each, places=4)}
    return _("the full text up to %(sum)s more, if everybody reads it (%(each)s each)") % {
        "sum": euros(item.euros),
        "each": euros(item.each, places=4),
    }


def of_broadcast(broadcast: Broadcast) -> dict[str, Any]:
    """Return what the page of a broadcast says about money, estimate and bill."""
    bill = cost.bill(broadcast)
    if bill is None:
        return {}
    return {
        "price": facts(bill.estimate),
        "charged": total(bill) if bill.items else "",
        "why": why(bill.difference) if broadcast.closed_at else [],
    }


def why(difference: cost.Difference) -> list[str]:
    """Explain in whole sentences why a bill is not what was estimated."""
    sentences = {
        "fewer_arrived": _("WhatsApp charges only what arrives, and fewer arrived than planned."),
        "other_category": _("WhatsApp put some into another category than the template’s."),
        "some_were_free": _("Some were free of charge."),
        "some_unpriced": _(
            "For some WhatsApp named no price; they count by the template’s category."
        ),
    }
    return [text for name, text in sentences.items() if getattr(difference, name)]


def _lines(today: date) -> list[Line]:
    """The newest broadcasts charged in this month, the newest first."""
    charged = Charge.objects.filter(month=today.replace(day=1), broadcast__isnull=False)
    newest = charged.values_list("broadcast", flat=True).distinct().order_by("-broadcast")[:LINES]
    rows = Broadcast.objects.with_message().filter(pk__in=list(newest))
    broadcasts = list(rows.order_by("-started_at"))
    bills = cost.bills(broadcasts)
    return [Line(one, bills[one.pk], why(bills[one.pk].difference)) for one in broadcasts]


def _months_before(today: date) -> list[date]:
    """The newest months that cost anything; each is one look into an index."""
    found: list[date] = []
    before = today.replace(day=1)
    while len(found) < MONTHS:
        rows = Charge.objects.filter(month__lt=before)
        newest = rows.aggregate(newest=Max("month"))["newest"]
        if newest is None:
            break
        found.append(before := newest)
    return found


def _estimates(today: date, count: figures.LastCount) -> list[Estimate]:
    """Return what a message of each category would cost if it left today."""
    active = Category.objects.filter(is_archived=False).select_related("tier", "template")
    tiers, card = list(Tier.objects.order_by("level")), cost.rate_card()
    found = []
    for category in active.order_by("position"):
        gets_it = [tier for tier in tiers if tier.level >= category.tier.level]
        people = count.of(tier.pk for tier in gets_it).people
        words = estimated(category.template, people=people, on=today, card=card)
        found.append(Estimate(category, _(" and ").join(map(str, gets_it)), words))
    return found


def _rate_card(today: date) -> list[tuple[str, Decimal]]:
    prices = cost.rate_card().on(today)
    return [(str(label), prices[name]) for name, label in Purpose.choices if name in prices]
