"""Every page of the desk, and who opens it: what `pages` measures and its test counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from bench.filling import NEWEST
from campaigns.admin import navigation
from campaigns.models import ArchivedBroadcast, Broadcast, Category, Media, MessageTemplate
from campaigns.shipped import RIGHTS
from subscribers.admin import reasons
from subscribers.admin.newest import MOST
from subscribers.models import AccessEvent, ConsentEvent, Notice, Thread

EDITORS, APPROVERS, DPO, IT = "Redaktion", "Freigabe", "Datenschutz", "IT"
RUNNING, DRAFT, IN_REVIEW, DONE = (NEWEST - number for number in (1, 2, 3, 6))
LINES = 50  # of a page of a list
LAST_PAGE = MOST // LINES


@dataclass(frozen=True, slots=True)
class Visit:
    """A page and the group whose member opens it."""

    group: str
    address: Callable[[], str]


def _page(group: str, name: str, *args: object, query: str = "") -> Visit:
    return Visit(group, lambda: reverse(f"admin:{name}", args=args) + query)


def _last_page(group: str, name: str, model: type[Model]) -> Visit:
    """Return the last page of a list, or the last one that a long list shows."""

    def address() -> str:
        pages = -(-model._default_manager.count() // LINES)
        return reverse(f"admin:{name}") + f"?p={min(max(pages, 1), LAST_PAGE)}"

    return Visit(group, address)


def _of_the_menu() -> dict[str, Visit]:
    """Return the pages of the navigation, each for the first group that may open it."""
    found = {f"start, {group}": _page(group, "index") for group in RIGHTS}
    with translation.override("en"):
        for label, pages in navigation.SECTIONS:
            for page in pages:
                if page.right:
                    group = next(name for name, rights in RIGHTS.items() if page.right in rights)
                    words = f"{label}: {page.label}" if label else str(page.label)
                    found[words.lower()] = _page(group, page.address)
    return found


def _of_lists() -> dict[str, Visit]:
    """Return other looks at what is long: the last page, a period, a filter, a word."""
    today = timezone.localdate()
    broadcasts, archive = "campaigns_broadcast_changelist", "campaigns_archivedbroadcast_changelist"
    events, looks = "subscribers_consentevent_changelist", "subscribers_accessevent_changelist"
    year, month = f"?period={today.year}", f"?period={today:%Y-%m}"
    found = {}
    for words, group, name, model in (
        ("broadcasts", EDITORS, broadcasts, Broadcast),
        ("archive", EDITORS, archive, ArchivedBroadcast),
        ("register", DPO, events, ConsentEvent),
        ("access log", DPO, looks, AccessEvent),
        ("log", IT, "admin_logentry_changelist", LogEntry),
    ):
        found[f"{words}, last page"] = _last_page(group, name, model)
        found[f"{words}, a month"] = _page(group, name, query=month)
        found[f"{words}, a year"] = _page(group, name, query=year)
    paper = "campaigns_archivedbroadcast_period"
    return found | {
        "broadcasts, drafts": _page(EDITORS, broadcasts, query="?state__exact=draft"),
        "broadcasts, a word": _page(EDITORS, broadcasts, query="?q=Montag"),
        "archive, a word": _page(EDITORS, archive, query="?q=Montag"),
        "archive on paper, a month": _page(EDITORS, paper, f"{today:%Y-%m}"),
        "archive on paper, a year": _page(EDITORS, paper, f"{today.year}"),
        "register, a kind": _page(DPO, events, query="?kind__exact=withdrawn"),
        "access log, a group": _page(DPO, looks, query="?group=Redaktion"),
        "media, last page": _last_page(EDITORS, "campaigns_media_changelist", Media),
        "media, a word": _page(EDITORS, "campaigns_media_changelist", query="?q=Weiche"),
        "plan, a week": _page(EDITORS, "campaigns_slot_changelist", query="?look=week"),
        "plan, a list": _page(EDITORS, "campaigns_slot_changelist", query="?look=list"),
    }


def _of_details() -> dict[str, Visit]:
    """Return the pages of single rows."""
    thread = Visit(
        EDITORS,
        lambda: reverse(
            "admin:subscribers_thread_change", args=[Thread.objects.latest("heard_at").pk]
        ),
    )
    first_category = Visit(
        IT,
        lambda: reverse(
            "admin:campaigns_category_change", args=[Category.objects.earliest("position").pk]
        ),
    )
    template = Visit(
        IT,
        lambda: reverse(
            "admin:campaigns_messagetemplate_change",
            args=[MessageTemplate.objects.earliest("pk").pk],
        ),
    )
    notice = Visit(
        DPO,
        lambda: reverse("admin:subscribers_notice_change", args=[Notice.objects.earliest("pk").pk]),
    )
    press = Visit(EDITORS, _issue_of_the_press)
    broadcast = "campaigns_broadcast"
    return {
        "running broadcast": _page(EDITORS, f"{broadcast}_change", RUNNING),
        "running broadcast, progress": _page(EDITORS, f"{broadcast}_progress", RUNNING),
        "draft": _page(EDITORS, f"{broadcast}_change", DRAFT),
        "draft, to change": _page(EDITORS, f"{broadcast}_edit", DRAFT),
        "draft, its versions": _page(EDITORS, f"{broadcast}_versions", DRAFT),
        "press review, to change": press,
        "press review, new": _page(EDITORS, "campaigns_press_write", "presseschau"),
        "message, new": _page(EDITORS, f"{broadcast}_add"),
        "message, new, of a category": _page(EDITORS, f"{broadcast}_write", "stellenanzeige"),
        "review": _page(APPROVERS, f"{broadcast}_review", IN_REVIEW),
        "closed broadcast": _page(EDITORS, f"{broadcast}_change", DONE),
        "closed broadcast on paper": _page(EDITORS, "campaigns_archivedbroadcast_issue", DONE),
        "thread": thread,
        "consent record": _page(DPO, "subscribers_consentevent_change", NEWEST - 1),
        "notice": notice,
        "processing record": _page(DPO, "subscribers_ledgercheck_processing"),
        "works council": _page(DPO, "subscribers_ledgercheck_works_council"),
        "incident, to declare": _page(DPO, "subscribers_incident_declare"),
        "category": first_category,
        "template": template,
        "series": _page(EDITORS, "campaigns_series_change", NEWEST - 1),
        "feed": _page(EDITORS, "campaigns_feed_change", NEWEST - 1),
        "user": _page(IT, "auth_user_change", NEWEST + 1),
    }


def _issue_of_the_press() -> str:
    drafts = Broadcast.objects.filter(state="draft", message__category="presseschau")
    latest = drafts.order_by("pk").last()
    assert latest is not None
    return reverse("admin:campaigns_press_edit", args=[latest.pk])


def every() -> Mapping[str, Visit]:
    """Return all of them by name."""
    return _of_the_menu() | _of_lists() | _of_details()


def sign_in(group: str) -> Client:
    """Return the browser of a member of a group who has said why a record is looked at."""
    user, _is_new = User.objects.get_or_create(username=f"of {group}", defaults={"is_staff": True})
    user.groups.add(Group.objects.get(name=group))
    browser = Client(headers={"accept-language": "de"})
    browser.force_login(user)
    session = browser.session
    about = f"{AccessEvent.What.RECORD} {NEWEST - 1}"
    session[reasons.KEPT] = {about: ("Regelmäßige Prüfung", timezone.now().isoformat())}
    session.save()
    return browser


def open_page(browser: Client, visit: Visit) -> None:
    """Open a page; it is there."""
    answer = browser.get(visit.address())
    assert answer.status_code == 200, f"{answer.status_code}: {visit.address()}"
