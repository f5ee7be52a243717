"""What both pages for writing ask when they are opened: what to copy, which place to fill,
whether the broadcast may still be changed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from campaigns.admin import verbs
from campaigns.admin.navigation import user_of
from campaigns.models import Broadcast, Category, Message, Slot


def slot(request: HttpRequest, category: Category) -> Slot | None:
    """Return the place in the plan that is to be filled, if one is named (?slot=)."""
    wanted = request.GET.get("slot", "")
    if not wanted.isdecimal():
        return None
    return get_object_or_404(Slot, pk=int(wanted), series__category=category)


def copied(request: HttpRequest) -> Message | None:
    """Return the message that is to be copied, if one is named (?copy=) and may be seen."""
    wanted = request.GET.get("copy", "")
    if not wanted.isdecimal() or not request.user.has_perm("campaigns.view_message"):
        return None
    return get_object_or_404(Broadcast.objects.with_message(), pk=int(wanted)).message


def closed(request: HttpRequest, broadcast: Broadcast) -> HttpResponse | None:
    """Return the way out of a form whose broadcast can no longer be changed, with a message.

    What was typed into it before is taken in all the same, and answered by the form itself.
    """
    if request.method == "POST" or verbs.can_edit(broadcast, user=user_of(request)):
        return None
    state = broadcast.get_state_display()
    messages.error(request, _("It can no longer be changed: it is “%(s)s”.") % {"s": state})
    return redirect("admin:campaigns_broadcast_change", broadcast.pk)
