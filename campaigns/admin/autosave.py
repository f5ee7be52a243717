"""What is typed reaches us every few seconds, so that it outlives a browser and a session.

The browser keeps it as well (static/desk/autosave.js), for when we are not there.
"""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from campaigns import unsaved
from campaigns.admin import press_form
from campaigns.admin.forms import ComposeForm
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import needs
from campaigns.admin.press_form import PressForm
from campaigns.models import Broadcast, Category

LONGEST = 20_000  # characters of a field; more is no text for WhatsApp
NOT_KEPT = {"upload", "slot", "corrects"}  # the next form has its own


@needs("campaigns.add_message")
@require_POST
def keep(
    request: HttpRequest, slug: str, pk: int | None = None, *, is_press: bool = False
) -> HttpResponse:
    """Keep a form as it is, or forget it (discard); say when, and who else is writing there."""
    category = get_object_or_404(Category.objects.select_related("template"), pk=slug)
    broadcast = _broadcast(category, pk)
    by, now = user_of(request), timezone.now()
    if "discard" in request.POST:
        unsaved.forget(by, category=category, broadcast=broadcast)
        return JsonResponse({"said": "", "others": ""})
    fields = _typed(request.POST, _names(request.POST, category, is_press=is_press))
    unsaved.keep(by=by, category=category, broadcast=broadcast, fields=fields, now=now)
    at = time_format(timezone.localtime(now))
    said = _("Kept at %(time)s, not yet saved") % {"time": at}
    return JsonResponse({"said": said, "others": others(broadcast, user=by)})


def shown(
    category: Category, broadcast: Broadcast | None, *, user: User, is_press: bool = False
) -> dict[str, Any]:
    """Return what a form that is opened knows of what was typed into it before."""
    kept, found = unsaved.of(user, category=category, broadcast=broadcast), None
    if kept and is_press == (press_form.PASTED in kept.fields):  # it is not of the other form
        found = {"at": int(kept.typed_at.timestamp() * 1000), "fields": kept.fields}
    page = "press_keep" if is_press else "broadcast_keep"
    place = [category.pk, broadcast.pk] if broadcast else [category.pk]
    return {
        "unsaved": found,
        "others": others(broadcast, user=user),
        "keep_at": reverse(f"admin:campaigns_{page}", args=place),
    }


def others(broadcast: Broadcast | None, *, user: User) -> str:
    """Say who else is writing at this moment; "" if nobody."""
    if broadcast is None:
        return ""
    people = unsaved.others(broadcast, than=user, now=timezone.now())
    names = [one.get_full_name() or one.get_username() for one in people]
    if not names:
        return ""
    words = ngettext(
        "%(names)s is writing here at the moment",
        "%(names)s are writing here at the moment",
        len(names),
    )
    return words % {"names": ", ".join(names)}


def _names(data: QueryDict, category: Category, *, is_press: bool) -> set[str]:
    """Return the fields of a form that are kept."""
    if not is_press:
        return ComposeForm(category=category).fields.keys() - NOT_KEPT
    fields = PressForm(category=category, lines=[]).fields.keys() - NOT_KEPT
    return fields | press_form.names_of_lines(data)


def _typed(data: QueryDict, names: set[str]) -> dict[str, str]:
    """Return what was typed. What a form has several times (the order of lines) is joined."""
    return {name: " ".join(data.getlist(name))[:LONGEST] for name in names & data.keys()}


def _broadcast(category: Category, pk: int | None) -> Broadcast | None:
    if pk is None:
        return None
    rows = Broadcast.objects.with_message().filter(message__category=category)
    return get_object_or_404(rows, pk=pk)
