"""Asking WhatsApp from a button of the desk, and saying what came of it."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import connections, templates_sync
from campaigns.admin.navigation import user_of
from campaigns.models import MessageTemplate
from whatsapp.errors import WhatsAppError


def push(request: HttpRequest) -> None:
    """Submit what WhatsApp does not have yet."""

    def question() -> str:
        submitted = templates_sync.push(
            client=connections.cloud_client(),
            app_id=settings.WHATSAPP_APP_ID,
            now=timezone.now(),
        )
        n = len(submitted)
        return ngettext("%(n)s template submitted.", "%(n)s templates submitted.", n) % {"n": n}

    _ask(request, question)


def submit(request: HttpRequest, template: MessageTemplate) -> None:
    """Hand one template in, unless somebody has done so before."""
    if template.status not in templates_sync.TO_SUBMIT:
        messages.error(request, _("It has already been submitted."))
        return

    def question() -> str:
        templates_sync.submit(
            template,
            client=connections.cloud_client(),
            app_id=settings.WHATSAPP_APP_ID,
            now=timezone.now(),
            by=user_of(request),
        )
        return _("Submitted. WhatsApp usually answers within a day; this page shows it.")

    _ask(request, question)


def compare(request: HttpRequest) -> None:
    """Take over what WhatsApp says about all of ours."""

    def question() -> str:
        client = connections.cloud_client()
        return _compared(templates_sync.sync(client=client, now=timezone.now()))

    _ask(request, question)


def _compared(found: templates_sync.Reconciled) -> str:
    said = [_("Compared with WhatsApp.")]
    if not (found.changed or found.gone):
        said.append(_("Nothing has changed."))
    if n := found.changed:
        said.append(ngettext("%(n)s has changed.", "%(n)s have changed.", n) % {"n": n})
    if n := found.gone:
        words = ngettext("%(n)s is deleted there.", "%(n)s are deleted there.", n)
        said.append(words % {"n": n})
    if n := found.foreign:
        words = ngettext("%(n)s there is unknown here.", "%(n)s there are unknown here.", n)
        said.append(words % {"n": n})
    return " ".join(said)


def _ask(request: HttpRequest, question: Callable[[], str]) -> None:
    try:
        messages.success(request, question())
    except WhatsAppError as trouble:
        words = {"trouble": str(trouble)}
        messages.error(request, _("WhatsApp did not do it: %(trouble)s") % words)
