"""What tests look at in a browser, and how: sizes, addresses, somebody who has signed in."""

from django.test import Client

DESKTOP = {"width": 1400, "height": 900}
HANDSET = {"width": 390, "height": 844}
WRITE = "/admin/campaigns/broadcast/add"
HEADLINE = "TA: Die Linie 3 fährt *wieder*"


def signed_in(user, url):
    """Return the cookie of somebody who has signed in."""
    client = Client()
    client.force_login(user)
    [(name, cookie)] = client.cookies.items()
    return {"name": name, "value": cookie.value, "url": url}


def is_error(said):
    return said.type == "error"


def is_refused(said):
    """Whether a page was told that its policy forbids something."""
    return "Policy" in said.text
