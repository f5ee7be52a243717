"""Pages that ask why before they show something, as tests pass them."""

from django.urls import reverse
from django.utils.http import urlencode

WHY = "Regular check"


def look(client, address, *, about):
    """Say why, and then look."""
    query = urlencode({"about": about, "next": address})
    asked = reverse("admin:subscribers_accessevent_reason")
    return client.post(f"{asked}?{query}", {"reason": WHY}, follow=True)
