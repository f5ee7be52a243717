"""The one public page: the privacy notice, for whoever considers joining, and for everybody."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

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
        }
        response = render(request, "datenschutz.html", context)
    response.headers["Content-Language"] = language
    return response


def _language(request: HttpRequest) -> str:
    """Choose among the languages of the notice; the first one where none is asked for."""
    wished = request.GET.get("lang") or translation.get_language() or ""
    return wished[:2] if wished[:2] in LANGUAGES else LANGUAGES[0]
