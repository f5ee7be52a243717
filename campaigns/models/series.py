"""Recurring broadcasts: a series, and its slots: places in the plan that wait for words."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns import slots
from campaigns.models.editorial import Category
from campaigns.slots import HOLIDAYS, Rhythm


class Weekday(models.IntegerChoices):
    """Python's numbers of the days of a week."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Series(models.Model):
    """A place in the plan that comes back: Monday to Friday at 6:30, press review."""

    category = models.ForeignKey(Category, models.PROTECT, verbose_name=_("category"))
    weekdays = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("weekdays"))
    at = models.TimeField(
        _("time"),
        help_text=_("By the clock on the wall, in summer and in winter."),
    )
    useful_until = models.TimeField(
        _("of use until"),
        help_text=_("What has not begun by then on the same day is marked as missed, not sent."),
    )
    warn_before = models.DurationField(
        _("warn before"),
        help_text=_("So long before its time an empty place is shown in red and somebody is told."),
    )
    zone = models.CharField(
        _("time zone"), max_length=40, help_text=_("Whose clock counts, for example Europe/Berlin.")
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("Empty: until further notice.")
    )
    skips_holidays = models.BooleanField(
        _("not on public holidays"), default=True, help_text=_("The public holidays of Thuringia.")
    )
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Switched off, it takes no new places in the plan; what is written stays."),
    )

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("recurring place")
        verbose_name_plural = _("recurring places")
        constraints = [
            models.CheckConstraint(
                condition=Q(useful_until__gt=F("at")), name="series_useful_after_its_time"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="series_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category}, {self.at:%H:%M}"

    @property
    def rhythm(self) -> Rhythm:
        """Its dates and moments."""
        return Rhythm(
            at=self.at,
            zone=ZoneInfo(self.zone),
            weekdays=frozenset(self.weekdays),
            first_on=self.starts_on,
            last_on=self.ends_on,
            days_off=HOLIDAYS if self.skips_holidays else (),
        )

    def end(self, day: date) -> datetime:
        """Until when the place of this date is of use, in UTC."""
        return slots.moment(day, self.useful_until, zone=ZoneInfo(self.zone))


class Slot(models.Model):
    """One date of a series. Local date, time and zone are the truth; the moments are derived."""

    series = models.ForeignKey(
        Series, models.CASCADE, related_name="slots", verbose_name=_("recurring place")
    )
    local_date = models.DateField(_("day"))
    due_at = models.DateTimeField(_("to be sent at"))
    useful_until = models.DateTimeField(_("of use until"))
    missed_at = models.DateTimeField(_("missed at"), null=True)

    personal_fields: frozenset[str] = frozenset()

    class Meta:
        verbose_name = _("place in the plan")
        verbose_name_plural = _("places in the plan")
        constraints = [
            models.UniqueConstraint(fields=["series", "local_date"], name="slot_once_a_day")
        ]
        indexes = [
            # For the tick: what is still to be filled, moved or missed.
            models.Index(fields=["due_at"], condition=Q(missed_at__isnull=True), name="slot_awake")
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.local_date}"
