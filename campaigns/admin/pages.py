"""What the desk's own pages have in common: a right, the frame, an answer."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template import loader
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

P = ParamSpec("P")

# Translators: how a moment is written, see Django's date filter
MOMENT = gettext_lazy("D, j M, H:i")


def moment(at: datetime) -> str:
    """Write a moment, in the time of this installation."""
    return date_format(timezone.localtime(at), str(MOMENT))


def needs(
    right: str,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponse],
]:
    """Refuse a page of the desk to whoever lacks a right; ask strangers to sign in."""

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.has_perm(right):
                raise PermissionDenied
            answer = view(request, *args, **kwargs)
            if isinstance(answer, HttpResponseNotAllowed):  # on its way back from signing in
                answer.content = loader.render_to_string("405.html")
            return answer

        @wraps(view)
        def entrance(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            return admin.site.admin_view(guarded)(request, *args, **kwargs)

        return entrance

    return decorate


def show(request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
    """Show a page within the desk's frame."""
    return TemplateResponse(request, template, admin.site.each_context(request) | context)


def taken_in(request: HttpRequest, words: str, *, level: int = messages.SUCCESS) -> None:
    """Say that what was posted is kept by us, so that the browser forgets its own copy of it.

    The class of the message names the form by the address it was posted to (static/desk/desk.js).
    """
    messages.add_message(request, level, words, extra_tags=f"unsaved:{request.path}")
