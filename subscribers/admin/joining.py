"""How people join: the poster with its QR code, and the join code that may be asked for."""

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from subscribers import admission, poster
from subscribers.admin.readonly import ReadOnlyAdmin
from subscribers.models import JoinCode

CHANGES = ("require", "release", "rotate")


@admin.register(JoinCode)
class JoinCodeAdmin(ReadOnlyAdmin):
    """There is one code, so its list is its page."""

    def get_urls(self) -> list[URLPattern]:
        """Offer the page, the files, and the switch."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.joining), name="subscribers_joincode_changelist"),
            path("poster.<str:form>", view(self.poster), name="subscribers_joincode_poster"),
            path("<str:change>/", view(self.change), name="subscribers_joincode_do"),
        ]

    def joining(self, request: HttpRequest) -> HttpResponse:
        """Show the poster, the code and whether it is asked for."""
        self._check(request, "view")
        return self.page(
            request,
            "admin/subscribers/joining.html",
            title=_("Joining"),
            code=admission.current(now=timezone.now()),
            number=settings.WHATSAPP_NUMBER,
            link=poster.link(settings.WHATSAPP_NUMBER) if settings.WHATSAPP_NUMBER else "",
            can_change=request.user.has_perm("subscribers.change_joincode"),
        )

    def poster(self, request: HttpRequest, form: str) -> HttpResponse:
        """Give the QR code as SVG, or the poster as PDF."""
        self._check(request, "view")
        number = settings.WHATSAPP_NUMBER
        if not number or form not in ("svg", "pdf"):
            raise Http404
        if form == "svg":
            response = HttpResponse(poster.svg(number), content_type="image/svg+xml")
        else:
            made = poster.pdf(
                number,
                name=settings.ORGANISATION["name"],
                needs_code=admission.is_required(),
            )
            response = HttpResponse(made, content_type="application/pdf")
        response.headers["Content-Disposition"] = f'inline; filename="start.{form}"'
        return response

    def change(self, request: HttpRequest, change: str) -> HttpResponse:
        """Ask for the code from now on, or no longer, or draw a new one."""
        self._check(request, "change")
        if request.method == "POST" and change in CHANGES:
            now = timezone.now()
            if change == "rotate":
                code = admission.rotate(now=now)
                messages.success(request, _("There is a new code. The old one counts for a week."))
            else:
                code = admission.require(is_required=change == "require", now=now)
                messages.success(request, _("Changed. It counts at once."))
            self.log_change(request, code, f"join code: {change}")
        return redirect("admin:subscribers_joincode_changelist")

    def _check(self, request: HttpRequest, right: str) -> None:
        if not request.user.has_perm(f"subscribers.{right}_joincode"):
            raise PermissionDenied
