"""What subscribers write to the desk, without what could tell who they are."""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from subscribers.models.people import Subscriber

ABOUT_MAX = 120  # characters of the headline that a letter answers


class Thread(models.Model):
    """The replies of one person, under an alias that ages out (subscribers/threads.py)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    alias = models.CharField(_("alias"), max_length=40, unique=True)
    # Never shown. It leads to a random id, and takes the thread along when somebody is erased.
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="+")
    heard_at = models.DateTimeField(_("last heard of"))  # shown in coarse words only
    is_waiting = models.BooleanField(_("waits for an answer"), default=True)

    personal_fields = frozenset({"id", "alias", "subscriber", "heard_at", "is_waiting"})

    class Meta:
        verbose_name = _("thread")
        verbose_name_plural = _("replies of subscribers")
        indexes = [
            # For threads.open_ones(): its order, and how many wait.
            models.Index(fields=["-is_waiting", "-heard_at"], name="thread_open"),
            # For the rule of retention.py.
            models.Index(fields=["heard_at"], name="thread_heard"),
        ]
        default_permissions = ["view"]
        permissions = [("answer_thread", _("Can answer a thread"))]

    def __str__(self) -> str:
        return self.alias


class ThreadMessage(models.Model):
    """One message of a thread, as much of it as was stored."""

    class Direction(models.TextChoices):
        """Who speaks."""

        HEARD = "heard", _("subscriber")
        SAID = "said", _("desk")

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="messages")
    direction = models.CharField(max_length=5, choices=Direction.choices)
    text = models.TextField()  # redacted; the original is stored nowhere
    is_shortened = models.BooleanField(default=False)
    about = models.CharField(max_length=ABOUT_MAX, blank=True)  # headline of what it answers
    at = models.DateTimeField(db_index=True)  # for the rule of retention.py

    personal_fields = frozenset({"thread", "direction", "text", "is_shortened", "about", "at"})

    class Meta:
        verbose_name = _("message of a thread")
        verbose_name_plural = _("messages of threads")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


class Told(models.Model):
    """Something about replies that somebody has been told, so that it is not said every time."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="+", db_index=False)
    what = models.CharField(max_length=20)  # name of a text
    at = models.DateTimeField()

    personal_fields = frozenset({"subscriber", "what", "at"})

    class Meta:
        verbose_name = _("told")
        verbose_name_plural = _("told")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["subscriber", "what"], name="told_once")]


class Letterbox(models.Model):
    """Whether replies are kept at all. There is one."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    is_discarding = models.BooleanField(_("replies are discarded"), default=False)

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("letterbox")
        verbose_name_plural = _("letterbox")
        default_permissions = ["change"]
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="letterbox_is_one")]
