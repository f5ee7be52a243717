"""A day that somebody chooses to look back at."""

from datetime import date, datetime, time

from django.utils import timezone
from django.utils.dateparse import parse_date


def chosen(typed: str) -> date:
    """Return the day that was typed as YYYY-MM-DD, or today."""
    try:
        return parse_date(typed) or timezone.localdate()
    except ValueError:  # 2026-02-30
        return timezone.localdate()


def end(day: date) -> datetime:
    """Return the last moment of a day, in the time of this installation."""
    return datetime.combine(day, time.max, tzinfo=timezone.get_current_timezone())
