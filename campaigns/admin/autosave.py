"""What is typed reaches us every few seconds, so that it outlives a browser and a session.

The browser keeps it as well (static/desk/autosave.js), for when we are not there.
"""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from campaigns import unsaved
from campaigns.admin import forms
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import needs
from campaigns.models import Broadcast, Category

LONGEST = 20_000  # characters of a field; more is no text for WhatsApp
NOT_KEPT = {"upload", "slot", "corrects"}  # the next form has its own


@needs("campaigns.add_message")
@require_POST
def keep(request: HttpRequest, slug: str, pk: int | None = None) -> HttpResponse:
    """Keep a form as it is, or forget it (discard); say when, and who else is writing there."""
    category = get_object_or_404(Category.objects.select_related("template"), pk=slug)
    broadcast = _broadcast(category, pk)
    by, now = user_of(request), timezone.now()
    if "discard" in request.POST:
        unsaved.forget(by, category=category, broadcast=broadcast)
        return JsonResponse({"said": "", "others": ""})
    names = forms.ComposeForm(category=category).fields.keys() - NOT_KEPT
    fields = {name: str(request.POST[name])[:LONGEST] for name in names & request.POST.keys()}
    unsaved.keep(by=by, category=category, broadcast=broadcast, fields=fields, now=now)
    at = time_format(timezone.localtime(now))
    said = _("Kept at %(time)s, not yet saved") % {"time": at}
    return JsonResponse({"said": said, "others": others(broadcast, user=by)})


def shown(category: Category, broadcast: Broadcast | None, *, user: User) -> dict[str, Any]:
    """Return what a form that is opened knows of what was typed into it before."""
    kept = unsaved.of(user, category=category, broadcast=broadcast)
    found = {"at": int(kept.typed_at.timestamp() * 1000), "fields": kept.fields} if kept else None
    return {"unsaved": found, "others": others(broadcast, user=user)}


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


def _broadcast(category: Category, pk: int | None) -> Broadcast | None:
    if pk is None:
        return None
    rows = Broadcast.objects.with_message().filter(message__category=category)
    return get_object_or_404(rows, pk=pk)
