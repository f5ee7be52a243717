"""Which pages the desk has, and which of them somebody may open."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the navigation."""

    label: Promise
    address: str  # name of the list page, as the admin calls it
    right: str  # "" for everybody
    icon: str  # id in templates/desk/icons.html


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that this person may open, as the template shows it."""

    page: Page
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Entries that belong together, under a heading; the first has none."""

    label: Promise | str
    entries: list[Entry]


# The heading, and below it the pages in the order of a day's work.
SECTIONS: tuple[tuple[Promise | str, tuple[Page, ...]], ...] = (
    (
        "",
        (
            Page(_("Start"), "index", "", "home"),
            Page(
                _("Broadcasts"),
                "campaigns_broadcast_changelist",
                "campaigns.view_broadcast",
                "broadcast",
            ),
            Page(_("Plan"), "campaigns_slot_changelist", "campaigns.view_broadcast", "plan"),
            Page(
                _("Archive"),
                "campaigns_archivedbroadcast_changelist",
                "campaigns.view_archivedbroadcast",
                "archive",
            ),
            Page(
                _("Recurring places"),
                "campaigns_series_changelist",
                "campaigns.view_series",
                "series",
            ),
            Page(_("Replies"), "subscribers_thread_changelist", "subscribers.view_thread", "reply"),
            Page(
                _("My phone"),
                "campaigns_phonetest_changelist",
                "campaigns.send_phonetest",
                "phone",
            ),
            Page(_("Feeds"), "campaigns_feed_changelist", "campaigns.view_feed", "feed"),
            Page(_("Media"), "campaigns_media_changelist", "campaigns.view_media", "media"),
            Page(
                _("Categories"),
                "campaigns_category_changelist",
                "campaigns.view_category",
                "category",
            ),
            Page(
                _("Templates"),
                "campaigns_messagetemplate_changelist",
                "campaigns.view_messagetemplate",
                "template",
            ),
        ),
    ),
    (
        _("Money"),
        (
            Page(_("Costs"), "campaigns_charge_changelist", "campaigns.view_charge", "costs"),
            Page(_("Rate card"), "campaigns_rate_changelist", "campaigns.view_rate", "rate"),
            Page(
                _("Monthly budgets"),
                "campaigns_budget_changelist",
                "campaigns.view_budget",
                "budget",
            ),
        ),
    ),
    (
        _("People"),
        (
            Page(
                _("Evidence"),
                "subscribers_ledgercheck_changelist",
                "subscribers.view_ledgercheck",
                "evidence",
            ),
            Page(
                _("Before the start"),
                "subscribers_clearance_changelist",
                "subscribers.view_clearance",
                "papers",
            ),
            Page(
                _("Incidents"),
                "subscribers_incident_changelist",
                "subscribers.view_incident",
                "incident",
            ),
            Page(
                _("Consent register"),
                "subscribers_consentevent_changelist",
                "subscribers.view_consentevent",
                "register",
            ),
            Page(
                _("Privacy notices"),
                "subscribers_notice_changelist",
                "subscribers.view_notice",
                "notice",
            ),
            Page(
                _("Texts to subscribers"),
                "subscribers_textversion_changelist",
                "subscribers.view_textversion",
                "text",
            ),
            Page(
                _("Joining"),
                "subscribers_joincode_changelist",
                "subscribers.view_joincode",
                "join",
            ),
            Page(
                _("Access log"),
                "subscribers_accessevent_changelist",
                "subscribers.view_accessevent",
                "log",
            ),
            Page(
                _("Processors"),
                "subscribers_processor_changelist",
                "subscribers.view_processor",
                "processor",
            ),
            Page(
                _("Figures"),
                "subscribers_monthlyfigure_changelist",
                "subscribers.view_monthlyfigure",
                "figures",
            ),
        ),
    ),
    (
        _("Operation"),
        (
            Page(
                _("WhatsApp number"),
                "campaigns_channel_changelist",
                "campaigns.view_channel",
                "channel",
            ),
            Page(
                _("Keeping replies"),
                "subscribers_letterbox_changelist",
                "subscribers.change_letterbox",
                "reply",
            ),
            Page(_("Users"), "auth_user_changelist", "auth.view_user", "user"),
            Page(_("Groups"), "auth_group_changelist", "auth.view_group", "group"),
            Page(_("Log"), "admin_logentry_changelist", "admin.view_logentry", "log"),
        ),
    ),
)


def of(request: HttpRequest) -> list[Section]:
    """Return what this person may open, in the order of the menu; no section is empty."""
    if not request.user.is_authenticated:
        return []
    sections = []
    for label, pages in SECTIONS:
        entries = [_entry(page, request) for page in pages if _may_open(page, request)]
        if entries:
            sections.append(Section(label, entries))
    return sections


def _may_open(page: Page, request: HttpRequest) -> bool:
    return not page.right or request.user.has_perm(page.right)


def _entry(page: Page, request: HttpRequest) -> Entry:
    url = reverse(f"admin:{page.address}")
    is_start = page.address == "index"
    is_current = request.path == url if is_start else request.path.startswith(url)
    return Entry(page, url, is_current)


def user_of(request: HttpRequest) -> User:
    """Return who is signed in. Raises PermissionDenied; `admin_view` has asked before."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
