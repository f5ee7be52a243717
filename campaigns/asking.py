"""Asking for approval: a mail to whoever may give it, with a link to the page where to decide.

Like an alarm it holds no name, number or word of a message, so it may pass through any mail
server; and it is tried with every tick until it has left.
"""

import smtplib
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.models import Broadcast
from campaigns.telling import Words

BACKEND = "django.contrib.auth.backends.ModelBackend"  # whose rights count: those of the groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Asks by mail, in the language of the installation."""

    sender: str
    words: Words


def ask(asking: Asking, *, now: datetime) -> None:
    """Tell the approvers of everything that waits for them, once each."""
    for broadcast in Broadcast.objects.unasked().with_message():
        # Taken before telling, so that two workers do not tell twice; given back if it fails.
        row = Broadcast.objects.filter(pk=broadcast.pk)
        if not Broadcast.objects.unasked().filter(pk=broadcast.pk).update(approvers_asked_at=now):
            continue
        try:
            _mail(broadcast, asking)
        except (OSError, smtplib.SMTPException):
            row.update(approvers_asked_at=None)


def approvers(broadcast: Broadcast) -> list[str]:
    """Return the mail addresses of those who may approve it: never of who wrote it."""
    users = User.objects.with_perm(
        "campaigns.approve_broadcast", include_superusers=False, backend=BACKEND
    )
    own = (broadcast.submitted_by_id, broadcast.message.changed_by_id)
    others = users.exclude(email="").exclude(pk__in=[pk for pk in own if pk])
    return list(others.order_by("email").values_list("email", flat=True).distinct())


def _mail(broadcast: Broadcast, asking: Asking) -> None:
    """Send one mail for all of them, in which nobody sees the others. Raises what mail raises."""
    page = reverse("admin:campaigns_broadcast_review", args=[broadcast.pk])
    with translation.override(asking.words.language):
        subject = _("A message waits for your approval")
        body = _("Read and decide: %(url)s") % {"url": f"{asking.words.base_url}{page}"}
    EmailMessage(
        subject=f"SWE Broadcast: {subject}",
        body=f"{subject}.\n\n{body}\n",
        from_email=asking.sender,
        bcc=approvers(broadcast),
    ).send()
