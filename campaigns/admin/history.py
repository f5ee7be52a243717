"""The versions of a message: who saved what, what changed, and one of them brought back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import scheduling
from campaigns.admin import differences, verbs
from campaigns.admin.navigation import user_of
from campaigns.admin.pages import needs, show
from campaigns.models import Broadcast, MessageVersion
from campaigns.refusals import NotPossible

MOST = 100  # versions on the page


@needs("campaigns.view_message")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """List the versions, and compare two of them: the last two, unless others are chosen."""
    broadcast = get_object_or_404(Broadcast.objects.with_message(), pk=pk)
    rows = MessageVersion.objects.filter(message=broadcast.message)
    known = rows.select_related("saved_by", "template", "media").defer("media__content")
    newest = list(known.order_by("-revision")[:MOST])
    after = _chosen(request, "to", newest, default=0)
    before = _chosen(request, "from", newest, default=1)
    changed = []
    if before and after:
        changed = differences.between(differences.words_of(before), differences.words_of(after))
    return show(
        request,
        "desk/versions.html",
        title=_("Versions"),
        broadcast=broadcast,
        versions=newest,
        before=before,
        after=after,
        differences=changed,
        can_edit=verbs.can_edit(broadcast, user=user_of(request)),
    )


@needs("campaigns.change_message")
@require_POST
def restore(request: HttpRequest, pk: int, revision: int) -> HttpResponse:
    """Save an older version as the newest one; the one before stays in the list."""
    broadcast = get_object_or_404(Broadcast.objects.with_message(), pk=pk)
    version = get_object_or_404(MessageVersion, message=broadcast.message, revision=revision)
    try:
        scheduling.change(
            broadcast,
            revision=broadcast.message.revision,
            values=version.values,
            full_text=version.full_text,
            media=version.media,
            due_at=broadcast.due_at,
            not_after=broadcast.not_after,
            by=user_of(request),
            now=timezone.now(),
        )
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Version %(n)s is the newest one again.") % {"n": revision})
    return redirect("admin:campaigns_broadcast_versions", pk)


def _chosen(
    request: HttpRequest, name: str, known: list[MessageVersion], *, default: int
) -> MessageVersion | None:
    wanted = request.GET.get(name, "")
    found = [one for one in known if str(one.revision) == wanted] or known[default : default + 1]
    return found[0] if found else None
