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


class Hands:
    """Somebody's hands on a page; they count what they do, as docs/acts.md counts."""

    def __init__(self, page):
        self.page, self.acts = page, 0

    def click(self, name):
        self.acts += 1
        self.page.locator("main").get_by_role("link", name=name).or_(
            self.page.locator("main").get_by_role("button", name=name)
        ).first.click()

    def tap(self, selector):
        self.acts += 1
        self.page.locator(selector).click()

    def go(self, name):
        """Follow the menu."""
        self.acts += 1
        self.page.locator(".desk-nav").get_by_role("link", name=name, exact=True).click()

    def write(self, field, text):
        self.acts += 1
        self.page.locator(field).fill(text)

    def enter(self, field, text):
        """Write and finish with Enter, without leaving the keyboard."""
        self.write(field, text)
        self.page.keyboard.press("Enter")

    def write_on(self, texts):
        """Write into the field that has the focus and those after it, never leaving the keys."""
        self.acts += 1
        for text in texts:
            self.page.keyboard.type(text)
            self.page.keyboard.press("Enter")

    def press(self, key):
        self.acts += 1
        self.page.keyboard.press(key)


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
