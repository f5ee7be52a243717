"""Addresses of the desk, and what posting to them needs."""

from django.urls import reverse

from campaigns.models import Category
from campaigns.models.media import HeaderKind

LIST = "admin:campaigns_broadcast_changelist"


def page(broadcast):
    return reverse("admin:campaigns_broadcast_change", args=[broadcast.pk])


def edit(broadcast):
    return reverse("admin:campaigns_broadcast_edit", args=[broadcast.pk])


def do(broadcast, verb):
    return reverse("admin:campaigns_broadcast_do", args=[broadcast.pk, verb])


def writing(slug="presseschau"):
    return reverse("admin:campaigns_broadcast_write", args=[slug])


def press_review():
    return reverse("admin:campaigns_press_write", args=["presseschau"])


def form(slug="presseschau", **changes):
    """A finished form of a category; changes name values of the template or other fields."""
    template = Category.objects.get(pk=slug).template
    data = {f"value-{value['name']}": value["example"] for value in template.values}
    if template.header == HeaderKind.IMAGE:
        data["alt"] = "Eine Weiche im Schnee"
    for name, text in changes.items():
        data[f"value-{name}" if name in template.value_names else name] = text
    return {"when": "at_once", "action": "save", **data}


def said(response):
    """The messages that the next page shows."""
    return [str(message) for message in response.context["messages"]]
