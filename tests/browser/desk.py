"""What tests look at in a browser, and how: sizes, addresses, somebody who has signed in."""

from axe_playwright_python.sync_playwright import Axe
from django.test import Client

DESKTOP = {"width": 1400, "height": 900}
HANDSET = {"width": 390, "height": 844}
LOOKS = [(size, theme) for size in (DESKTOP, HANDSET) for theme in ("light", "dark")]
WRITE = "/admin/campaigns/broadcast/add"
SETTLED = """() => document.getAnimations()
    .filter((one) => one instanceof CSSTransition).forEach((one) => one.finish())"""
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


def unsound(page, looks=LOOKS):
    """Return what is wrong with a page as it stands there, in some of the sizes and themes.

    Colours that fade from one theme to the other are measured where they end.
    axe styles what it measures, which our policy forbids: open the page with bypass_csp.
    """
    found = []
    for size, theme in looks:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme)
        page.evaluate(SETTLED)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        wrong = [f"{over} pixels too wide"] if over > 0 else []
        violations = Axe().run(page).response["violations"]
        wrong += [f"{one['id']}: {one['nodes'][0]['html']}" for one in violations]
        found += [f"{size['width']} {theme}: {one}" for one in wrong]
    return found
