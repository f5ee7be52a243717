"""“My phone”, and tests to it: one act from every page on which a message is written or decided.

No number is typed, shown or logged: who connects a phone writes a code from it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from campaigns import connections, phone_tests, tasks
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import needs, show
from campaigns.models import Category, PhoneTest
from campaigns.phone_tests import NoPhone, Words
from campaigns.reasons import FailureReason, SkipReason
from campaigns.refusals import NotPossible
from campaigns.states import OPEN, DeliveryState
from subscribers import phones, poster
from subscribers.admin.readonly import ReadOnlyAdmin
from subscribers.models import DeskPhone

RIGHT = "campaigns.send_phonetest"
LIST = "campaigns_phonetest_changelist"
TEST = "test"  # the button, where a page works without its script
D = DeliveryState
SHOWN_FOR = timedelta(hours=1)
ASKED_FOR = timedelta(minutes=3)  # after a test; what has not been heard by then comes too late
WORDS_OF_REASONS = dict([*FailureReason.choices, *SkipReason.choices])


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one test, in words."""

    words: str
    kind: str  # of the mark in front of it: waiting, good, bad


@admin.register(PhoneTest)
class PhoneTestAdmin(ReadOnlyAdmin):
    """One page about one's own phone; tests themselves have none."""

    def get_urls(self) -> list[URLPattern]:
        """Offer the page under the name of the list."""
        return [
            path("", page, name=LIST),
            path("connected/", connected, name="campaigns_phonetest_connected"),
            path("<slug:slug>/", fates, name="campaigns_phonetest_fates"),
        ]


@needs(RIGHT)
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show whether a phone is connected; draw a code, or forget the phone."""
    user, now = user_of(request), timezone.now()
    context: dict[str, Any] = {}
    if request.POST.get("action") == "forget":
        phones.forget(DeskPhone.objects.filter(user=user), now=now)
        messages.success(request, _("Disconnected. The address of your phone is deleted."))
        return redirect(f"admin:{LIST}")
    if request.POST.get("action") == "draw":
        try:
            context = _shown_code(phones.draw(user, vault=connections.vault(), now=now), now=now)
        except phones.TooMany:
            messages.error(request, _("Enough codes for this hour. Please try again later."))
            return redirect(f"admin:{LIST}")
    return show(
        request,
        "desk/my_phone.html",
        title=_("My phone"),
        phone=phones.of(user),
        number=settings.WHATSAPP_NUMBER,
        **context,
    )


@needs(RIGHT)
def connected(request: HttpRequest) -> HttpResponse:
    """Answer the page that waits for a code: nothing yet, or the page of the connected phone."""
    since = request.GET.get("since", "")
    phone = phones.of(user_of(request))
    if phone is None or not since.isdecimal() or phone.connected_at.timestamp() < int(since):
        return HttpResponse(status=204)
    messages.success(request, _("Connected. Tests reach this phone from now on."))
    return HttpResponseClientRedirect(request.path.removesuffix("connected/"))


@needs(RIGHT)
def fates(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer a page that asks what became of the last tests."""
    category = get_object_or_404(Category, pk=slug)
    return show(request, "desk/phone_test.html", **panel(request, category, now=timezone.now()))


def answer(request: HttpRequest, words: Words, *, now: datetime) -> HttpResponse:
    """Send a test; answer with the part of the page that says what becomes of it."""
    problem, has_phone = _ask(request, words, now=now)
    context = panel(request, words.category, now=now)
    context |= {"test_problem": problem, "needs_phone": not has_phone}
    return show(request, "desk/phone_test.html", **context)


def tell(request: HttpRequest, words: Words, *, now: datetime) -> None:
    """Send a test where the whole page is shown again, and leave a message about it."""
    problem, _has_phone = _ask(request, words, now=now)
    if problem:
        messages.error(request, problem)
    else:
        messages.success(request, _("The test is on its way to your phone."))


def panel(request: HttpRequest, category: Category, *, now: datetime) -> dict[str, Any]:
    """Return what a page shows of one's last tests of a category."""
    if not request.user.has_perm(RIGHT):
        return {"can_test": False}
    tests = phone_tests.newest(user_of(request), category, since=now - SHOWN_FOR)
    awaited = any(
        one.state not in (D.DELIVERED, D.FAILED, D.SKIPPED) and one.created_at > now - ASKED_FOR
        for one in tests
    )
    return {
        "can_test": True,
        "test_category": category,
        "test_lines": [_line(one) for one in tests[:3]],
        "is_awaited": awaited,
    }


def _ask(request: HttpRequest, words: Words, *, now: datetime) -> tuple[str, bool]:
    """Send a test; return what is in the way, and whether there is a phone."""
    try:
        phone_tests.ask(words, by=user_of(request), now=now)
    except NoPhone as refusal:
        return str(refusal), False
    except NotPossible as refusal:
        return str(refusal), True
    tasks.ring_for_replies()
    return "", True


def _line(test: PhoneTest) -> Line:
    """Say what became of a test."""
    facts = {
        "time": f"{timezone.localtime(test.created_at):%-H:%M}",
        "reason": WORDS_OF_REASONS.get(test.reason, ""),
    }
    match test.state:
        case D.DELIVERED:
            return Line(_("Test at %(time)s delivered") % facts, "good")
        case D.FAILED:
            return Line(_("Test at %(time)s refused: %(reason)s") % facts, "bad")
        case D.SKIPPED:
            return Line(_("Test at %(time)s not sent: sending stood still too long") % facts, "bad")
        case D.IN_DOUBT | D.UNKNOWN:
            words = _("Test at %(time)s: unclear whether it arrived. Please look at your phone.")
            return Line(words % facts, "waiting")
        case state if state in OPEN:
            return Line(_("Test at %(time)s is being sent …") % facts, "waiting")
    return Line(_("Test at %(time)s sent") % facts, "waiting")


def _shown_code(code: str, *, now: datetime) -> dict[str, Any]:
    """Return what the page needs to show a code; it is shown once and stored nowhere."""
    context: dict[str, Any] = {
        "code": code,
        "since": int(now.timestamp()),
        "until": timezone.localtime(now + phones.VALID_FOR),
    }
    if settings.WHATSAPP_NUMBER:
        context["link"] = poster.link(settings.WHATSAPP_NUMBER, code)
        context["qr_path"], context["qr_side"] = poster.drawn(settings.WHATSAPP_NUMBER, code)
    return context
