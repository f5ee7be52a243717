"""The public pages: the privacy notice for everybody, and the copy of one's own data."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from subscribers import access, copies, promises, recipients, threads
from subscribers.models import Notice
from subscribers.wording import LANGUAGES

MAX_AGE = 600  # seconds; a new version of the notice is public after ten minutes at most


@require_safe
@cache_control(public=True, max_age=MAX_AGE)
def privacy_notice(request: HttpRequest) -> HttpResponse:
    """Show the notice in force, in the language of ?lang= or else of the browser.

    Needs no login and sets no cookie.
    """
    language = _language(request)
    with translation.override(language):
        context = {
            "notice": Notice.objects.current(language),
            "organisation": settings.ORGANISATION,
            "language": language,
            "languages": {"de": "Deutsch", "en": "English"},
            "kept": promises.numbers(),
            "keeps_proof": settings.PROOF_MODE != "none",
            "is_discarding": threads.is_discarding(),
            "recipients": recipients.names(on=timezone.localdate()),
        }
        response = render(request, "datenschutz.html", context)
    response.headers["Content-Language"] = language
    return response


@csrf_exempt  # the secret in the address is the permission; without it nothing can be forged
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def own_data(request: HttpRequest, secret: str) -> HttpResponse:
    """Offer the copy of one's own data (GET), and give it (POST), each format once.

    A GET takes nothing: messengers look at links before people do.
    """
    wanted = request.POST.get("format")
    if request.method == "POST" and wanted in access.FORMATS:
        keeps_proof = settings.PROOF_MODE != "none"
        copy = access.take(secret, wanted, now=timezone.now(), keeps_proof=keeps_proof)
        if copy is not None:
            return _file(copy, wanted)
    offer = access.look(secret, now=timezone.now())
    language = offer.language if offer else _language(request)
    with translation.override(language):
        response = render(
            request,
            "auskunft.html",
            {"offer": offer, "organisation": settings.ORGANISATION, "language": language},
            status=200 if offer and offer.formats else 410,
        )
    return _unseen(response)


def _file(copy: Mapping[str, Any], form: access.Format) -> HttpResponse:
    """Give the copy as a download."""
    if form == "json":
        response = HttpResponse(copies.as_json(copy), content_type="application/json")
    else:
        zone = ZoneInfo(settings.TIME_ZONE)
        made = copies.as_pdf(copy, organisation=settings.ORGANISATION, zone=zone)
        response = HttpResponse(made, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="auskunft.{form}"'
    return _unseen(response)


def _unseen(response: HttpResponse) -> HttpResponse:
    """Keep the address out of other sites' logs, and the page out of search engines."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _language(request: HttpRequest) -> str:
    """Choose among the languages of the notice; the first one where none is asked for."""
    wished = request.GET.get("lang") or translation.get_language() or ""
    return wished[:2] if wished[:2] in LANGUAGES else LANGUAGES[0]
