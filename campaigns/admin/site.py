"""The site class of the desk."""

from functools import partial
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from campaigns.admin import alarm_bar, incident_bar, navigation, pens, start
from campaigns.admin.pages import MOMENT


class Desk(AdminSite):
    """Django's admin, as editors see it: our start page, navigation by right."""

    site_header = site_title = "SWE Broadcast"
    index_title = _("Start")
    site_url = None
    enable_nav_sidebar = False  # ours stands in templates/admin/base_site.html

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add what the frame of every page needs."""
        return super().each_context(request) | {
            "navigation": navigation.of(request),
            "pens": pens.of(request),
            "alarm_bar": SimpleLazyObject(partial(alarm_bar.of, request)),  # the start has its own
            "incident": incident_bar.of(request),
            "moment": str(MOMENT),
            "zone_name": timezone.get_current_timezone_name(),
        }

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show the start page of whoever asks."""
        page = start.page(navigation.user_of(request), now=timezone.now())
        return super().index(request, {**page, **(extra_context or {})})

    def app_index(  # type: ignore[override]
        self,
        request: HttpRequest,
        app_label: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Lead to the start page; our pages are not grouped by Python package."""
        return redirect("admin:index")
