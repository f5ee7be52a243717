"""What every installation has after `migrate`: categories with their templates, groups, the
channel.

Missing rows are added, existing ones are left alone: they belong to the installation. Only
the rights of the five groups are set anew each time; they are a promise of this release.
"""

import json
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from campaigns import press
from campaigns.composing import READ_BUTTON
from campaigns.models import Category, Channel, MessageTemplate, Rate
from campaigns.models.money import Purpose

LANGUAGE = "de"

# Germany, euros a delivered message, before VAT. Answers have cost as much as utility since
# October 2026, after the first 1,000 of a month (Meta, "Non-template messages", July 2026).
PRICE_LIST = "WhatsApp Business Platform, rate card of July 2026, Germany"
RATES = (
    (Purpose.MARKETING, date(2025, 7, 1), Decimal("0.1131")),
    (Purpose.UTILITY, date(2025, 7, 1), Decimal("0.0456")),
    (Purpose.SERVICE, date(2025, 7, 1), Decimal(0)),
    (Purpose.SERVICE, date(2026, 10, 1), Decimal("0.0456")),
)

# Group -> rights. tests/campaigns/admin/test_rights.py holds every page and verb against this.
RIGHTS: dict[str, set[str]] = {
    "Redaktion": {
        "campaigns.add_feed",
        "campaigns.add_media",
        "campaigns.add_message",
        "campaigns.add_messagetemplate",
        "campaigns.add_series",
        "campaigns.change_feed",
        "campaigns.change_message",
        "campaigns.change_series",
        "campaigns.export_archivedbroadcast",
        "campaigns.schedule_broadcast",
        "campaigns.stop_broadcast",
        "campaigns.delete_feed",
        "campaigns.send_phonetest",
        "campaigns.submit_broadcast",
        "campaigns.view_archivedbroadcast",
        "campaigns.view_broadcast",
        "campaigns.view_category",
        "campaigns.view_charge",
        "campaigns.view_feed",
        "campaigns.view_media",
        "campaigns.view_message",
        "campaigns.view_messagetemplate",
        "campaigns.view_series",
        "subscribers.add_textversion",
        "subscribers.answer_thread",
        "subscribers.view_joincode",
        "subscribers.view_textversion",
        "subscribers.view_thread",
    },
    "Freigabe": {
        "campaigns.approve_broadcast",
        "campaigns.export_archivedbroadcast",
        "campaigns.schedule_broadcast",
        "campaigns.send_phonetest",
        "campaigns.stop_broadcast",
        "campaigns.view_archivedbroadcast",
        "campaigns.view_broadcast",
        "campaigns.view_category",
        "campaigns.view_charge",
        "campaigns.view_media",
        "campaigns.view_message",
        "campaigns.view_messagetemplate",
        "campaigns.view_series",
    },
    "Datenschutz": {
        "admin.view_logentry",
        "subscribers.add_processor",
        "subscribers.change_processor",
        "subscribers.approve_textversion",
        "subscribers.confirm_clearance",
        "subscribers.declare_incident",
        "subscribers.view_accessevent",
        "subscribers.view_clearance",
        "subscribers.view_consentevent",
        "subscribers.view_incident",
        "subscribers.view_ledgercheck",
        "subscribers.view_notice",
        "subscribers.view_processor",
        "subscribers.view_record",
        "subscribers.view_textversion",
    },
    "Personal": {
        "subscribers.export_monthlyfigure",
        "subscribers.view_monthlyfigure",
    },
    "IT": {
        "admin.view_logentry",
        "auth.add_user",
        "auth.change_user",
        "auth.view_group",
        "auth.view_user",
        "campaigns.add_budget",
        "campaigns.add_feed",
        "campaigns.add_messagetemplate",
        "campaigns.add_rate",
        "campaigns.add_series",
        "campaigns.change_budget",
        "campaigns.change_category",
        "campaigns.change_feed",
        "campaigns.delete_feed",
        "campaigns.change_rate",
        "campaigns.change_series",
        "campaigns.export_archivedbroadcast",
        "campaigns.stop_broadcast",
        "campaigns.stop_channel",
        "campaigns.sync_messagetemplate",
        "campaigns.view_archivedbroadcast",
        "campaigns.view_broadcast",
        "campaigns.view_category",
        "campaigns.view_channel",
        "campaigns.view_charge",
        "campaigns.view_budget",
        "campaigns.view_feed",
        "campaigns.view_rate",
        "campaigns.view_messagetemplate",
        "campaigns.view_series",
        "subscribers.change_joincode",
        "subscribers.change_letterbox",
        "subscribers.declare_incident",
        "subscribers.view_clearance",
        "subscribers.view_incident",
        "subscribers.view_joincode",
    },
}


def after_migrate(*, using: str, **_signal: Any) -> None:
    """Receive Django's post_migrate."""
    if using != "default":
        return
    add_missing_categories()
    add_missing_variants()
    add_missing_letters()
    add_missing_rates()
    Channel.objects.get_or_create(pk=Channel.ONLY)
    set_group_rights()


def add_missing_categories() -> None:
    """Add the shipped categories, each with its template, where they are missing."""
    shipped = resources.files("campaigns").joinpath("categories.json").read_text("utf-8")
    for position, entry in enumerate(json.loads(shipped)):
        slug, words, reading = entry.pop("slug"), entry.pop("template"), entry.pop("reading", "")
        hours, late = entry.pop("useful_for_hours"), entry.pop("late_for_hours")
        template, _made = MessageTemplate.objects.get_or_create(
            name=slug, language=LANGUAGE, defaults=words
        )
        Category.objects.get_or_create(
            slug=slug,
            defaults={
                **entry,
                "template": template,
                "position": position,
                "useful_for": timedelta(hours=hours),
                "late_for": timedelta(hours=late),
            },
        )
        if reading:
            _add_reading_template(slug, {**words, "body": reading, "buttons": [READ_BUTTON]})


def _add_reading_template(slug: str, words: dict[str, Any]) -> None:
    """Add the template that announces a full text, and tell the category of it, once: whoever
    takes it away from a category has decided so."""
    template, is_new = MessageTemplate.objects.get_or_create(
        name=f"{slug}_lesen", language=LANGUAGE, defaults=words
    )
    if is_new:
        Category.objects.filter(slug=slug).update(reading_template=template)


def add_missing_variants() -> None:
    """Add the templates that press reviews need besides that of their category."""
    for category in Category.objects.filter(is_press_review=True).select_related("template"):
        press.add_variants(category)


def add_missing_letters() -> None:
    """Add the templates of what is said to subscribers outside a conversation."""
    shipped = resources.files("campaigns").joinpath("letters.json").read_text("utf-8")
    for entry in json.loads(shipped):
        MessageTemplate.objects.get_or_create(
            name=entry.pop("name"), language=entry.pop("language"), defaults=entry
        )


def add_missing_rates() -> None:
    """Add the rate card as far as no price of that day is known."""
    for purpose, valid_from, euros in RATES:
        Rate.objects.get_or_create(
            purpose=purpose,
            valid_from=valid_from,
            defaults={"euros": euros, "source": PRICE_LIST},
        )


def set_group_rights() -> None:
    """Give each of the five groups exactly its rights."""
    for label in ("admin", "auth", "subscribers", "campaigns"):
        create_permissions(apps.get_app_config(label), verbosity=0)
    for name, rights in RIGHTS.items():
        group, _made = Group.objects.get_or_create(name=name)
        wanted = Q()
        for right in rights:
            app, codename = right.split(".")
            wanted |= Q(content_type__app_label=app, codename=codename)
        group.permissions.set(Permission.objects.filter(wanted))
