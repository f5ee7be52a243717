"""The app that sends, and the Django admin in its role as the editorial desk."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings  # noqa: TID251 - the edge
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from campaigns import failpoints


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin, with our site class: start page, navigation by role."""

    default = False  # the app `campaigns` itself is CampaignsConfig
    default_site = "campaigns.admin.site.Desk"

    def ready(self) -> None:
        """Find our own pages before those of other apps.

        The first page to be registered makes the site. Were that another app's, the site's
        module would be imported half-way through and there would be two sites.
        """
        import_module("campaigns.admin")
        super().ready()


class CampaignsConfig(AppConfig):
    """Messages, broadcasts, deliveries."""

    name = "campaigns"
    verbose_name = _("Broadcasts")

    def ready(self) -> None:
        """Let every `migrate` leave categories and groups; set a failpoint if one is wanted."""
        from campaigns import holdings, shipped  # models exist only now

        holdings.register()
        post_migrate.connect(shipped.after_migrate, sender=self)
        if not settings.PRODUCTION:
            failpoints.switch_on(settings.FAILPOINT)
