"""A page about people is not shown before it is noted who asked for it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from subscribers import access_log
from subscribers.admin import reasons
from subscribers.models import AccessEvent

OK = 200
View = Callable[..., HttpResponse]


def noted(what: AccessEvent.What) -> Callable[[View], View]:
    """Let a view of a ModelAdmin note each page that it shows, with the number of its row.

    What is refused, or leads on to another page, has shown nothing and is not noted.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def noting(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(self, request, *args, **kwargs)
            if response.status_code == OK:
                is_row = args and isinstance(args[0], str)
                ref = args[0] if is_row else kwargs.get("object_id", kwargs.get("pk", ""))
                reason = reasons.given(request, f"{what} {ref}", now=timezone.now())
                note(request, what, ref=str(ref), reason=reason)
            return response

        return noting

    return decorate


def note(request: HttpRequest, what: AccessEvent.What, *, ref: str = "", reason: str = "") -> None:
    """Note what whoever is signed in is about to see."""
    user = request.user if isinstance(request.user, User) else None
    access_log.note(what, user=user, now=timezone.now(), ref=ref, reason=reason)
