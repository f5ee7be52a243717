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


PAGES = (
    Page(_("Start"), "index", "", "home"),
    Page(
        _("Broadcasts"),
        "campaigns_broadcast_changelist",
        "campaigns.view_broadcast",
        "broadcast",
    ),
    Page(_("Categories"), "campaigns_category_changelist", "campaigns.view_category", "category"),
    Page(
        _("Templates"),
        "campaigns_messagetemplate_changelist",
        "campaigns.view_messagetemplate",
        "template",
    ),
    Page(_("Media"), "campaigns_media_changelist", "campaigns.view_media", "media"),
    Page(_("WhatsApp number"), "campaigns_channel_changelist", "campaigns.view_channel", "channel"),
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
        _("Figures"),
        "subscribers_monthlyfigure_changelist",
        "subscribers.view_monthlyfigure",
        "figures",
    ),
    Page(_("Users"), "auth_user_changelist", "auth.view_user", "user"),
    Page(_("Groups"), "auth_group_changelist", "auth.view_group", "group"),
    Page(_("Log"), "admin_logentry_changelist", "admin.view_logentry", "log"),
)


def of(request: HttpRequest) -> list[Entry]:
    """Return what this person may open, in the order of the menu."""
    if not request.user.is_authenticated:
        return []
    entries = []
    for page in PAGES:
        if page.right and not request.user.has_perm(page.right):
            continue
        url = reverse(f"admin:{page.address}")
        is_current = (
            request.path == url if page.address == "index" else request.path.startswith(url)
        )
        entries.append(Entry(page, url, is_current))
    return entries


def user_of(request: HttpRequest) -> User:
    """Return who is signed in. Raises PermissionDenied; `admin_view` has asked before."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
