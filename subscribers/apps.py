"""The app that knows who agreed, and to what."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SubscribersConfig(AppConfig):
    """Subscribers, consent and the vault."""

    name = "subscribers"
    verbose_name = _("Subscribers")

    def ready(self) -> None:
        """Let every `migrate` leave an installation with its tiers and its notice."""
        from subscribers import shipped  # models exist only now

        post_migrate.connect(shipped.after_migrate, sender=self)
