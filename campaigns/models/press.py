"""The press review: what feeds bring, and what belongs to a line besides its words."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.headlines import LINK_MAX, TEXT_MAX
from campaigns.models.editorial import Message


def check_feed_url(url: str) -> None:
    """Refuse what no worker would fetch. Raises ValidationError."""
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.username or parts.port not in (None, 443):
        raise ValidationError(
            _("Please give an address that begins with https://, without a name or a port.")
        )


class Feed(models.Model):
    """A paper whose headlines a worker fetches. These addresses, and no others, are fetched."""

    class Trouble(models.TextChoices):
        """Why the last attempt brought nothing."""

        NONE = "", _("none")
        ADDRESS = "address", _("Its address leads into a network of our own, or nowhere.")
        SILENT = "silent", _("It does not answer, or not in time.")
        REFUSED = "refused", _("It answers, but not with a list.")
        MOVED = "moved", _("It has moved. Please enter its new address.")
        TOO_LARGE = "too_large", _("It is too large.")
        UNREADABLE = "unreadable", _("What it sends is no RSS or Atom.")

    name = models.CharField(
        _("name"),
        max_length=40,
        unique=True,
        help_text=_("Stands before its headlines, for example “TA”."),
    )
    url = models.URLField(
        _("address of the feed"),
        max_length=LINK_MAX,
        unique=True,
        # Replaces the field's own check, which allows http and ftp.
        validators=[URLValidator(schemes=["https"]), check_feed_url],
        help_text=_("RSS or Atom. Also tells from which paper a pasted link is."),
    )
    has_paywall = models.BooleanField(
        _("for subscribers of the paper"),
        default=False,
        help_text=_("Its lines are marked “(Abo)”, until somebody unmarks them."),
    )
    is_active = models.BooleanField(
        _("fetch"), default=True, help_text=_("If not, the feed only names the paper of a link.")
    )
    tried_at = models.DateTimeField(_("last asked"), null=True, editable=False)
    fetched_at = models.DateTimeField(_("last fetched"), null=True, editable=False)
    trouble = models.CharField(
        _("trouble"), max_length=12, choices=Trouble.choices, blank=True, editable=False
    )

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("feed")
        verbose_name_plural = _("feeds")

    def __str__(self) -> str:
        return self.name


class FeedItem(models.Model):
    """A headline that a feed has brought. Forgotten a week after the feed dropped it."""

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="items", verbose_name=_("feed"))
    title = models.CharField(_("title"), max_length=TEXT_MAX)
    link = models.CharField(_("link"), max_length=LINK_MAX)
    published_at = models.DateTimeField(_("published"), null=True)
    found_at = models.DateTimeField(_("found"))
    listed_at = models.DateTimeField(_("last seen in the feed"))

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("headline")
        verbose_name_plural = _("headlines")
        constraints = [models.UniqueConstraint(fields=["feed", "link"], name="feed_item_once")]
        indexes = [
            # The press-review page: what has come since yesterday.
            models.Index(fields=["found_at"], name="feed_item_found"),
            # feeds.forget: what is old enough.
            models.Index(fields=["listed_at"], name="feed_item_listed"),
        ]

    def __str__(self) -> str:
        return f"{self.feed_id}: {self.title}"


class PressLine(models.Model):
    """What belongs to a line of a press review besides the words in the message."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="press_lines")
    text = models.CharField(_("line"), max_length=TEXT_MAX)
    link = models.CharField(_("link"), max_length=LINK_MAX, blank=True)
    has_paywall = models.BooleanField(_("for subscribers of the paper"), default=False)

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("line of a press review")
        verbose_name_plural = _("lines of press reviews")

    def __str__(self) -> str:
        return self.text
